/** String.prototype.replace and replaceAll with a function, and what RegExp.prototype[Symbol.replace] does with one. */
import {
  type Callback,
  type List,
  isObject,
  lengthOf,
  methodOf,
  native,
  push,
  set,
  toInteger,
  toLength,
  toString,
} from "./intrinsics.ts";
import { exec, indexOf, isRegExp, replaceSymbol, substring, isUnicode, codeUnits } from "./text.ts";

const { apply } = Reflect;
const { replace, replaceAll } = String.prototype;
const replaceOfRegExp = RegExp.prototype[Symbol.replace];

export const string = {
  "String.replace"(target: unknown, pattern: unknown, f: Callback): unknown {
    if (typeof f !== "function" || target === null || target === undefined)
      return native(replace, target, [pattern, f]);
    if (isObject(pattern)) {
      const method = methodOf(pattern, replaceSymbol, "pattern[Symbol.replace] is not a function");
      if (method === (replaceOfRegExp as unknown)) return replaceMatches(pattern as RegExp, toString(target), f);
      if (method !== undefined) return apply(method, pattern, [target, f]);
    }
    const text = toString(target);
    const wanted = toString(pattern);
    const at = indexOf(text, wanted, 0);
    if (at < 0) return text;
    const given = f(wanted, at, text);
    return substring(text, 0, at) + toString(given) + substring(text, at + wanted.length, text.length);
  },

  "String.replaceAll"(target: unknown, pattern: unknown, f: Callback): unknown {
    if (typeof f !== "function" || target === null || target === undefined)
      return native(replaceAll, target, [pattern, f]);
    if (isObject(pattern)) {
      if (isRegExp(pattern)) {
        const { flags } = pattern as RegExp;
        if (flags === undefined || flags === null || indexOf(toString(flags), "g", 0) < 0)
          throw new TypeError("String.prototype.replaceAll called with a non-global RegExp argument");
      }
      const method = methodOf(pattern, replaceSymbol, "pattern[Symbol.replace] is not a function");
      if (method === (replaceOfRegExp as unknown)) return replaceMatches(pattern as RegExp, toString(target), f);
      if (method !== undefined) return apply(method, pattern, [target, f]);
    }
    const text = toString(target);
    const wanted = toString(pattern);
    const by = wanted.length > 1 ? wanted.length : 1;
    // All places are found before the first is replaced.
    const places: number[] = [];
    for (let at = indexOf(text, wanted, 0); at >= 0; at = indexOf(text, wanted, at + by)) push(places, at);
    let out = "";
    let end = 0;
    for (let i = 0; i < places.length; i++) {
      const at = places[i]!;
      const given = f(wanted, at, text);
      out += substring(text, end, at) + toString(given);
      end = at + wanted.length;
    }
    return end < text.length ? out + substring(text, end, text.length) : out;
  },
};

/** RegExp.prototype[Symbol.replace] with a function: all matches first, then the calls. */
function replaceMatches(pattern: RegExp, text: string, f: Callback): string {
  const flags = toString(pattern.flags);
  const global = indexOf(flags, "g", 0) >= 0;
  const unicode = isUnicode(flags);
  if (global) set(pattern, "lastIndex", 0);
  const results: List[] = [];
  for (;;) {
    const own = pattern.exec as unknown;
    let result: unknown;
    if (typeof own === "function") {
      result = apply(own, pattern, [text]);
      if (!isObject(result) && result !== null)
        throw new TypeError("RegExp exec method returned something other than an Object or null");
    } else result = exec(pattern, text);
    if (result === null) break;
    push(results, result);
    if (!global) break;
    const matched = toString((result as List)[0]);
    if (matched === "") {
      const at = toLength(pattern.lastIndex);
      set(pattern, "lastIndex", at + (unicode ? codeUnits(text, at) : 1));
    }
  }
  let out = "";
  let end = 0;
  for (let i = 0; i < results.length; i++) {
    const result = results[i]!;
    const captures = lengthOf(result) - 1;
    const matched = toString(result[0]);
    const index = toInteger((result as unknown as { index: unknown }).index);
    const at = index < 0 ? 0 : index > text.length ? text.length : index;
    const args: unknown[] = [];
    push(args, matched);
    for (let n = 1; n <= captures; n++) {
      const c = result[n];
      push(args, c === undefined ? c : toString(c));
    }
    const groups = (result as unknown as { groups: unknown }).groups;
    push(args, at);
    push(args, text);
    if (groups !== undefined) push(args, groups);
    const given = toString(apply(f, undefined, args));
    if (at >= end) {
      out += substring(text, end, at) + given;
      end = at + matched.length;
    }
  }
  return end >= text.length ? out : out + substring(text, end, text.length);
}
