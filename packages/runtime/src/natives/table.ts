/**
 * Which compiled version stands for which native function. A compiled call site reads the method, asks here under its
 * name, and calls the version, the receiver first, if the method is the engine's own; else what it has read.
 *
 *     const f = items.map, n = $N.map(f);
 *     n !== null ? n(items, callback) : f.call(items, callback)
 *
 * A function a program has replaced before this file was loaded is nobody's own, and is called as it is.
 */
import { array } from "./array.js";
import { async } from "./async.js";
import { calls } from "./calls.js";
import { collection } from "./collection.js";
import { paramsForEach } from "./entries.ts";
import { ABSENT, ArrayOf, arraySpecies, createArray, intrinsic, isArray, lengthOf, put } from "./intrinsics.ts";
import { iterator } from "./iterator.js";
import { lazy } from "./lazy.js";
import { runInAsyncScope, runInAsyncScopeOf } from "./scope.ts";
import { exitOf, runOf } from "./storage.ts";
import { string } from "./string.js";
import { typedArray } from "./typed-array.js";
import { register } from "./versions.ts";

/** A compiled version, or `null` for any other function. */
type Find = (f: unknown) => Function | null;

type Pair = readonly [native: unknown, version: Function];
const absent: Pair = [{}, Function];

/** Asks for up to three functions, then the rest: comparisons with constants, no look-up. */
function find(a: Pair, b: Pair = absent, c: Pair = absent, rest: Find | null = null): Find {
  const [nativeA, versionA] = a;
  const [nativeB, versionB] = b;
  const [nativeC, versionC] = c;
  return (f) =>
    f === nativeA ? versionA : f === nativeB ? versionB : f === nativeC ? versionC : rest === null ? null : rest(f);
}

function own(of: object | undefined, name: string, version: Function): Pair {
  const native = intrinsic((of as Record<string, unknown> | undefined)?.[name], name);
  register(native, version, name === "reduce" || name === "reduceRight");
  return [native, version];
}

const ofArray = (name: keyof typeof Array.prototype & string, version: Function): Pair =>
  own(Array.prototype, name, version);
const TypedArray = Object.getPrototypeOf(Uint8Array) as { prototype: object };
const ofTyped = (name: string, version: Function): Pair => own(TypedArray.prototype, name, version);
const ofIterator = (name: string, version: Function): Pair => own(Iterator.prototype, name, version);

/** Node's own functions are written in JavaScript: they are known by being there. */
const params: Pair = [paramsForEach ?? {}, collection["URLSearchParams.forEach"]];

const { forEach, map, filter, some, every, find: findFirst, findIndex, reduce } = Array.prototype;
const loops = { forEach, map, filter, some, every, find: findFirst, findIndex, reduce };

export const natives: Record<string, unknown> = {
  /** Passed where a call gives no initial value. */
  ABSENT,
  /** For loops in place: the engine's own methods of arrays, and the specification's steps. */
  own: Object.fromEntries(Object.entries(loops).map(([name, f]) => [name, intrinsic(f, name)])),
  isArray,
  lengthOf,
  arraySpecies,
  createArray,
  ArrayOf,
  put,
  forEach: find(
    ofArray("forEach", array["Array.forEach"]),
    own(Map.prototype, "forEach", collection["Map.forEach"]),
    own(Set.prototype, "forEach", collection["Set.forEach"]),
    find(
      ofTyped("forEach", typedArray["TypedArray.forEach"]),
      ofIterator("forEach", iterator["Iterator.forEach"]),
      params,
    ),
  ),
  map: find(
    ofArray("map", array["Array.map"]),
    ofTyped("map", typedArray["TypedArray.map"]),
    ofIterator("map", lazy.map),
  ),
  filter: find(
    ofArray("filter", array["Array.filter"]),
    ofTyped("filter", typedArray["TypedArray.filter"]),
    ofIterator("filter", lazy.filter),
  ),
  some: find(
    ofArray("some", array["Array.some"]),
    ofTyped("some", typedArray["TypedArray.some"]),
    ofIterator("some", iterator["Iterator.some"]),
  ),
  every: find(
    ofArray("every", array["Array.every"]),
    ofTyped("every", typedArray["TypedArray.every"]),
    ofIterator("every", iterator["Iterator.every"]),
  ),
  find: find(
    ofArray("find", array["Array.find"]),
    ofTyped("find", typedArray["TypedArray.find"]),
    ofIterator("find", iterator["Iterator.find"]),
  ),
  findIndex: find(
    ofArray("findIndex", array["Array.findIndex"]),
    ofTyped("findIndex", typedArray["TypedArray.findIndex"]),
  ),
  findLast: find(ofArray("findLast", array["Array.findLast"]), ofTyped("findLast", typedArray["TypedArray.findLast"])),
  findLastIndex: find(
    ofArray("findLastIndex", array["Array.findLastIndex"]),
    ofTyped("findLastIndex", typedArray["TypedArray.findLastIndex"]),
  ),
  reduce: find(
    ofArray("reduce", array["Array.reduce"]),
    ofTyped("reduce", typedArray["TypedArray.reduce"]),
    ofIterator("reduce", iterator["Iterator.reduce"]),
  ),
  reduceRight: find(
    ofArray("reduceRight", array["Array.reduceRight"]),
    ofTyped("reduceRight", typedArray["TypedArray.reduceRight"]),
  ),
  flatMap: find(ofArray("flatMap", array["Array.flatMap"]), ofIterator("flatMap", lazy.flatMap)),
  sort: find(ofArray("sort", array["Array.sort"]), ofTyped("sort", typedArray["TypedArray.sort"])),
  toSorted: find(ofArray("toSorted", array["Array.toSorted"]), ofTyped("toSorted", typedArray["TypedArray.toSorted"])),
  from: find(own(Array, "from", array["Array.from"]), own(TypedArray, "from", typedArray["TypedArray.from"])),
  groupBy: find(own(Object, "groupBy", collection["Object.groupBy"]), own(Map, "groupBy", collection["Map.groupBy"])),
  getOrInsertComputed: find(
    own(Map.prototype, "getOrInsertComputed", collection["Map.getOrInsertComputed"]),
    own(WeakMap.prototype, "getOrInsertComputed", collection["WeakMap.getOrInsertComputed"]),
  ),
  replace: find(own(String.prototype, "replace", string["String.replace"])),
  replaceAll: find(own(String.prototype, "replaceAll", string["String.replaceAll"])),
  call: find(own(Function.prototype, "call", calls["Function.call"])),
  apply: find(own(Function.prototype, "apply", calls["Function.apply"]), [
    intrinsic(Reflect.apply, "apply"),
    calls["Reflect.apply"],
  ]),
  runInAsyncScope: find([runInAsyncScopeOf, runInAsyncScope]),
  run: find([runOf, async["AsyncLocalStorage.run"]]),
  exit: find([exitOf, async["AsyncLocalStorage.exit"]]),
};
