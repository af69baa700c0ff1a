/**
 * What the compiled versions of native functions are made of: the engine's own functions, taken when this file loads, so
 * that nothing a program patches later changes them. Nothing here suspends: user code that runs below one of these
 * (a getter, a proxy trap, a species constructor) stands at a barrier, and is told so.
 */
import { b } from "../internal/barrier.ts";

export type Callback = (...args: unknown[]) => unknown;
export type Constructor = new (...args: never[]) => object;
/** An object read by index. */
export interface List {
  readonly length: unknown;
  [index: number]: unknown;
}

const { construct, defineProperty, apply, ownKeys } = Reflect;
export const isArray: (value: unknown) => value is unknown[] = Array.isArray;

export const ArrayOf: ArrayConstructor = Array;
export const iteratorSymbol: typeof Symbol.iterator = Symbol.iterator;
const speciesSymbol: typeof Symbol.species = Symbol.species;

const MAX_LENGTH = 2 ** 53 - 1;

/** Calls the engine's own function: it throws what it always throws, or does what needs no callback. */
export function native(f: Function, target: unknown, args: unknown[]): unknown {
  return b(apply(f, target, args));
}

export function toObject(value: unknown): List {
  if (isObject(value)) return value as List;
  if (value === null || value === undefined) throw new TypeError("Cannot convert undefined or null to object");
  return Object(value) as List;
}

/** ToIntegerOrInfinity. */
export function toInteger(value: unknown): number {
  const n = Math.trunc(toNumber(value));
  return n !== n ? 0 : n + 0;
}

/** A count for `take` and `drop`, which refuse NaN and what is below 0. */
export function toCount(value: unknown): number {
  const n = Math.trunc(toNumber(value));
  return n === 0 ? 0 : n;
}

/** %IteratorHelperPrototype%; a plain iterator's where there is none. */
export const helperPrototype: object = Object.getPrototypeOf([].values().map((x) => x)) as object;

/** ToNumber. */
export function toNumber(value: unknown): number {
  return b(+(value as number));
}

/** ToString. */
export function toString(value: unknown): string {
  return b(typeof value === "string" ? value : `${value as string}`);
}

/** ToLength. */
export function toLength(value: unknown): number {
  const n = toInteger(value);
  return n <= 0 ? 0 : n > MAX_LENGTH ? MAX_LENGTH : n;
}

/** LengthOfArrayLike. */
export function lengthOf(o: List): number {
  const n = o.length;
  return typeof n === "number" && n >>> 0 === n ? n : toLength(n);
}

/** IsConstructor, without a trace: a proxy has [[Construct]] exactly when its target has. */
export function isConstructor(value: unknown): value is Constructor {
  if (typeof value !== "function") return false;
  try {
    return construct(new Proxy(value, probe), []) === made;
  } catch {
    return false;
  }
}
const made: object = {};
const probe: ProxyHandler<Function> = { construct: () => made };

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
export { isObject };

/** The constructor ArraySpeciesCreate uses; `ArrayOf` for a plain array. */
export function arraySpecies(o: List): Constructor | ArrayConstructor {
  if (!isArray(o)) return ArrayOf;
  let c: unknown = (o as { constructor?: unknown }).constructor;
  if (c !== ArrayOf && isForeignArray(c)) return ArrayOf;
  if (isObject(c)) {
    c = (c as { [Symbol.species]?: unknown })[speciesSymbol];
    if (c === null) c = undefined;
  }
  if (c === undefined || c === ArrayOf) return ArrayOf;
  if (!isConstructor(c)) throw new TypeError("object.constructor[Symbol.species] is not a constructor");
  return c;
}

/** Array of another realm: not to be constructed across. */
function isForeignArray(c: unknown): boolean {
  return typeof c === "function" && c.name === "Array" && isForeign(c) && isConstructor(c);
}

function isForeign(c: Function): boolean {
  return nativeText(c) === "function Array() { [native code] }";
}

const functionToString = Function.prototype.toString;
function nativeText(f: Function): string {
  try {
    return apply(functionToString, f, []) as string;
  } catch {
    return "";
  }
}

/** `new c(n)`, where c is `ArrayOf` or user code. */
export function createArray(c: Constructor | ArrayConstructor, n: number): List {
  return c === ArrayOf ? (new ArrayOf(n) as List) : (b(construct(c, [n])) as List);
}

export function createObject(c: Constructor, args: unknown[]): List {
  return b(construct(c, args)) as List;
}

/**
 * CreateDataPropertyOrThrow. `fresh`: an array nobody else has seen, where an ordinary write does the same, unless a
 * prototype has such an index.
 */
export function put(o: List, i: number, value: unknown, fresh: boolean): void {
  if (fresh && !(i in o)) o[i] = value;
  else if (!defineProperty(o, i, { value, writable: true, enumerable: true, configurable: true }))
    throw new TypeError(`Cannot define property ${i}, object is not extensible`);
}

export function push(list: unknown[], value: unknown): void {
  put(list, list.length, value, true);
}

/** A copy of `count` elements of an array of our own. */
export function slice(from: unknown[], at: number, count: number): unknown[] {
  const out: unknown[] = [];
  for (let i = 0; i < count; i++) put(out, i, from[at + i], true);
  return out;
}

/** Moves elements, also within one array; all indices exist. */
export function copy(from: unknown[], at: number, to: unknown[], target: number, count: number): void {
  if (at < target) for (let i = count - 1; i >= 0; i--) to[target + i] = from[at + i];
  else for (let i = 0; i < count; i++) to[target + i] = from[at + i];
}

/** Set(o, key, value, true). */
export function set(o: object, key: PropertyKey, value: unknown): void {
  (o as Record<PropertyKey, unknown>)[key] = value;
}

/** DeletePropertyOrThrow. */
export function remove(o: List, i: number): void {
  delete o[i];
}

/** GetMethod; `words` of the error when it is no function. */
export function methodOf(value: unknown, key: PropertyKey, words: string): Callback | undefined {
  const f = (value as Record<PropertyKey, unknown>)[key];
  if (f === undefined || f === null) return undefined;
  if (typeof f !== "function") throw new TypeError(words);
  return f as Callback;
}

/** What a property read gave, when it is the engine's own function of that name; else something no value is equal to. */
export function intrinsic(f: unknown, name: string): unknown {
  return typeof f === "function" && nativeText(f) === `function ${name}() { [native code] }` ? f : {};
}

/** No arguments, for `apply`. */
export const none: unknown[] = [];

const gather = (...values: unknown[]): unknown[] => values;

/** The arguments that `apply` makes of what is like an array. */
export function listOf(args: unknown): unknown[] {
  return b(apply(gather, undefined, args as unknown[]));
}

/** What stands for an initial value that was not given. */
export const ABSENT: unique symbol = Symbol("no initial value");

/** ToPropertyKey. */
export function toKey(value: unknown): PropertyKey {
  if (typeof value === "string" || typeof value === "symbol") return value;
  const holder = { [b(value as PropertyKey)]: 0 };
  const keys = ownKeys(holder);
  return b(keys[0]!);
}

/** Arrays with fewer elements `sort` sorts by insertion alone, in newer engines: seen by what is compared with what. */
export const SMALL: number = sortsByInsertion() ? 8 : 0;

function sortsByInsertion(): boolean {
  let order = "";
  [3, 1, 2].sort((a, b) => {
    order += `${a}${b} `;
    return a - b;
  });
  return order === "13 23 21 ";
}
