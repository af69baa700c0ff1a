/** forEach of Map, Set and URLSearchParams; getOrInsertComputed; Object.groupBy and Map.groupBy. */
import {
  addToMap,
  addToObject,
  advance,
  canBeHeldWeakly,
  cursorOfMap,
  cursorOfParams,
  cursorOfSet,
  emptyMap,
  emptyObject,
  isMap,
  isParams,
  isSet,
  isWeakMap,
  lookUp,
  paramsForEach,
  store,
} from "./entries.ts";
import { type Callback, isObject, iteratorSymbol, methodOf, native, none, toKey } from "./intrinsics.ts";
import { closeIterator, step } from "./iterator.js";

const { apply } = Reflect;
const { forEach: mapForEach } = Map.prototype;
const { forEach: setForEach } = Set.prototype;

const { groupBy: groupObject } = Object;
const { groupBy: groupMap } = Map;
interface Computing {
  getOrInsertComputed: Callback;
}
const { getOrInsertComputed: mapComputed } = Map.prototype as unknown as Computing;
const { getOrInsertComputed: weakComputed } = WeakMap.prototype as unknown as Computing;

export const collection = {
  "Map.forEach"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function" || !isMap(target)) return native(mapForEach, target, [f]);
    const cursor = cursorOfMap(target);
    for (let r = advance(cursor); r !== null; r = advance(cursor)) {
      const pair = r.value as [unknown, unknown];
      if (self === undefined) f(pair[1], pair[0], target);
      else apply(f, self, [pair[1], pair[0], target]);
    }
    return undefined;
  },

  "Set.forEach"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function" || !isSet(target)) return native(setForEach, target, [f]);
    const cursor = cursorOfSet(target);
    for (let r = advance(cursor); r !== null; r = advance(cursor)) {
      const { value } = r;
      if (self === undefined) f(value, value, target);
      else apply(f, self, [value, value, target]);
    }
    return undefined;
  },

  "URLSearchParams.forEach"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function" || !isParams(target)) return native(paramsForEach!, target, [f]);
    const cursor = cursorOfParams(target);
    for (let r = advance(cursor); r !== null; r = advance(cursor)) {
      const pair = r.value as [string, string];
      apply(f, self, [pair[1], pair[0], target]);
    }
    return undefined;
  },

  "Map.getOrInsertComputed"(target: unknown, key: unknown, f: Callback): unknown {
    if (typeof f !== "function" || !isMap(target)) return native(mapComputed, target, [key, f]);
    const k = key === 0 ? 0 : key;
    const found = lookUp(target, k, false);
    if (found !== null) return found.value;
    const value = f(k);
    store(target, k, value, false);
    return value;
  },

  "WeakMap.getOrInsertComputed"(target: unknown, key: unknown, f: Callback): unknown {
    if (typeof f !== "function" || !isWeakMap(target) || !canBeHeldWeakly(key))
      return native(weakComputed, target, [key, f]);
    const found = lookUp(target, key, true);
    if (found !== null) return found.value;
    const value = f(key);
    store(target, key, value, true);
    return value;
  },

  "Object.groupBy"(target: unknown, items: unknown, f: Callback): unknown {
    if (typeof f !== "function" || items === null || items === undefined)
      return native(groupObject, target, [items, f]);
    const groups = emptyObject();
    const source = iterate(items);
    const { next } = source;
    for (let k = 0; ; k++) {
      const r = step(next, source);
      if (r.done) return groups;
      const { value } = r;
      let ok = false;
      try {
        const key = toKey(f(value, k));
        ok = true;
        addToObject(groups, key, value);
      } finally {
        if (!ok) closeIterator(source);
      }
    }
  },

  "Map.groupBy"(target: unknown, items: unknown, f: Callback): unknown {
    if (typeof f !== "function" || items === null || items === undefined) return native(groupMap, target, [items, f]);
    const groups = emptyMap();
    const source = iterate(items);
    const { next } = source;
    for (let k = 0; ; k++) {
      const r = step(next, source);
      if (r.done) return groups;
      const { value } = r;
      let ok = false;
      try {
        const key = f(value, k);
        ok = true;
        addToMap(groups, key, value);
      } finally {
        if (!ok) closeIterator(source);
      }
    }
  },
};

function iterate(items: unknown): Iterator<unknown> {
  const method = methodOf(items, iteratorSymbol, "items[Symbol.iterator] is not a function");
  if (method === undefined) throw new TypeError(`${typeof items} is not iterable`);
  const iterator = apply(method, items, none) as Iterator<unknown>;
  if (!isObject(iterator)) throw new TypeError("Result of the Symbol.iterator method is not an object");
  return iterator;
}
