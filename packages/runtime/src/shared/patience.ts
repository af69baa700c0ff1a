/**
 * How a thread that has nothing to run waits for an answer of another, before it goes back to its event loop. Only machine.ts calls it.
 *
 *     linger   looks at the inbox: 0.5 us there and back where both threads do it, each on a core of its own
 *     doze     a futex, also on one core: 5 us. Not on main, which serves its event loop
 *     (then)   the event loop, and a futex behind "beforeExit": 10 us and more
 *
 * Who looks keeps its core, and the kernel wakes the other thread on another one, which takes 50 us where that was idle; who sleeps leaves its
 * own core to it. So after a pause a thread sleeps at once, and begins to look when answers go on coming.
 *
 * A thread may doze where its event loop has nothing to come, which "beforeExit" says exactly. A goroutine may have begun something since;
 * so sysmon ends a doze that it sees twice, a millisecond apart, and the thread does not doze again until the next "beforeExit".
 */
import { availableParallelism } from "node:os";
import { U } from "../internal/state.ts";
import { REASON_SHIFT } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { S } from "../scheduler/p.ts";
import { BLOCKING, PROMISE, SLEEP } from "../scheduler/reason.ts";
import { timers } from "../time/heap.ts";
import { DOZE, G_WANT } from "./layout.ts";
import { X } from "./region.ts";
import { hasWaits } from "./waits.ts";

/**
 * Looks at the inbox, some 2 ns each: longer than the other side takes to wake up on another core, so that from then on both answer while
 * the other looks. A quarter as many after each time that it was in vain; fewer than the least are none.
 */
const MOST = 65_536;
const LEAST = 512;
/** Waits one after the other before it looks at all. */
const WARM = 8;
/** What comes after so many ms begins anew. */
const COLD = 1;
/** It looks for long all the same once in so many waits, at least and at most: doubled when that was in vain. */
const TRY_LEAST = 64;
const TRY_MOST = 4096;
/** Should there be no sysmon. Less than some ms costs more than the rest: the kernel sets its clock for it. Microseconds. */
const DOZE_MOST = 10_000;
/** Goroutines that are looked at before a doze. */
const FEW = 16;

export class Patience {
  /** There is one core: nobody answers while this thread looks. */
  readonly #alone: boolean = availableParallelism() === 1;
  #looks: number = 0;
  /** Waits since the thread was cold; at which of them it looks for long, and how many later again. */
  #waits: number = 0;
  #tries: number = WARM;
  #pause: number = TRY_LEAST;
  /** When it last waited, ms. */
  #waited: number = 0;
  /** The event loop had nothing to come, and has not been heard of since. */
  quiet: boolean = false;

  /** Looks for a message; whether one has come. */
  linger(procs: number): boolean {
    if (this.#alone || procs < 2 || !hasWaits() || X.I[G_WANT >> 2] !== 0) return false;
    if (S.now - this.#waited > COLD) {
      this.#waits = 0;
      this.#tries = WARM;
      this.#pause = TRY_LEAST;
    }
    this.#waited = S.now;
    if (++this.#waits < WARM) return false;
    const long = this.#waits === this.#tries;
    const n = long ? MOST : this.#looks;
    if (n === 0) return false;
    if (X.p.linger(X.m, n) !== 0) {
      if (long) this.#pause = TRY_LEAST;
      this.#looks = MOST;
      this.#tries = this.#waits + this.#pause;
      return true;
    }
    this.#looks = this.#looks < 4 * LEAST ? 0 : this.#looks >> 2;
    if (long) {
      this.#tries += this.#pause;
      this.#pause = Math.min(this.#pause << 1, TRY_MOST);
    }
    return false;
  }

  /** Sleeps a little; whether somebody woke it. It has no P then. */
  doze(): boolean {
    if (!this.quiet || timers.size !== 0 || !waitForThreads()) return false;
    const { p, m } = X;
    if (p.beginSleep(m, DOZE) === 0 || p.becomeIdle(m, false, false) === 0) return true;
    // Behind this the clock is looked at, and the event loop has its turn.
    S.countdown = 1;
    U[11] = ((U[11] as number) + 1) | 0;
    Atomics.store(U, 2, 2);
    const woken = p.doze(m, DOZE_MOST) !== 0;
    Atomics.store(U, 2, 1);
    // sysmon has ended it, or nobody.
    if (!woken || U[13] === 1) {
      U[13] = 0;
      this.quiet = false;
    }
    return woken;
  }
}

/** Whether the goroutines of this thread, as far as they are few, wait for other goroutines, and not for what its event loop brings. */
function waitForThreads(): boolean {
  let n = 0;
  for (let g: G | null = S.allFirst; g !== null; g = g.anext) {
    const reason = g.status >> REASON_SHIFT;
    if (reason > BLOCKING || reason === SLEEP || reason === PROMISE || ++n > FEW) return false;
  }
  return true;
}
