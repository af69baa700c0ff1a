/** Wait groups that have crossed to another thread: a counter and its waiters in the region. */
import { SyncError, type GortError } from "../errors/catalogue.ts";
import { rewait } from "../scheduler/ctx.ts";
import { THROW, VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready, unpark } from "../scheduler/park.ts";
import { WAITGROUP } from "../scheduler/reason.ts";
import type { WaitGroup } from "../sync/waitgroup.ts";
import { encodeKept } from "./codec.ts";
import { failureOf } from "./failures.ts";
import { keepHandle } from "./handles.ts";
import { CELL, O_COUNT, O_FAILURE, OK, R_SLOT, T_GROUP, WAITGROUP as KIND } from "./layout.ts";
import { newObject } from "./objects.ts";
import { allocate, X } from "./region.ts";
import { tellStatus } from "./status.ts";
import { drain, freeSlot, takeSlot, waitRecord, type Waiting } from "./waits.ts";

/** An object with the counter `n`, of which `own` are goroutines of this thread. */
export function shareWaitGroup(wg: WaitGroup, n: number, own: number): number {
  const o = newObject(KIND);
  X.I[(o + O_COUNT) >> 2] = n - own;
  if (own !== 0) X.p.add(o, own, true);
  keepHandle(o, wg);
  return o;
}

class GroupWait implements Waiting, Waitable {
  readonly g: G;
  readonly wg: WaitGroup;
  readonly r: number = waitRecord();
  readonly slot: number;
  constructor(g: G, wg: WaitGroup) {
    this.g = g;
    this.wg = wg;
    this.slot = takeSlot(this);
    X.I[(this.r + R_SLOT) >> 2] = this.slot;
  }
  #abandoned: boolean = false;
  told(r: number): void {
    X.p.release(r, 0);
    if (this.#abandoned) return;
    const failure = failureOf(this.wg.$share());
    this.g.v = failure === null ? undefined : failure.error;
    this.g.x = failure === null ? VALUE : THROW;
    ready(this.g);
  }
  cancelWait(): boolean {
    if (X.p.cancel(this.r) === 0) return false;
    freeSlot(this.slot);
    X.p.release(this.r, 0);
    return true;
  }
  abandon(): void {
    this.#abandoned = true;
  }
}

/** `n` of the goroutines that the group started are lost: they count as done, and whoever waits is told. */
export function failGroup(o: number, n: number, error: GortError): void {
  if (X.I[(o + O_FAILURE) >> 2] === 0) {
    const at = allocate(CELL);
    encodeKept(at, error, "error");
    X.I[(o + O_FAILURE) >> 2] = at;
  }
  X.p.add(o, -n, false);
  drain();
}

function check(o: number): null {
  const failure = failureOf(o);
  if (failure !== null) throw failure.error;
  return null;
}

/** `own`: for goroutines of this thread that the group starts, or that are done; should the thread end, they are lost. */
export function addShared(o: number, n: number, own: boolean): void {
  // Who waits for its last goroutine may end the process.
  if (n < 0) tellStatus();
  counted(X.p.add(o, n, own));
}

/** The parallel goroutine of `r` is done: should its thread end now, it is not done a second time. */
export function leaveShared(o: number, r: number): void {
  tellStatus();
  X.I[(r + T_GROUP) >> 2] = 0;
  counted(X.p.add(o, -1, false));
}

function counted(n: number): void {
  if (n < 0) throw new SyncError("GORT_NEGATIVE_WAITGROUP", "sync: negative WaitGroup counter");
  drain();
}

export function isZero(o: number): boolean {
  return Atomics.load(X.I, (o + O_COUNT) >> 2) === 0;
}

/** Waits in the region for the counter to be 0; the goroutine that waits, or null. */
export function waitShared(wg: WaitGroup, o: number): G | null {
  if (isZero(o)) return check(o);
  const g = current();
  const w = new GroupWait(g, wg);
  park(g, WAITGROUP, w);
  if (X.p.waitZero(o, w.r) !== OK) return g;
  freeSlot(w.slot);
  X.p.release(w.r, 0);
  unpark(g);
  return check(o);
}

/** A waiter that was there when the group became shared. */
export function moveWaiter(wg: WaitGroup, o: number, g: G): void {
  const w = new GroupWait(g, wg);
  rewait(g, w);
  if (X.p.waitZero(o, w.r) === OK) w.told(w.r);
}
