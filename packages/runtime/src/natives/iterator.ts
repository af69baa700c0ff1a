/**
 * The methods of Iterator.prototype that run an iterator to its end: the callback may suspend, and so may `next`, where
 * it is compiled code. The lazy ones: lazy.ts.
 */
import { ABSENT, type Callback, isObject, native, none, push } from "./intrinsics.ts";

const { apply } = Reflect;
const own = Iterator.prototype;
const { forEach, some, every, find, reduce, toArray } = own;

/** IteratorClose after an exception: that one wins. */
export function closeIterator(iterator: Iterator<unknown>): void {
  try {
    const f = iterator.return;
    if (f !== undefined && f !== null) apply(f, iterator, none);
  } catch {
    // The pending exception is thrown on by the caller.
  }
}

/** IteratorClose after a value was found. */
export function finish(iterator: Iterator<unknown>): void {
  const f = iterator.return;
  if (f === undefined || f === null) return;
  const result = apply(f, iterator, none);
  if (!isObject(result)) throw new TypeError("return called on non-object");
}

/** The next result, checked. */
export function step(next: Function, iterator: Iterator<unknown>): IteratorResult<unknown> {
  if (typeof next !== "function") throw new TypeError(`${String(next)} is not a function`);
  const result = apply(next, iterator, none) as IteratorResult<unknown>;
  if (!isObject(result)) throw new TypeError(`Iterator result ${String(result)} is not an object`);
  return result;
}

/** What the callback says of one value; the iterator is closed when it throws. */
function ask(f: Callback, iterator: Iterator<unknown>, value: unknown, k: number): unknown {
  let ok = false;
  try {
    const answer = f(value, k);
    ok = true;
    return answer;
  } finally {
    if (!ok) closeIterator(iterator);
  }
}

export const iterator = {
  "Iterator.forEach"(target: Iterator<unknown>, f: Callback): unknown {
    if (typeof f !== "function" || !isObject(target)) return native(forEach, target, [f]);
    const { next } = target;
    for (let k = 0; ; k++) {
      const r = step(next, target);
      if (r.done) return undefined;
      ask(f, target, r.value, k);
    }
  },

  "Iterator.toArray"(target: Iterator<unknown>): unknown {
    if (!isObject(target)) return native(toArray, target, none);
    const { next } = target;
    const out: unknown[] = [];
    for (;;) {
      const r = step(next, target);
      if (r.done) return out;
      push(out, r.value);
    }
  },

  "Iterator.some"(target: Iterator<unknown>, f: Callback): unknown {
    if (typeof f !== "function" || !isObject(target)) return native(some, target, [f]);
    const { next } = target;
    for (let k = 0; ; k++) {
      const r = step(next, target);
      if (r.done) return false;
      if (ask(f, target, r.value, k)) {
        finish(target);
        return true;
      }
    }
  },

  "Iterator.every"(target: Iterator<unknown>, f: Callback): unknown {
    if (typeof f !== "function" || !isObject(target)) return native(every, target, [f]);
    const { next } = target;
    for (let k = 0; ; k++) {
      const r = step(next, target);
      if (r.done) return true;
      if (!ask(f, target, r.value, k)) {
        finish(target);
        return false;
      }
    }
  },

  "Iterator.find"(target: Iterator<unknown>, f: Callback): unknown {
    if (typeof f !== "function" || !isObject(target)) return native(find, target, [f]);
    const { next } = target;
    for (let k = 0; ; k++) {
      const r = step(next, target);
      if (r.done) return undefined;
      const { value } = r;
      if (ask(f, target, value, k)) {
        finish(target);
        return value;
      }
    }
  },

  "Iterator.reduce"(target: Iterator<unknown>, f: Callback, initial: unknown): unknown {
    if (typeof f !== "function" || !isObject(target)) return native(reduce, target, [f]);
    const { next } = target;
    let value = initial;
    let k = 0;
    if (value === ABSENT) {
      const r = step(next, target);
      if (r.done) throw new TypeError("Reduce of a done iterator with no initial value");
      value = r.value;
      k = 1;
    }
    for (; ; k++) {
      const r = step(next, target);
      if (r.done) return value;
      let ok = false;
      try {
        value = f(value, r.value, k);
        ok = true;
      } finally {
        if (!ok) closeIterator(target);
      }
    }
  },
};
