/** Cond: goroutines wait for or announce an event. First come, first woken. Go: sync.Cond. */
import type { Context } from "../context/context.ts";
import { argument } from "../errors/catalogue.ts";
import { b } from "../internal/barrier.ts";
import { R, type Frame } from "../internal/state.ts";
import { tryWatch } from "../scheduler/ctx.ts";
import { STATUS, THROW, VALUE, WAITING } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { COND } from "../scheduler/reason.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { freeCond, lockOf, moveToCond, newCond, signalShared, waitForSignal } from "../shared/conds.ts";
import { defineKind, keepHandle } from "../shared/handles.ts";
import { COND as KIND } from "../shared/layout.ts";
import type { Locker } from "./mutex.ts";

/** A condition variable on a lock. Go: sync.Cond. */
export class Cond implements Waitable {
  readonly #q: WaitQ = new WaitQ();
  /** Its object in the region, when it has crossed to another thread. */
  #o: number = 0;

  /** The lock to hold when the condition is changed or waited for. */
  readonly mu: Locker;

  constructor(mu: Locker) {
    if (typeof mu?.lock !== "function" || typeof mu.unlock !== "function") {
      throw argument("Cond: wants something to lock and unlock, such as a Mutex");
    }
    this.mu = mu;
  }

  /**
   * Unlocks `mu`, parks until woken, locks `mu` again. To be called in a loop that checks the condition. Go: Wait.
   * @param ctx stop waiting when it ends (throws its error, with `mu` locked)
   */
  wait(ctx?: Context): void {
    const g = current();
    if (this.#o === 0) {
      this.#q.push(g);
      this.#unlock(g);
      park(g, COND, this);
    } else {
      // Its lock is one of ours, which has crossed with it.
      waitForSignal(this.#o, g);
      this.mu.unlock();
    }
    if (ctx !== undefined) this.#watch(g, ctx);
    R.tail = R.tail.next = new CondFrame(this.mu);
  }

  /** In the queue already: whoever gets the lock now may signal. */
  #unlock(g: G): void {
    try {
      b(this.mu.unlock(), "unlock");
    } catch (e) {
      this.#q.remove(g);
      throw e;
    }
  }

  /** With a context that has ended the lock is taken again before its error is thrown. */
  #watch(g: G, ctx: Context): void {
    const refused = tryWatch(g, ctx);
    if (refused === null) return;
    // It has been signalled already, here or by another thread.
    if ((g.status & STATUS) !== WAITING) return;
    if (this.#o === 0) this.#q.remove(g);
    else if ((g.w as Waitable).cancelWait(g) === false) return;
    g.v = refused.error;
    g.x = THROW;
    ready(g);
  }

  /** Wakes the goroutine that waits longest, if any. Go: Signal. */
  signal(): void {
    if (this.#o !== 0) {
      signalShared(this.#o, false);
      return;
    }
    const g = this.#q.shift() as G | null;
    if (g !== null) wakeUp(g);
  }

  /** Wakes everybody. Go: Broadcast. */
  broadcast(): void {
    if (this.#o !== 0) {
      signalShared(this.#o, true);
      return;
    }
    for (let g = this.#q.shift() as G | null; g !== null; g = this.#q.shift() as G | null) wakeUp(g);
  }

  /** The address of its object; made when it first crosses to another thread, as its lock does. */
  $share(): number {
    if (this.#o !== 0) return this.#o;
    const o = newCond(this.mu);
    this.#o = o;
    keepHandle(o, this);
    for (let g = this.#q.shift() as G | null; g !== null; g = this.#q.shift() as G | null) moveToCond(o, g);
    return o;
  }

  /** A handle for the condition of another thread. */
  static $adopt(o: number): Cond {
    const cond = new Cond(lockOf(o) as Locker);
    cond.#o = o;
    return cond;
  }

  cancelWait(g: G): void {
    this.#q.remove(g);
  }
}

function wakeUp(g: G): void {
  g.v = undefined;
  g.x = VALUE;
  ready(g);
}

/** pc 1: woken, lock again. pc 2: locked. */
class CondFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = condFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly mu: Locker;
  threw: boolean = false;
  error: unknown = undefined;
  constructor(mu: Locker) {
    this.mu = mu;
  }
}

function condFrame(frame: Frame | null): unknown {
  if (frame === null) return "gort.Cond.wait\n\n";
  const f = frame as CondFrame;
  if (f.pc === 1) {
    f.threw = R.x === 1;
    f.error = R.v;
    f.pc = 2;
    f.mu.lock();
    if (R.u !== 0) return undefined;
  } else if (R.x === 1) {
    throw R.v;
  }
  if (f.threw) throw f.error;
  return undefined;
}

defineKind(KIND, {
  adopt: (o) => Cond.$adopt(o),
  free: freeCond,
});
