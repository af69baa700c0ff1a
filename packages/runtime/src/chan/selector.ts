/**
 * The machine under `select`: at most one case fires, and among those that are ready each has the same chance.
 *
 *     Select ── cases[0..n): sudogs, one in the queue of each channel while the goroutine waits
 *        │          the first that is fired takes the others out of their queues at once
 *        └─ is also the goroutine's frame: resumed, it gives R.sv, R.sok and the index of the case
 *
 * Fair without a shuffle: one pass counts the ready cases and keeps the k-th with chance 1/k (reservoir sampling). That
 * is uniform over the ready ones, which a random start is not (ready, ready, idle would give 2/3 and 1/3).
 *
 * Selects are pooled with their sudogs: neither a ready nor a blocked select allocates. Filled between `begin` and
 * `wait` or `tryNow`, without a suspension in between.
 */
import { sendClosed } from "../errors/catalogue.ts";
import { random } from "../internal/host.ts";
import { R, suspendable, type Frame } from "../internal/state.ts";
import { VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { SELECT, SELECT_NO_CASES } from "../scheduler/reason.ts";
import { clockOf, nowOn } from "../time/clock.ts";
import { TimerNode } from "../time/heap.ts";
import type { SharedSelect } from "../shared/selects.ts";
import { RECV, SelectCase, SEND, TIMEOUT } from "./case.ts";
import type { Chan } from "./chan.ts";
import { Failure } from "./failure.ts";
import { look, promote } from "./shared.ts";

// What a select gives when it is done.
/** The index of the case, -1 for default; R.sv and R.sok hold what was received. */
export const INDEX = 0;
/** `{ case, value, ok }`. */
export const OBJECT = 1;
/** What the case's handler returns. */
export const HANDLER = 2;

/** What `tryNow` gives when no case is ready. */
export const NOTHING: object = Object.freeze({});

/** The handler of the case that fired runs. */
const HANDLING = 2;

export class Select implements Frame, Waitable {
  readonly r: (f: Frame | null) => unknown = selectFrame;
  /** 1, or HANDLING. */
  pc: number = 1;
  next: Frame | null = null;
  g: G | null = null;
  /** Cases in use. */
  n: number = 0;
  readonly cases: SelectCase[] = [];
  order: number[] = [];
  /** The case that fired. */
  index: number = -1;
  value: unknown = undefined;
  ok: boolean = false;
  /** What it waits with when a shared channel takes part. */
  shared: SharedSelect | null = null;
  /** INDEX, OBJECT or HANDLER, and for the latter two the names or handlers of the cases. */
  shape: number = INDEX;
  names: readonly string[] | null = null;
  handlers: readonly Function[] | null = null;

  #case(dir: number): SelectCase {
    const i = this.n++;
    if (i === this.cases.length) this.cases.push(new SelectCase(this, i));
    const c = this.cases[i] as SelectCase;
    c.dir = dir;
    return c;
  }

  recv(ch: Chan): void {
    this.#case(RECV).ch = ch;
  }

  send(ch: Chan, v: unknown): void {
    const c = this.#case(SEND);
    c.ch = ch;
    c.v = v;
  }

  timeout(ms: number): void {
    this.#case(TIMEOUT).ms = ms;
  }

  /** Those of its cases that are not null. */
  channels(): Chan[] {
    const all: Chan[] = [];
    for (let i = 0; i < this.n; i++) if (this.cases[i]?.ch != null) all.push(this.cases[i]?.ch as Chan);
    return all;
  }

  /** Parks until a case fires. None is ready, or shared channels take part and nobody has looked yet. */
  wait(): undefined {
    const n = this.n;
    const shared = this.#hasShared();
    if (!shared) this.g = current();
    else if (this.#look(true)) return this.#done();
    const g = this.g as G;
    // In random order: of two cases on one channel each has the same chance to be met first.
    const order = this.#shuffled(n);
    for (let i = 0; i < n; i++) {
      const c = this.cases[order[i] as number] as SelectCase;
      const ch = c.ch;
      if (c.dir === TIMEOUT) {
        const clock = clockOf(g);
        c.timer = new TimerNode(clock, nowOn(clock) + (c.ms > 0 ? c.ms : 0), fireTimeout, c);
        c.timer.start();
      } else if (ch !== null && (shared ? ch.source !== null : ch.size >= 0)) {
        if (c.dir === RECV) ch.addReceiver(c);
        else ch.sendq.push(c);
      }
    }
    if (!shared) park(g, n === 0 ? SELECT_NO_CASES : SELECT, this);
    R.tail = R.tail.next = this;
    return undefined;
  }

  /** Fires a case that is ready, or gives NOTHING. Shared channels take part. */
  tryNow(): unknown {
    return this.#look(false) ? this.#done() : NOTHING;
  }

  /** As {@link look}; where it neither fires nor waits, the select is free again. */
  #look(queue: boolean): boolean {
    try {
      if (look(this, queue)) return true;
    } catch (e) {
      release(this);
      throw e;
    }
    if (!queue) release(this);
    return false;
  }

  #done(): undefined {
    return (this.shape === INDEX ? indexOf(this) : outcome(this)) as undefined;
  }

  #hasShared(): boolean {
    for (let i = this.n - 1; i >= 0; i--) if (this.cases[i]?.ch?.isShared === true) return true;
    return false;
  }

  /** One of its channels becomes shared while it waits. */
  promote(): void {
    promote(this);
  }

  /** A case outside the region is about to fire: false if another one has, on some thread. */
  mayFire(): boolean {
    if (this.shared === null) return true;
    if (!this.shared.claim()) return false;
    this.shared = null;
    return true;
  }

  /** A random permutation of 0 … n-1; shuffling the last one again is as good as a fresh one. */
  #shuffled(n: number): number[] {
    let order = this.order;
    if (order.length !== n) {
      order = this.order = [];
      for (let i = 0; i < n; i++) order.push(i);
    }
    for (let i = n - 1; i > 0; i--) {
      const j = random.below(i + 1);
      const t = order[i] as number;
      order[i] = order[j] as number;
      order[j] = t;
    }
    return order;
  }

  /** `c` fires: every other case leaves its queue. */
  claim(c: SelectCase, v: unknown, ok: boolean): G {
    const g = this.g as G;
    this.leave();
    this.index = c.index;
    this.value = v;
    this.ok = ok;
    g.v = undefined;
    g.x = VALUE;
    return g;
  }

  cancelWait(): boolean {
    if (!this.mayFire()) return false;
    this.leave();
    return true;
  }

  abandon(): void {
    this.leave();
  }

  /** Takes every case out of its queue. */
  leave(): void {
    for (let i = this.n - 1; i >= 0; i--) {
      const c = this.cases[i] as SelectCase;
      if (c.dir === TIMEOUT) {
        if (c.timer !== null) c.timer.stop();
        c.timer = null;
      } else if (c.ch !== null) {
        // In shared ones it is no node of theirs.
        if (c.ch.isShared) continue;
        if (c.dir === RECV) c.ch.removeReceiver(c);
        else c.ch.sendq.remove(c);
      }
    }
    this.g = null;
  }

  /** Drops what the cases held, and the caller's frame. */
  clear(): void {
    this.next = null;
    for (let i = this.n - 1; i >= 0; i--) {
      const c = this.cases[i] as SelectCase;
      c.ch = null;
      c.v = undefined;
    }
    this.n = 0;
  }
}

function fireTimeout(t: TimerNode): void {
  const c = t.arg as SelectCase;
  c.timer = null;
  if (c.select.mayFire()) ready(c.select.claim(c, undefined, true));
}

/** Selects that are not in use, kept up to POOL. */
const pool: Select[] = [];

/** Selects remember the order they were in last: from here on all begin anew, as in a new process. */
export function forgetSelects(): void {
  pool.length = 0;
}

const POOL = 64;

/** A select to be filled. */
export function begin(shape: number): Select {
  const s = pool.length > 0 ? (pool.pop() as Select) : new Select();
  s.shape = shape;
  return s;
}

function release(s: Select): void {
  s.clear();
  s.value = undefined;
  s.names = null;
  s.handlers = null;
  if (pool.length < POOL) pool.push(s);
}

function indexOf(s: Select): number {
  R.sv = s.value;
  R.sok = s.ok;
  const i = s.index;
  s.clear();
  s.value = undefined;
  if (pool.length < POOL) pool.push(s);
  return i;
}

/** The result of a select that has waited, in the other two shapes. */
function outcome(s: Select): unknown {
  const { index, value, ok, names } = s;
  if (names !== null) {
    release(s);
    return { case: names[index] as string, value, ok };
  }
  const f = (s.handlers as readonly Function[])[index] as Function;
  const received = (s.cases[index] as SelectCase).dir === RECV;
  // Not released: while its frame is being resumed it must not be used for another, and the handler may select again.
  // If the handler parks, this frame stays under its own, and passes on what it returns.
  s.pc = HANDLING;
  return received ? f(value, ok) : f();
}
suspendable(outcome);

/** Resumed after a case fired, or after its handler. */
function selectFrame(f: Frame | null): unknown {
  if (f === null) return "gort.select\n\n";
  const s = f as Select;
  if (R.x === 1) {
    if (s.pc !== HANDLING) release(s);
    throw R.v;
  }
  if (s.pc === HANDLING) return R.v;
  const c = s.cases[s.index] as SelectCase;
  if (c.dir === SEND && !s.ok) {
    release(s);
    throw sendClosed();
  }
  if (!s.ok && s.value instanceof Failure) {
    const { error } = s.value;
    release(s);
    throw error;
  }
  return s.shape === INDEX ? indexOf(s) : outcome(s);
}
suspendable(selectFrame);
