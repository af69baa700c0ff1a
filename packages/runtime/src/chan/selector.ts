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
 * `go`, without a suspension in between.
 */
import { sendClosed } from "../errors/catalogue.ts";
import { host, random } from "../internal/host.ts";
import { R, suspendable, type Frame } from "../internal/state.ts";
import { VALUE, type G, type Node, type Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { SELECT, SELECT_NO_CASES } from "../scheduler/reason.ts";
import { SUDOG, type Sudog } from "../scheduler/waitq.ts";
import { TimerNode, timers } from "../time/heap.ts";
import type { Chan } from "./chan.ts";
import { Failure } from "./failure.ts";

// Directions of a case.
const RECV = 0;
const SEND = 1;
const TIMEOUT = 2;

// What a select gives when it is done.
/** The index of the case, -1 for default; R.sv and R.sok hold what was received. */
export const INDEX = 0;
/** `{ case, value, ok }`. */
export const OBJECT = 1;
/** What the case's handler returns. */
export const HANDLER = 2;

/** One case. */
class SelectCase implements Sudog {
  next: Node = null;
  prev: Node = null;
  status: number = SUDOG;
  /** The value to send. */
  v: unknown = undefined;
  ch: Chan | null = null;
  dir: number = RECV;
  ms: number = 0;
  timer: TimerNode | null = null;
  readonly select: Select;
  readonly index: number;
  constructor(select: Select, index: number) {
    this.select = select;
    this.index = index;
  }

  fire(v: unknown, ok: boolean): G | null {
    return this.select.claim(this, v, ok);
  }
}

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

  /** Parks until a case fires. None is ready. */
  wait(): undefined {
    const g = current();
    const n = this.n;
    this.g = g;
    // In random order: of two cases on one channel each has the same chance to be met first.
    const order = this.#shuffled(n);
    for (let i = 0; i < n; i++) {
      const c = this.cases[order[i] as number] as SelectCase;
      const ch = c.ch;
      if (c.dir === TIMEOUT) {
        c.timer = new TimerNode(host.now() + (c.ms > 0 ? c.ms : 0), fireTimeout, c);
        timers.add(c.timer);
      } else if (ch !== null && ch.size >= 0) {
        if (c.dir === RECV) ch.addReceiver(c);
        else ch.sendq.push(c);
      }
    }
    park(g, n === 0 ? SELECT_NO_CASES : SELECT, this);
    R.tail = R.tail.next = this;
    return undefined;
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
    this.#leave();
    this.index = c.index;
    this.value = v;
    this.ok = ok;
    g.v = undefined;
    g.x = VALUE;
    return g;
  }

  cancelWait(): void {
    this.#leave();
  }

  #leave(): void {
    for (let i = this.n - 1; i >= 0; i--) {
      const c = this.cases[i] as SelectCase;
      if (c.dir === TIMEOUT) {
        if (c.timer !== null) timers.remove(c.timer);
        c.timer = null;
      } else if (c.ch !== null) {
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
  ready(c.select.claim(c, undefined, true));
}

/** Selects that are not in use, kept up to POOL. */
const pool: Select[] = [];
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
