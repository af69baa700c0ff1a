/**
 * Mutexes and semaphores that have crossed to another thread: units in the region, handed over first come, first served. A mutex is a
 * semaphore of one. Go's normal mode, in which who comes by may be faster, would cost a wake-up in vain on another thread.
 */
import type { Context } from "../context/context.ts";
import { watch } from "../scheduler/ctx.ts";
import { VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready, unpark } from "../scheduler/park.ts";
import { freeObject, newObject } from "./objects.ts";
import { H_NEXT, O_CAP, O_COUNT, O_HELD, O_HOLDER, O_HOLDERS, OK, R_INDEX, R_SLOT } from "./layout.ts";
import { X } from "./region.ts";
import { drain, freeSlot, takeSlot, waitRecord, type Waiting } from "./waits.ts";

/** An object with `size` units, of which `free` are free. */
export function newPermits(kind: number, size: number, free: number): number {
  const o = newObject(kind);
  X.I[(o + O_CAP) >> 2] = size;
  X.I[(o + O_COUNT) >> 2] = free;
  if (free < size) {
    // Whoever holds them is on this thread.
    X.I[(o + O_HOLDER) >> 2] = X.m + 1;
    X.I[(o + O_HELD) >> 2] = size - free;
  }
  return o;
}

/** Nobody can reach the object any more. */
export function freePermits(o: number): void {
  const { I } = X;
  for (let h = I[(o + O_HOLDERS) >> 2] as number; h !== 0;) {
    const next = I[(h + H_NEXT) >> 2] as number;
    X.p.release(h, 0);
    h = next;
  }
  freeObject(o);
}

/** A goroutine waits for units; it gets `given`, which it holds then. */
class PermitWait implements Waiting, Waitable {
  readonly #g: G;
  readonly #o: number;
  readonly #n: number;
  readonly #given: unknown;
  readonly r: number = waitRecord();
  readonly slot: number;
  #abandoned: boolean = false;
  constructor(g: G, o: number, n: number, given: unknown) {
    this.#g = g;
    this.#o = o;
    this.#n = n;
    this.#given = given;
    this.slot = takeSlot(this);
    X.I[(this.r + R_SLOT) >> 2] = this.slot;
    X.I[(this.r + R_INDEX) >> 2] = n;
  }
  told(r: number): void {
    X.p.release(r, 0);
    if (this.#abandoned) {
      releaseShared(this.#o, this.#n);
      return;
    }
    this.#g.v = this.#given;
    this.#g.x = VALUE;
    ready(this.#g);
  }
  cancelWait(): boolean {
    if (X.p.cancel(this.r) === 0) return false;
    freeSlot(this.slot);
    X.p.release(this.r, 0);
    // It may have held up others who want less.
    X.p.serve(this.#o);
    drain();
    return true;
  }
  abandon(): void {
    this.#abandoned = true;
  }
}

/** Takes `n` units of `o`, parking the caller until it has them; true if it has them now. `given`: what the operation returns. */
export function acquireShared(o: number, n: number, reason: number, given: unknown, ctx: Context | undefined): boolean {
  if (X.p.acquireUnits(o, 0, n) === OK) return true;
  const g = current();
  const w = new PermitWait(g, o, n, given);
  park(g, reason, w);
  if (X.p.acquireUnits(o, w.r, n) === OK) {
    freeSlot(w.slot);
    X.p.release(w.r, 0);
    unpark(g);
    return true;
  }
  if (ctx !== undefined) watch(g, ctx);
  return false;
}

export function tryAcquireShared(o: number, n: number): boolean {
  return X.p.acquireUnits(o, 0, n) === OK;
}

/** Gives `n` units back; false if so many are not held. */
export function releaseShared(o: number, n: number): boolean {
  const ok = X.p.releaseUnits(o, n) !== 0;
  drain();
  return ok;
}

/** A goroutine that waits already waits in the region from here on; it has its units if there are enough. */
export function moveToRegion(o: number, g: G, n: number, given: unknown, rewait: (g: G, w: Waitable) => void): void {
  const w = new PermitWait(g, o, n, given);
  rewait(g, w);
  if (X.p.acquireUnits(o, w.r, n) === OK) {
    freeSlot(w.slot);
    w.told(w.r);
  }
}
