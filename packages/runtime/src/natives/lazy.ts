/**
 * The lazy methods of Iterator.prototype. A helper made here does what the engine's does, step by step, but its `next` is
 * compiled, and it brings the methods of iterators with it: `for … of` and these may be suspended in it, whatever callback they
 * are given. What drives it natively (a spread, `Array.from`, `new Set`) may not, and is told so when a callback blocks.
 *
 *     a helper ─→ Helper.prototype (next, return) ─→ %IteratorHelperPrototype% ─→ Iterator.prototype
 */
import { END } from "../internal/engine.ts";
import {
  ABSENT,
  type Callback,
  helperPrototype,
  isObject,
  iteratorSymbol,
  methodOf,
  native,
  none,
  toCount,
} from "./intrinsics.ts";
import { closeIterator, finish, iterator, step } from "./iterator.js";

const { apply, setPrototypeOf } = Reflect;
const own = Iterator.prototype;
const { map, filter, flatMap, take, drop } = own;

type Result = IteratorResult<unknown, unknown>;

/** Where a helper is, as a generator would be. */
const START = 0;
const YIELDED = 1;
const RUNNING = 2;
const DONE = 3;

const MAP = 0;
const FILTER = 1;
const FLAT_MAP = 2;
const TAKE = 3;
const DROP = 4;

class Helper {
  readonly #kind: number;
  readonly #source: Iterator<unknown>;
  readonly #next: Function;
  readonly #f: Callback | null;
  #left: number;
  #k: number = 0;
  #inner: Iterator<unknown> | null = null;
  #innerNext: Function | null = null;
  #state: number = START;

  constructor(kind: number, source: Iterator<unknown>, f: Callback | null, left: number) {
    this.#kind = kind;
    this.#source = source;
    this.#next = source.next;
    this.#f = f;
    this.#left = left;
  }

  next(): Result {
    const value = this.#run();
    return value === END ? { value: undefined, done: true } : { value, done: false };
  }

  return(): Result {
    if (this.#state === RUNNING) throw new TypeError("Generator is already running");
    const started = this.#state === YIELDED;
    if (this.#state !== DONE) {
      this.#state = DONE;
      const inner = this.#inner;
      if (started && inner !== null) {
        let ok = false;
        try {
          finish(inner);
          ok = true;
        } finally {
          if (!ok) closeIterator(this.#source);
        }
      }
      finish(this.#source);
    }
    return { value: undefined, done: true };
  }

  map(f: unknown): unknown {
    return made(MAP, map, this, f);
  }

  filter(f: unknown): unknown {
    return made(FILTER, filter, this, f);
  }

  flatMap(f: unknown): unknown {
    return made(FLAT_MAP, flatMap, this, f);
  }

  take(limit: unknown): unknown {
    return counted(TAKE, take, this, limit);
  }

  drop(limit: unknown): unknown {
    return counted(DROP, drop, this, limit);
  }

  toArray(): unknown {
    return iterator["Iterator.toArray"](asIterator(this));
  }

  forEach(f: Callback): unknown {
    return iterator["Iterator.forEach"](asIterator(this), f);
  }

  some(f: Callback): unknown {
    return iterator["Iterator.some"](asIterator(this), f);
  }

  every(f: Callback): unknown {
    return iterator["Iterator.every"](asIterator(this), f);
  }

  find(f: Callback): unknown {
    return iterator["Iterator.find"](asIterator(this), f);
  }

  reduce(f: Callback, ...initial: unknown[]): unknown {
    return iterator["Iterator.reduce"](asIterator(this), f, initial.length > 0 ? initial[0] : ABSENT);
  }

  /** How `for … of` in compiled code goes on. */
  $step(): unknown {
    return this.#run();
  }

  $close(): void {
    this.return();
  }

  #run(): unknown {
    if (this.#state === RUNNING) throw new TypeError("Generator is already running");
    if (this.#state === DONE) return END;
    this.#state = RUNNING;
    let value: unknown = END;
    try {
      value = this.#advance();
    } finally {
      this.#state = value === END ? DONE : YIELDED;
    }
    return value;
  }

  #advance(): unknown {
    const kind = this.#kind;
    const f = this.#f as Callback;
    if (kind === TAKE) {
      if (this.#left === 0) {
        finish(this.#source);
        return END;
      }
      this.#left--;
    }
    for (; kind === DROP && this.#left > 0; this.#left--) if (step(this.#next, this.#source).done) return END;
    for (;;) {
      if (this.#inner !== null) {
        const value = this.#fromInner();
        if (value !== END) return value;
      }
      const r = step(this.#next, this.#source);
      if (r.done) return END;
      const { value } = r;
      if (kind >= TAKE) return value;
      let ok = false;
      try {
        const answer = f(value, this.#k++);
        if (kind === FLAT_MAP) this.#open(answer);
        ok = true;
        if (kind === MAP) return answer;
        if (kind === FILTER && answer) return value;
      } finally {
        if (!ok) closeIterator(this.#source);
      }
    }
  }

  /** GetIteratorFlattenable. */
  #open(answer: unknown): void {
    if (!isObject(answer)) throw new TypeError("Iterator.prototype.flatMap called on non-object");
    const method = methodOf(answer, iteratorSymbol, "obj[Symbol.iterator] is not a function");
    const inner = method === undefined ? answer : apply(method, answer, none);
    if (!isObject(inner)) throw new TypeError(`${String(inner)} is not an object`);
    this.#inner = inner as Iterator<unknown>;
    this.#innerNext = this.#inner.next;
  }

  #fromInner(): unknown {
    let ok = false;
    try {
      const r = step(this.#innerNext!, this.#inner!);
      const value = r.done ? END : r.value;
      ok = true;
      if (value === END) this.#inner = null;
      return value;
    } finally {
      if (!ok) closeIterator(this.#source);
    }
  }
}
function asIterator(x: unknown): Iterator<unknown> {
  return x as Iterator<unknown>;
}

delete (Helper.prototype as { constructor?: unknown }).constructor;
setPrototypeOf(Helper.prototype, helperPrototype);

export const lazy = {
  map: (target: unknown, f: unknown): unknown => made(MAP, map, target, f),
  filter: (target: unknown, f: unknown): unknown => made(FILTER, filter, target, f),
  flatMap: (target: unknown, f: unknown): unknown => made(FLAT_MAP, flatMap, target, f),
};

function made(kind: number, own: Function, target: unknown, f: unknown): unknown {
  if (typeof f !== "function" || !isObject(target)) return native(own, target, [f]);
  return new Helper(kind, target as Iterator<unknown>, f as Callback, 0);
}

function counted(kind: number, own: Function, target: unknown, n: unknown): unknown {
  if (!isObject(target)) return native(own, target, [n]);
  const count = toCount(n);
  // What is no count is the engine's to refuse.
  if (!(count >= 0)) return native(own, target, [count]);
  return new Helper(kind, target as Iterator<unknown>, null, count);
}
