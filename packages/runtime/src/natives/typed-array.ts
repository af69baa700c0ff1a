/**
 * The callback methods of %TypedArray%.prototype, and %TypedArray%.from, by the ECMAScript specification. A receiver that
 * is none, is detached or is empty is left to the native function: it calls nothing back.
 */
import {
  ABSENT,
  type Callback,
  type Constructor,
  type List,
  isConstructor,
  isObject,
  iteratorSymbol,
  lengthOf,
  methodOf,
  native,
  none,
  push,
  set,
  toNumber,
  toObject,
} from "./intrinsics.ts";
import { createTyped, typedLength, typedSpecies } from "./typed.ts";

const { apply } = Reflect;
const TypedArray = Object.getPrototypeOf(Uint8Array) as Uint8ArrayConstructor;
const own = TypedArray.prototype;
const { forEach, map, filter, some, every, find, findIndex, findLast, findLastIndex, reduce, reduceRight } = own;
const { sort, toSorted } = own;
const { from } = TypedArray;

export const typedArray = {
  "TypedArray.forEach"(target: List, f: Callback, self: unknown): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof f !== "function") return native(forEach, target, [f]);
    for (let i = 0; i < n; i++) {
      if (self === undefined) f(target[i], i, target);
      else apply(f, self, [target[i], i, target]);
    }
    return undefined;
  },

  "TypedArray.map"(target: List, f: Callback, self: unknown): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof f !== "function") return native(map, target, [f]);
    // Numbers for an array of BigInts are found out when the first is stored, as engines do.
    const out = createTyped(typedSpecies(target), n, null);
    for (let i = 0; i < n; i++) {
      const v = self === undefined ? f(target[i], i, target) : apply(f, self, [target[i], i, target]);
      set(out, i, v);
    }
    return out;
  },

  "TypedArray.filter"(target: List, f: Callback, self: unknown): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof f !== "function") return native(filter, target, [f]);
    const kept: unknown[] = [];
    for (let i = 0; i < n; i++) {
      const v = target[i];
      if (self === undefined ? f(v, i, target) : apply(f, self, [v, i, target])) push(kept, v);
    }
    const out = createTyped(typedSpecies(target), kept.length, target);
    for (let i = 0; i < kept.length; i++) set(out, i, kept[i]);
    return out;
  },

  "TypedArray.some"(target: List, f: Callback, self: unknown): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof f !== "function") return native(some, target, [f]);
    for (let i = 0; i < n; i++) {
      if (self === undefined ? f(target[i], i, target) : apply(f, self, [target[i], i, target])) return true;
    }
    return false;
  },

  "TypedArray.every"(target: List, f: Callback, self: unknown): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof f !== "function") return native(every, target, [f]);
    for (let i = 0; i < n; i++) {
      if (!(self === undefined ? f(target[i], i, target) : apply(f, self, [target[i], i, target]))) return false;
    }
    return true;
  },

  "TypedArray.find"(target: List, f: Callback, self: unknown): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof f !== "function") return native(find, target, [f]);
    for (let i = 0; i < n; i++) {
      const v = target[i];
      if (self === undefined ? f(v, i, target) : apply(f, self, [v, i, target])) return v;
    }
    return undefined;
  },

  "TypedArray.findIndex"(target: List, f: Callback, self: unknown): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof f !== "function") return native(findIndex, target, [f]);
    for (let i = 0; i < n; i++) {
      if (self === undefined ? f(target[i], i, target) : apply(f, self, [target[i], i, target])) return i;
    }
    return -1;
  },

  "TypedArray.findLast"(target: List, f: Callback, self: unknown): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof f !== "function") return native(findLast, target, [f]);
    for (let i = n - 1; i >= 0; i--) {
      const v = target[i];
      if (self === undefined ? f(v, i, target) : apply(f, self, [v, i, target])) return v;
    }
    return undefined;
  },

  "TypedArray.findLastIndex"(target: List, f: Callback, self: unknown): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof f !== "function") return native(findLastIndex, target, [f]);
    for (let i = n - 1; i >= 0; i--) {
      if (self === undefined ? f(target[i], i, target) : apply(f, self, [target[i], i, target])) return i;
    }
    return -1;
  },

  "TypedArray.reduce"(target: List, f: Callback, initial: unknown): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof f !== "function") return native(reduce, target, initial === ABSENT ? [f] : [f, initial]);
    let i = 0;
    let value = initial === ABSENT ? target[i++] : initial;
    for (; i < n; i++) value = f(value, target[i], i, target);
    return value;
  },

  "TypedArray.reduceRight"(target: List, f: Callback, initial: unknown): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof f !== "function") return native(reduceRight, target, initial === ABSENT ? [f] : [f, initial]);
    let i = n - 1;
    let value = initial === ABSENT ? target[i--] : initial;
    for (; i >= 0; i--) value = f(value, target[i], i, target);
    return value;
  },

  "TypedArray.sort"(target: List, compare: Callback): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof compare !== "function") return native(sort, target, [compare]);
    const sorted = mergeSort(target, n, compare);
    for (let i = 0; i < n; i++) set(target, i, sorted[i]);
    return target;
  },

  "TypedArray.toSorted"(target: List, compare: Callback): unknown {
    const n = typedLength(target);
    if (n === 0 || typeof compare !== "function") return native(toSorted, target, [compare]);
    const out = native(toSorted, target, none) as List;
    const sorted = mergeSort(target, n, compare);
    for (let i = 0; i < n; i++) set(out, i, sorted[i]);
    return out;
  },

  "TypedArray.from"(target: Constructor, items: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function" || items === null || items === undefined || !isConstructor(target))
      return native(from, target, [items, f]);
    const method = methodOf(items, iteratorSymbol, "object is not a function");
    let o: List;
    if (method === undefined) o = toObject(items);
    else {
      const values: unknown[] = [];
      const iterator = apply(method, items, none) as Iterator<unknown>;
      if (!isObject(iterator)) throw new TypeError("Result of the Symbol.iterator method is not an object");
      const { next } = iterator;
      for (;;) {
        const step = apply(next, iterator, none) as IteratorResult<unknown>;
        if (!isObject(step)) throw new TypeError(`Iterator result ${String(step)} is not an object`);
        if (step.done) break;
        push(values, step.value);
      }
      o = values;
    }
    const n = lengthOf(o);
    const out = createTyped(target, n, null);
    for (let i = 0; i < n; i++) {
      const v = self === undefined ? f(o[i], i) : apply(f, self, [o[i], i]);
      set(out, i, v);
    }
    return out;
  },
};

/** The elements in order: a merge sort from the top, with the comparisons V8 makes. */
function mergeSort(target: List, n: number, f: Callback): unknown[] {
  const from: unknown[] = [];
  const to: unknown[] = [];
  for (let i = 0; i < n; i++) {
    push(from, target[i]);
    push(to, target[i]);
  }
  if (n > 1) sortRange(from, 0, n, to, f);
  return to;
}

/** Sorts a stretch of `source`, which `to` holds a copy of, into `to`. */
function sortRange(source: unknown[], low: number, high: number, to: unknown[], f: Callback): void {
  const middle = low + ((high - low) >> 1);
  // One level down the two change places.
  if (middle - low > 1) sortRange(to, low, middle, source, f);
  if (high - middle > 1) sortRange(to, middle, high, source, f);
  let left = low;
  let right = middle;
  for (let i = low; i < high; i++) {
    if (left < middle && (right >= high || order(f, source[left], source[right]) <= 0)) to[i] = source[left++];
    else to[i] = source[right++];
  }
}

function order(f: Callback, x: unknown, y: unknown): number {
  const v = f(x, y);
  const n = typeof v === "number" ? v : toNumber(v);
  return n !== n ? 0 : n;
}
