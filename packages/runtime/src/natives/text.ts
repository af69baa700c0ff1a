/** Strings and patterns, read by the engine's own methods. Nothing here suspends. */
const { apply } = Reflect;
const own = String.prototype;
const { indexOf: ownIndexOf, substring: ownSubstring, codePointAt } = own;
const { exec: ownExec } = RegExp.prototype;
const readSource = Object.getOwnPropertyDescriptor(RegExp.prototype, "source")!.get!;

export const replaceSymbol: typeof Symbol.replace = Symbol.replace;
const matchSymbol: typeof Symbol.match = Symbol.match;

export function indexOf(text: string, wanted: string, from: number): number {
  return from > text.length ? -1 : (apply(ownIndexOf, text, [wanted, from]) as number);
}

export function substring(text: string, from: number, to: number): string {
  return apply(ownSubstring, text, [from, to]) as string;
}

export function exec(pattern: RegExp, text: string): unknown {
  return apply(ownExec, pattern, [text]);
}

/** IsRegExp. */
export function isRegExp(value: object): boolean {
  const matcher = (value as { [Symbol.match]?: unknown })[matchSymbol];
  if (matcher !== undefined) return Boolean(matcher);
  try {
    apply(readSource, value, []);
    return value !== RegExp.prototype;
  } catch {
    return false;
  }
}

export function isUnicode(flags: string): boolean {
  return indexOf(flags, "u", 0) >= 0 || indexOf(flags, "v", 0) >= 0;
}

/** How many code units the character at `at` takes. */
export function codeUnits(text: string, at: number): number {
  const c = apply(codePointAt, text, [at]) as number | undefined;
  return c !== undefined && c > 0xffff ? 2 : 1;
}
