/** Conds and Onces that have crossed to another thread: waiters in the region, told by `signal` or by the end of the one call. */
import type { Context } from "../context/context.ts";
import { rewait, watch } from "../scheduler/ctx.ts";
import { VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready, unpark } from "../scheduler/park.ts";
import { COND, ONCE as ONCE_WAIT } from "../scheduler/reason.ts";
import { freeObject, newObject } from "./objects.ts";
import { decodeCell, dropCell, encodeCell } from "./codec.ts";
import {
  CELL,
  COND as COND_KIND,
  O_BUFFER,
  O_CLOSED,
  O_HOLDER,
  O_VALUE,
  ONCE,
  QUEUED,
  R_OK,
  R_SLOT,
} from "./layout.ts";
import { allocate, X } from "./region.ts";
import { drain, freeSlot, takeSlot, waitRecord, type Waiting } from "./waits.ts";

/** A goroutine waits to be told; it gets no value. */
class TellWait implements Waiting, Waitable {
  readonly #g: G;
  readonly #o: number;
  readonly r: number = waitRecord();
  readonly slot: number;
  #abandoned: boolean = false;
  constructor(g: G, o: number) {
    this.#g = g;
    this.#o = o;
    this.slot = takeSlot(this);
    X.I[(this.r + R_SLOT) >> 2] = this.slot;
  }
  told(r: number): void {
    const signalled = X.I[(r + R_OK) >> 2] === 1;
    X.p.release(r, 0);
    if (this.#abandoned) {
      // The signal was for one that waits.
      if (signalled) signalShared(this.#o, false);
      return;
    }
    this.#g.v = undefined;
    this.#g.x = VALUE;
    ready(this.#g);
  }
  cancelWait(): boolean {
    if (X.p.cancel(this.r) === 0) return false;
    this.forget();
    return true;
  }
  abandon(): void {
    this.#abandoned = true;
  }
  /** It was never queued, or is no more. */
  forget(): void {
    freeSlot(this.slot);
    X.p.release(this.r, 0);
  }
}

// ---- Cond

/** An object for the Cond on `mu`, which crosses with it. */
export function newCond(mu: unknown): number {
  const cell = allocate(CELL);
  encodeCell(cell, mu, "the lock of a Cond");
  const o = newObject(COND_KIND);
  X.I[(o + O_BUFFER) >> 2] = cell;
  return o;
}

export function lockOf(o: number): unknown {
  return decodeCell(X.I[(o + O_BUFFER) >> 2] as number, true);
}

export function freeCond(o: number): void {
  const cell = X.I[(o + O_BUFFER) >> 2] as number;
  dropCell(cell);
  X.p.release(cell, 0);
  freeObject(o);
}

/** `g` waits: in the queue before its lock is free, so that it hears of whoever gets that next. */
export function waitForSignal(o: number, g: G): void {
  const w = new TellWait(g, o);
  park(g, COND, w);
  X.p.enqueue(o, w.r, false);
}

export function signalShared(o: number, all: boolean): void {
  X.p.signal(o, all);
  drain();
}

/** A goroutine that waited when the Cond became shared. */
export function moveToCond(o: number, g: G): void {
  const w = new TellWait(g, o);
  rewait(g, w);
  X.p.enqueue(o, w.r, false);
}

// ---- Once

/** Values of O_VALUE. */
const NEW = 0;
const BEGUN = 1;

/** `begun`: somebody of this thread is at it; `done`: it is over. */
export function newOnce(begun: boolean, done: boolean): number {
  const o = newObject(ONCE);
  const { I } = X;
  I[(o + O_VALUE) >> 2] = begun ? BEGUN : NEW;
  I[(o + O_HOLDER) >> 2] = begun ? X.m + 1 : 0;
  I[(o + O_CLOSED) >> 2] = done ? 1 : 0;
  return o;
}

export function isDone(o: number): boolean {
  return Atomics.load(X.I, (o + O_CLOSED) >> 2) !== 0;
}

/** Whether the caller is the one to do it. */
export function beginOnce(o: number): boolean {
  if (Atomics.compareExchange(X.I, (o + O_VALUE) >> 2, NEW, BEGUN) !== NEW) return false;
  X.I[(o + O_HOLDER) >> 2] = X.m + 1;
  return true;
}

export function endOnce(o: number): void {
  X.I[(o + O_HOLDER) >> 2] = 0;
  X.p.close(o);
  drain();
}

/** Parks the caller until another's call has ended. */
export function waitForOnce(o: number, ctx: Context | undefined): void {
  const g = current();
  const w = new TellWait(g, o);
  park(g, ONCE_WAIT, w);
  if (X.p.recv(o, w.r, true) !== QUEUED) {
    w.forget();
    unpark(g);
    return;
  }
  if (ctx !== undefined) watch(g, ctx);
}

export function moveToOnce(o: number, g: G): void {
  const w = new TellWait(g, o);
  rewait(g, w);
  X.p.enqueue(o, w.r, false);
}
