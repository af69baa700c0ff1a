/**
 * The callback methods of Array.prototype, and Array.from, by the ECMAScript specification. Compiled by Gort's own
 * compiler, so that a goroutine may be suspended in the callback. The receiver is the first parameter.
 */
import {
  ABSENT,
  type Callback,
  type Constructor,
  SMALL,
  ArrayOf,
  arraySpecies,
  createArray,
  createObject,
  isArray,
  isConstructor,
  isObject,
  iteratorSymbol,
  lengthOf,
  methodOf,
  native,
  none,
  push,
  put,
  remove,
  set,
  toObject,
} from "./intrinsics.ts";
import { closeIterator } from "./iterator.js";
import { timSort } from "./timsort.js";

const { apply } = Reflect;
const own = Array.prototype;
const { forEach, map, filter, some, every, find, findIndex, findLast, findLastIndex } = own;
const { reduce, reduceRight, flatMap, sort, toSorted } = own;
const { from } = Array;

const NOT_ITERABLE =
  "%Array%.from requires that the property of the first argument, items[Symbol.iterator], when exists, be a function";

export const array = {
  "Array.forEach"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function") return native(forEach, target, [f]);
    const o = toObject(target);
    const n = lengthOf(o);
    for (let i = 0; i < n; i++) {
      if (i in o) {
        if (self === undefined) f(o[i], i, o);
        else apply(f, self, [o[i], i, o]);
      }
    }
    return undefined;
  },

  "Array.map"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function") return native(map, target, [f]);
    const o = toObject(target);
    const n = lengthOf(o);
    const c = arraySpecies(o);
    const out = createArray(c, n);
    for (let i = 0; i < n; i++) {
      if (i in o) {
        const v = self === undefined ? f(o[i], i, o) : apply(f, self, [o[i], i, o]);
        put(out, i, v, c === ArrayOf);
      }
    }
    return out;
  },

  "Array.filter"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function") return native(filter, target, [f]);
    const o = toObject(target);
    const n = lengthOf(o);
    const c = arraySpecies(o);
    const out = createArray(c, 0);
    let k = 0;
    for (let i = 0; i < n; i++) {
      if (i in o) {
        const v = o[i];
        if (self === undefined ? f(v, i, o) : apply(f, self, [v, i, o])) put(out, k++, v, c === ArrayOf);
      }
    }
    return out;
  },

  "Array.some"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function") return native(some, target, [f]);
    const o = toObject(target);
    const n = lengthOf(o);
    for (let i = 0; i < n; i++) {
      if (i in o && (self === undefined ? f(o[i], i, o) : apply(f, self, [o[i], i, o]))) return true;
    }
    return false;
  },

  "Array.every"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function") return native(every, target, [f]);
    const o = toObject(target);
    const n = lengthOf(o);
    for (let i = 0; i < n; i++) {
      if (i in o && !(self === undefined ? f(o[i], i, o) : apply(f, self, [o[i], i, o]))) return false;
    }
    return true;
  },

  "Array.find"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function") return native(find, target, [f]);
    const o = toObject(target);
    const n = lengthOf(o);
    for (let i = 0; i < n; i++) {
      const v = o[i];
      if (self === undefined ? f(v, i, o) : apply(f, self, [v, i, o])) return v;
    }
    return undefined;
  },

  "Array.findIndex"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function") return native(findIndex, target, [f]);
    const o = toObject(target);
    const n = lengthOf(o);
    for (let i = 0; i < n; i++) {
      if (self === undefined ? f(o[i], i, o) : apply(f, self, [o[i], i, o])) return i;
    }
    return -1;
  },

  "Array.findLast"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function") return native(findLast, target, [f]);
    const o = toObject(target);
    for (let i = lengthOf(o) - 1; i >= 0; i--) {
      const v = o[i];
      if (self === undefined ? f(v, i, o) : apply(f, self, [v, i, o])) return v;
    }
    return undefined;
  },

  "Array.findLastIndex"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function") return native(findLastIndex, target, [f]);
    const o = toObject(target);
    for (let i = lengthOf(o) - 1; i >= 0; i--) {
      if (self === undefined ? f(o[i], i, o) : apply(f, self, [o[i], i, o])) return i;
    }
    return -1;
  },

  "Array.reduce"(target: unknown, f: Callback, initial: unknown): unknown {
    if (typeof f !== "function") return native(reduce, target, [f]);
    const o = toObject(target);
    const n = lengthOf(o);
    let i = 0;
    let value = initial;
    if (value === ABSENT) {
      while (i < n && !(i in o)) i++;
      if (i >= n) throw new TypeError("Reduce of empty array with no initial value");
      value = o[i++];
    }
    for (; i < n; i++) if (i in o) value = f(value, o[i], i, o);
    return value;
  },

  "Array.reduceRight"(target: unknown, f: Callback, initial: unknown): unknown {
    if (typeof f !== "function") return native(reduceRight, target, [f]);
    const o = toObject(target);
    let i = lengthOf(o) - 1;
    let value = initial;
    if (value === ABSENT) {
      while (i >= 0 && !(i in o)) i--;
      if (i < 0) throw new TypeError("Reduce of empty array with no initial value");
      value = o[i--];
    }
    for (; i >= 0; i--) if (i in o) value = f(value, o[i], i, o);
    return value;
  },

  "Array.flatMap"(target: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function") return native(flatMap, target, [f]);
    const o = toObject(target);
    const n = lengthOf(o);
    const c = arraySpecies(o);
    const out = createArray(c, 0);
    let k = 0;
    for (let i = 0; i < n; i++) {
      if (i in o) {
        const v = self === undefined ? f(o[i], i, o) : apply(f, self, [o[i], i, o]);
        if (isArray(v)) {
          const m = lengthOf(v);
          for (let j = 0; j < m; j++) if (j in v) put(out, k++, v[j], c === ArrayOf);
        } else put(out, k++, v, c === ArrayOf);
      }
    }
    return out;
  },

  "Array.sort"(target: unknown, compare: Callback): unknown {
    if (typeof compare !== "function") return native(sort, target, [compare]);
    const o = toObject(target);
    const n = lengthOf(o);
    const values: unknown[] = [];
    let missing = 0;
    for (let i = 0; i < n; i++) {
      if (i in o) {
        const v = o[i];
        if (v === undefined) missing++;
        else push(values, v);
      }
    }
    timSort(values, compare, SMALL);
    let i = 0;
    for (; i < values.length; i++) set(o, i, values[i]);
    for (; missing > 0; missing--) set(o, i++, undefined);
    for (; i < n; i++) remove(o, i);
    return o;
  },

  "Array.toSorted"(target: unknown, compare: Callback): unknown {
    if (typeof compare !== "function") return native(toSorted, target, [compare]);
    const o = toObject(target);
    const n = lengthOf(o);
    const out = createArray(ArrayOf, n);
    const values: unknown[] = [];
    for (let i = 0; i < n; i++) {
      const v = o[i];
      if (v !== undefined) push(values, v);
    }
    timSort(values, compare, 0);
    for (let i = 0; i < n; i++) put(out, i, i < values.length ? values[i] : undefined, true);
    return out;
  },

  "Array.from"(target: unknown, items: unknown, f: Callback, self: unknown): unknown {
    if (typeof f !== "function" || items === null || items === undefined) return native(from, target, [items, f]);
    const isOther = target !== ArrayOf && isConstructor(target);
    const method = methodOf(items, iteratorSymbol, NOT_ITERABLE);
    if (method === undefined) {
      const o = toObject(items);
      const n = lengthOf(o);
      const out = isOther ? createObject(target, [n]) : createArray(ArrayOf, n);
      for (let i = 0; i < n; i++) {
        const v = self === undefined ? f(o[i], i) : apply(f, self, [o[i], i]);
        put(out, i, v, !isOther);
      }
      set(out, "length", n);
      return out;
    }
    const out = isOther ? createObject(target as Constructor, none) : createArray(ArrayOf, 0);
    const iterator = apply(method, items, none) as Iterator<unknown>;
    if (!isObject(iterator)) throw new TypeError("Result of the Symbol.iterator method is not an object");
    const { next } = iterator;
    for (let k = 0; ; k++) {
      const step = apply(next, iterator, none) as IteratorResult<unknown>;
      if (!isObject(step)) throw new TypeError(`Iterator result ${String(step)} is not an object`);
      if (step.done) {
        set(out, "length", k);
        return out;
      }
      const given = step.value;
      let ok = false;
      try {
        const v = self === undefined ? f(given, k) : apply(f, self, [given, k]);
        put(out, k, v, !isOther);
        ok = true;
      } finally {
        if (!ok) closeIterator(iterator);
      }
    }
  },
};
