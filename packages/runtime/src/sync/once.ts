/** Once: something that happens one time, whoever comes first; the others wait until it has. Go: sync.Once. */
import type { Context } from "../context/context.ts";
import { wants } from "../errors/catalogue.ts";
import { R, suspendable, type Frame } from "../internal/state.ts";
import { watch } from "../scheduler/ctx.ts";
import { endOrWait, type Ender } from "../scheduler/finally.ts";
import { VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { ONCE } from "../scheduler/reason.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { beginOnce, endOnce, isDone, moveToOnce, newOnce, waitForOnce } from "../shared/conds.ts";
import { defineKind, keepHandle } from "../shared/handles.ts";
import { ONCE as KIND } from "../shared/layout.ts";
import { freeObject } from "../shared/objects.ts";

const NEW = 0;
const RUNNING = 1;
const DONE = 2;
/** It has crossed to another thread: its state is in the region. */
const SHARED = 3;

/** Performs one action. Go: sync.Once. */
export class Once implements Waitable, Ender {
  #state: number = NEW;
  readonly #q: WaitQ = new WaitQ();
  #o: number = 0;

  /**
   * Calls `f` if this is the first call for this Once; parks while another goroutine's call runs. If `f` throws, it
   * counts as done. Go: Do.
   * @param ctx stop waiting for another's call when it ends (throws its error)
   */
  do(f: () => void, ctx?: Context): void {
    if (this.#state === DONE || (this.#state === SHARED && isDone(this.#o))) return;
    if (typeof f !== "function") throw wants("Once.do", "a function", f);
    if (this.#state === RUNNING) {
      const g = current();
      this.#q.push(g);
      park(g, ONCE, this);
      if (ctx !== undefined) watch(g, ctx);
      return;
    }
    if (this.#state === SHARED) {
      if (!beginOnce(this.#o)) {
        waitForOnce(this.#o, ctx);
        return;
      }
    } else this.#state = RUNNING;
    try {
      f();
    } catch (e) {
      this.ended();
      throw e;
    }
    endOrWait(undefined, this);
  }

  /** The action has ended. */
  ended(): void {
    if (this.#state === SHARED) {
      endOnce(this.#o);
      return;
    }
    this.#state = DONE;
    for (let g = this.#q.shift() as G | null; g !== null; g = this.#q.shift() as G | null) {
      g.v = undefined;
      g.x = VALUE;
      ready(g);
    }
  }

  /** The address of its object; made when it first crosses to another thread. */
  $share(): number {
    if (this.#o !== 0) return this.#o;
    const o = newOnce(this.#state === RUNNING, this.#state === DONE);
    this.#o = o;
    this.#state = SHARED;
    keepHandle(o, this);
    for (let g = this.#q.shift() as G | null; g !== null; g = this.#q.shift() as G | null) moveToOnce(o, g);
    return o;
  }

  /** A handle for that of another thread. */
  static $adopt(o: number): Once {
    const once = new Once();
    once.#o = o;
    once.#state = SHARED;
    return once;
  }

  cancelWait(g: G): void {
    this.#q.remove(g);
  }
}

defineKind(KIND, {
  adopt: (o) => Once.$adopt(o),
  free: freeObject,
});
suspendable(Once.prototype.do);

/** The outcome of a function that is called once. */
class Value<T> implements Ender {
  readonly #once: Once = new Once();
  /** Null once it has been called: what it refers to may be garbage then. */
  #f: (() => T) | null;
  #v: unknown = undefined;
  #threw: boolean = false;
  constructor(f: () => T) {
    this.#f = f;
  }

  ended(v: unknown, x: number): void {
    this.#v = v;
    this.#threw = x === 1;
  }

  get(): T {
    this.#once.do(suspendable(() => this.call()));
    return R.u === 0 ? this.read() : (endOrRead(this) as T);
  }

  call(): void {
    const f = this.#f as () => T;
    this.#f = null;
    let v: T;
    try {
      v = f();
    } catch (e) {
      this.ended(e, 1);
      throw e;
    }
    endOrWait(v, this);
  }

  /** What it returned; what it threw is thrown again, each time. */
  read(): T {
    if (this.#threw) throw this.#v;
    return this.#v as T;
  }
}

suspendable(Value.prototype.get);
suspendable(Value.prototype.call);

class ReadFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = readFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly value: Value<unknown>;
  constructor(value: Value<unknown>) {
    this.value = value;
  }
}

function readFrame(f: Frame | null): unknown {
  if (f === null) return "gort.onceValue\n\n";
  if (R.x === 1) throw R.v;
  return (f as ReadFrame).value.read();
}

function endOrRead(value: Value<unknown>): unknown {
  R.tail = R.tail.next = new ReadFrame(value);
  return undefined;
}

/** A function that calls `f` at most once, and gives every caller its value or its exception. Go: sync.OnceValue. */
export function onceValue<T>(f: () => T): () => T {
  return once(f, "onceValue");
}

function once<T>(f: () => T, by: string): () => T {
  if (typeof f !== "function") throw wants(by, "a function", f);
  const value = new Value(f);
  return suspendable(function onceValue(): T {
    return value.get();
  });
}

/** A function that calls `f` at most once. If `f` throws, so does every call. Go: sync.OnceFunc. */
export function onceFunc(f: () => void): () => void {
  return once(f, "onceFunc");
}
