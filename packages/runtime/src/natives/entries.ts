/** Maps, sets and search parameters, read by the engine's own methods. Nothing here suspends. */
import { isObject, put, toObject } from "./intrinsics.ts";

const { apply, defineProperty } = Reflect;
const mapOwn = Map.prototype;
const weakOwn = WeakMap.prototype;
const setOwn = Set.prototype;
const { entries, has, get, set } = mapOwn;
const { has: weakHas, set: weakSet, get: weakGet } = weakOwn;
const { has: setHas, values } = setOwn;
const nextOfMap = (new Map().entries() as Iterator<unknown>).next;
const nextOfSet = (new Set().values() as Iterator<unknown>).next;
const { keyFor } = Symbol;

const Params = globalThis.URLSearchParams as typeof URLSearchParams | undefined;
const { has: paramsHas, entries: paramsEntries, forEach } = (Params?.prototype ?? {}) as URLSearchParams;
/** undefined where there are none. */
export const paramsForEach: Function | undefined = forEach;
const nextOfParams = Params === undefined ? undefined : (new Params().entries() as Iterator<unknown>).next;

function accepts(f: Function, value: unknown): boolean {
  try {
    apply(f, value, [""]);
    return true;
  } catch {
    return false;
  }
}

export function isMap(value: unknown): value is Map<unknown, unknown> {
  return isObject(value) && accepts(has, value);
}

export function isSet(value: unknown): value is Set<unknown> {
  return isObject(value) && accepts(setHas, value);
}

export function isWeakMap(value: unknown): value is WeakMap<object, unknown> {
  return isObject(value) && accepts(weakHas, value);
}

export function isParams(value: unknown): value is URLSearchParams {
  return paramsHas !== undefined && isObject(value) && accepts(paramsHas, value);
}

/** A live cursor over a map's entries; `null` at the end. */
export interface Cursor {
  readonly iterator: unknown;
  readonly next: Function;
}

export function cursorOfMap(map: unknown): Cursor {
  return { iterator: apply(entries, map, []), next: nextOfMap };
}

export function cursorOfSet(of: unknown): Cursor {
  return { iterator: apply(values, of, []), next: nextOfSet };
}

export function cursorOfParams(params: unknown): Cursor {
  return { iterator: apply(paramsEntries, params, []), next: nextOfParams! };
}

export function advance(cursor: Cursor): { value: unknown } | null {
  const r = apply(cursor.next, cursor.iterator, []) as IteratorResult<unknown>;
  return r.done === true ? null : r;
}

/** Whether a map or weak map has a key, and what. */
export function lookUp(map: object, key: unknown, weak: boolean): { value: unknown } | null {
  return apply(weak ? weakHas : has, map, [key]) === true ? { value: apply(weak ? weakGet : get, map, [key]) } : null;
}

export function store(map: object, key: unknown, value: unknown, weak: boolean): void {
  apply(weak ? weakSet : set, map, [key, value]);
}

export function canBeHeldWeakly(value: unknown): boolean {
  return isObject(value) || (typeof value === "symbol" && keyFor(value) === undefined);
}

export function emptyMap(): Map<unknown, unknown> {
  return new Map();
}

export function emptyObject(): Record<PropertyKey, unknown[]> {
  return { __proto__: null } as never;
}

/** Adds to the group of a key of an object without prototype. */
export function addToObject(groups: Record<PropertyKey, unknown[]>, key: PropertyKey, value: unknown): void {
  const group = groups[key];
  if (group === undefined)
    defineProperty(groups, key, { value: [value], writable: true, enumerable: true, configurable: true });
  else put(toObject(group), group.length, value, true);
}

export function addToMap(groups: Map<unknown, unknown>, key: unknown, value: unknown): void {
  const group = apply(get, groups, [key]) as unknown[] | undefined;
  if (group === undefined) apply(set, groups, [key, [value]]);
  else put(toObject(group), group.length, value, true);
}
