/**
 * Semaphore: a number of units to be held, several at once. First come, first served: a large request at the front is not overtaken
 * by small ones behind it, so it cannot starve. Go: golang.org/x/sync/semaphore.
 *
 * A waiter's `v` is how much it wants. Units are handed over: whoever is woken holds them.
 */
import type { Context } from "../context/context.ts";
import { range, SyncError, wantsRange } from "../errors/catalogue.ts";
import { goesOn, rewait, watch } from "../scheduler/ctx.ts";
import { VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { SEMAPHORE } from "../scheduler/reason.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { defineKind, keepHandle } from "../shared/handles.ts";
import { O_VALUE, SEMAPHORE as KIND } from "../shared/layout.ts";
import {
  acquireShared,
  freePermits,
  moveToRegion,
  newPermits,
  releaseShared,
  tryAcquireShared,
} from "../shared/permits.ts";
import { X } from "../shared/region.ts";

/** Units held; disposing it gives them back. */
class Held implements Disposable {
  readonly #s: Semaphore;
  readonly #n: number;
  constructor(s: Semaphore, n: number) {
    this.#s = s;
    this.#n = n;
  }
  [Symbol.dispose](): void {
    this.#s.release(this.#n);
  }
}

/** Waits that no release can end; only their context. */
const doomed: Waitable = { cancelWait: () => {} };

function check(n: number, of: string): void {
  if (!(Number.isSafeInteger(n) && n >= 0)) throw wantsRange(of, "a whole number of units, 0 or more", n);
}

/** A weighted semaphore. Go: semaphore.Weighted. */
export class Semaphore implements Waitable {
  readonly #size: number;
  /** Units held. */
  #held: number = 0;
  readonly #q: WaitQ = new WaitQ();
  readonly #one: Disposable = new Held(this, 1);
  /** Its object in the region, when it has crossed to another thread. */
  #o: number = 0;

  /**
   * @param n units there are
   * @throws RangeError GORT_RANGE if it is not a whole number, 0 or more
   */
  constructor(n: number) {
    check(n, "Semaphore");
    this.#size = n;
  }

  /**
   * Takes `n` units, parking the caller until it is its turn and they are free. The value gives them back: `using _ = s.acquire()`.
   * Go: Acquire.
   * @param ctx stop waiting when it ends (throws its error); one that has ended takes nothing, even if there is enough
   * @throws RangeError if there are not so many and no context would end the wait
   */
  acquire(n: number = 1, ctx?: Context): Disposable {
    if (ctx !== undefined) goesOn(ctx, SEMAPHORE);
    if (this.tryAcquire(n)) return this.#given(n);
    if (n > this.#size) return this.#never(n, ctx);
    if (this.#o !== 0) {
      const given = this.#given(n);
      return (acquireShared(this.#o, n, SEMAPHORE, given, ctx) ? given : undefined) as Disposable;
    }
    const g = current();
    g.v = n;
    this.#q.push(g);
    park(g, SEMAPHORE, this);
    if (ctx !== undefined) watch(g, ctx);
    return undefined as unknown as Disposable;
  }

  /** Takes `n` units if that is possible at once and nobody waits; whether it did. Go: TryAcquire. */
  tryAcquire(n: number = 1): boolean {
    check(n, "Semaphore.acquire");
    if (this.#o !== 0) return n <= this.#size && tryAcquireShared(this.#o, n);
    if (this.#size - this.#held < n || this.#q.first !== null) return false;
    this.#held += n;
    return true;
  }

  /**
   * Gives `n` units back. Go: Release.
   * @throws SyncError GORT_SEMAPHORE_RELEASE "semaphore: released more than held"
   */
  release(n: number = 1): void {
    check(n, "Semaphore.release");
    if (this.#o !== 0) {
      if (n > this.#size || !releaseShared(this.#o, n)) this.#misused();
      return;
    }
    if (n > this.#held) this.#misused();
    this.#held -= n;
    this.#serve();
  }

  #misused(): never {
    throw new SyncError("GORT_SEMAPHORE_RELEASE", "semaphore: released more than held");
  }

  /** The address of its object; made when it first crosses to another thread. */
  $share(): number {
    if (this.#o !== 0) return this.#o;
    // As many as a word of the region holds.
    if (this.#size > 0x7fff_ffff) throw range(`Semaphore: at most ${0x7fff_ffff} units on several threads`);
    const o = newPermits(KIND, this.#size, this.#size - this.#held);
    X.F[(o + O_VALUE) >> 3] = this.#size;
    this.#o = o;
    keepHandle(o, this);
    for (let g = this.#q.shift() as G | null; g !== null; g = this.#q.shift() as G | null) {
      const n = g.v as number;
      moveToRegion(o, g, n, this.#given(n), rewait);
    }
    return o;
  }

  /** A handle for the semaphore of another thread. */
  static $adopt(o: number): Semaphore {
    const s = new Semaphore(X.F[(o + O_VALUE) >> 3] as number);
    s.#o = o;
    return s;
  }

  /** As Go does: with a context, until that ends, and without being in anybody's way. */
  #never(n: number, ctx: Context | undefined): Disposable {
    if (ctx === undefined) throw range(`Semaphore.acquire: ${n} units, and there are only ${this.#size}`);
    const g = current();
    park(g, SEMAPHORE, doomed);
    watch(g, ctx);
    return undefined as unknown as Disposable;
  }

  #given(n: number): Disposable {
    return n === 1 ? this.#one : new Held(this, n);
  }

  /** Wakes those at the front for whom there is enough. */
  #serve(): void {
    for (let g = this.#q.first as G | null; g !== null; g = this.#q.first as G | null) {
      const n = g.v as number;
      if (this.#size - this.#held < n) return;
      this.#held += n;
      this.#q.shift();
      g.v = this.#given(n);
      g.x = VALUE;
      ready(g);
    }
  }

  cancelWait(g: G): void {
    const first = this.#q.first === g;
    this.#q.remove(g);
    // It may have held up others who want less.
    if (first) this.#serve();
  }
}

defineKind(KIND, {
  adopt: (o) => Semaphore.$adopt(o),
  free: freePermits,
});
