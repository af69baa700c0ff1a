/** WaitGroup: waits for a number of goroutines to be done. Go: sync.WaitGroup. */
import type { Context } from "../context/context.ts";
import { SyncError, wants } from "../errors/catalogue.ts";
import { R, type Frame } from "../internal/state.ts";
import { watch } from "../scheduler/ctx.ts";
import { MemberFrame, type Ender } from "../scheduler/finally.ts";
import { VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { spawn, start, takeSite } from "../scheduler/go.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { WAITGROUP } from "../scheduler/reason.ts";
import { S } from "../scheduler/p.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { defineKind } from "../shared/handles.ts";
import { WAITGROUP as KIND } from "../shared/layout.ts";
import { freeObject } from "../shared/objects.ts";
import { goParallel, isParallel } from "../shared/parallel.ts";
import { addShared, isZero, leaveShared, moveWaiter, shareWaitGroup, waitShared } from "../shared/waitgroup.ts";

/** Waits for a collection of goroutines to finish. Go: sync.WaitGroup. */
export class WaitGroup implements Waitable, Ender {
  #n: number = 0;
  /** How many of them are goroutines of {@link go}. Counted until it crosses. */
  #own: number = 0;
  /** Its object in the region, once it has crossed to another thread. */
  #o: number = 0;
  readonly #q: WaitQ = new WaitQ();

  /**
   * Adds `n`, which may be negative. At 0 everybody in `wait` goes on. Go: Add.
   * @throws SyncError GORT_NEGATIVE_WAITGROUP "sync: negative WaitGroup counter"; TypeError GORT_ARGUMENT if `n` is no whole number
   */
  add(n: number = 1): void {
    if (!Number.isSafeInteger(n)) throw wants("WaitGroup.add", "a whole number", n);
    if (this.#o !== 0) {
      addShared(this.#o, n, false);
      return;
    }
    const sum = this.#n + n;
    if (sum < 0) throw new SyncError("GORT_NEGATIVE_WAITGROUP", "sync: negative WaitGroup counter");
    this.#n = sum;
    if (sum === 0 && this.#q.first !== null) this.#release();
  }

  /** Takes one off. Go: Done. */
  done(): void {
    const n = this.#n - 1;
    if (n > 0) this.#n = n;
    else this.add(-1);
  }

  /**
   * Parks the caller until the counter is 0. Go: Wait.
   * @param ctx stop waiting when it ends (throws its error)
   * @throws SyncError GORT_WAITGROUP_REUSED "sync: WaitGroup is reused before previous Wait has returned"
   */
  wait(ctx?: Context): void {
    let g: G | null;
    if (this.#o !== 0) {
      g = waitShared(this, this.#o);
      if (g === null) return;
    } else {
      if (this.#n === 0) return;
      g = current();
      this.#q.push(g);
      park(g, WAITGROUP, this);
    }
    R.tail = R.tail.next = new WaitFrame(this);
    if (ctx !== undefined) watch(g, ctx);
  }

  /** For a waiter that has been woken. */
  get reused(): boolean {
    return this.#o === 0 ? this.#n !== 0 : !isZero(this.#o);
  }

  /**
   * Starts `f(...args)` as a goroutine and counts it until it ends, however it ends; an `async` function until its promise has
   * settled. Go: WaitGroup.Go.
   * @throws TypeError GORT_ARGUMENT if `f` is no function
   */
  go<A extends unknown[]>(f: (...args: A) => unknown, ...args: A): void {
    if (typeof f !== "function") throw wants("WaitGroup.go", "a function", f);
    if (S.parallels !== 0 && isParallel(f)) {
      this.add(1);
      try {
        goParallel(f, args, 0, takeSite(), this);
      } catch (e) {
        // An argument cannot cross: there is no goroutine to wait for.
        this.add(-1);
        throw e;
      }
      return;
    }
    if (this.#o !== 0) addShared(this.#o, 1, true);
    else {
      this.#n++;
      this.#own++;
    }
    const g = spawn(f, args, 0, takeSite());
    g.frame = new MemberFrame(this);
    start(g);
  }

  /** The address of its object; made when it first crosses to another thread. */
  $share(): number {
    if (this.#o === 0) {
      const o = shareWaitGroup(this, this.#n, this.#own);
      this.#o = o;
      this.#n = 0;
      for (let g = this.#q.shift() as G | null; g !== null; g = this.#q.shift() as G | null) moveWaiter(this, o, g);
    }
    return this.#o;
  }

  /** A handle for an object of another thread. */
  static $adopt(o: number): WaitGroup {
    const wg = new WaitGroup();
    wg.#o = o;
    return wg;
  }

  /** A goroutine of {@link go} has ended. */
  ended(): void {
    if (this.#o !== 0) addShared(this.#o, -1, true);
    else {
      this.#own--;
      this.done();
    }
  }

  /** A parallel goroutine of {@link go} has ended here. */
  $left(r: number): void {
    leaveShared(this.#o, r);
  }

  #release(): void {
    for (let g = this.#q.shift() as G | null; g !== null; g = this.#q.shift() as G | null) {
      g.v = undefined;
      g.x = VALUE;
      ready(g);
    }
  }

  cancelWait(g: G): void {
    this.#q.remove(g);
  }
}

defineKind(KIND, {
  adopt: (o) => WaitGroup.$adopt(o),
  free: freeObject,
});

/** A waiter's frame: between its waking and its turn nobody may have begun anew. */
class WaitFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = waitFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly wg: WaitGroup;
  constructor(wg: WaitGroup) {
    this.wg = wg;
  }
}

function waitFrame(f: Frame | null): unknown {
  if (f === null) return "gort.WaitGroup.wait\n\n";
  if (R.x === 1) throw R.v;
  if ((f as WaitFrame).wg.reused) {
    throw new SyncError("GORT_WAITGROUP_REUSED", "sync: WaitGroup is reused before previous Wait has returned");
  }
  return undefined;
}
