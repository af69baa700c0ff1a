/**
 * How this thread sleeps when it has nothing to run, and is woken.
 *
 *     leave() ─► idle(): says so, gives up the P, looks once more ─► event loop ─► "beforeExit" ─► emptied(): deep sleep
 *     woken (M_LOOP in the event loop, M_PARK in deep sleep) ─► the loop is entered: end()
 *
 * Deep sleep is the futex; main's is its event loop, held open. What is pending in an event loop cannot be asked, but it runs
 * empty when there is nothing: so Ms in deep sleep are exactly those with nothing to come, and when all are, it is a deadlock.
 */
import { host } from "../internal/host.ts";
import { S } from "../scheduler/p.ts";
import { Bell } from "./bell.ts";
import { DEEP, LOOP, M_ALIVE, M_LOOP, M_PARK, M_STATE, RETIRED, RUNNING } from "./layout.ts";
import { tellLoad } from "./load.ts";
import type { Patience } from "./patience.ts";
import { isBlocking } from "./processor.ts";
import { X } from "./region.ts";
import type { Restraint } from "./restraint.ts";
import { tellStatus } from "./status.ts";
import { hasPosts } from "./visitors.ts";

/** The thread's loop. */
interface Entry {
  again(): void;
  enter(): void;
  hasWork(): boolean;
}

function nothing(): void {}

export class Sleep {
  readonly #loop: Entry;
  readonly #patience: Patience;
  readonly #restraint: Restraint;
  readonly #bell: Bell;
  readonly #main: boolean = X.m === 0;
  readonly #blocking: boolean = isBlocking();
  #retires: boolean = false;

  constructor(loop: Entry, patience: Patience, restraint: Restraint) {
    this.#loop = loop;
    this.#patience = patience;
    this.#restraint = restraint;
    this.#bell = new Bell(loop);
  }

  /** The loop is entered: the thread is awake. */
  end(): void {
    this.#bell.hold(false);
    X.p.wakeUp(X.m);
  }

  /**
   * A goroutine that has locked this thread has ended: so does the thread, as soon as nobody else is on it, and nobody elsewhere waits for a
   * context from here. Go does the same.
   */
  retire(): void {
    this.#retires = !this.#main;
  }

  /** The loop was left, and nothing is to be done. */
  idle(): void {
    if (this.#retires && S.count === 0 && X.p.isOrigin(X.m) === 0) {
      X.I[X.at + (M_STATE >> 2)] = RETIRED;
      process.exit(0);
    }
    const wants = !this.#main && !this.#blocking && this.#loop.hasWork();
    // It has handed its P on, and its goroutines wait for another.
    if (wants && X.p.acquire(X.m, true) !== 0) this.#loop.again();
    else this.begin(wants, this.#restraint.leaves);
  }

  /** Sleeps in the event loop, without a P. `wants`: only until there is one for its own goroutines. `leaves`: what there is is for others. */
  begin(wants: boolean, leaves: boolean): void {
    const { p, m, I } = X;
    tellLoad(0);
    I[X.at + (M_ALIVE >> 2)] = S.count;
    tellStatus();
    const seen = Atomics.load(I, X.at + (M_LOOP >> 2));
    if (p.beginSleep(m, LOOP) === 0 || p.becomeIdle(m, wants, leaves) === 0) {
      this.#loop.again();
      return;
    }
    this.#bell.arm(seen);
  }

  /** The event loop has run empty. True: on every thread, and nothing can happen any more. */
  emptied(): boolean {
    const { p, m, I } = X;
    const park = X.at + (M_PARK >> 2);
    if (this.#main && this.#loop.hasWork()) {
      this.#loop.again();
      return false;
    }
    if (Atomics.load(I, park) === RUNNING) this.idle();
    if (hasPosts()) {
      this.#loop.again();
      return false;
    }
    const busy = p.sleepDeep(m);
    if (busy === 0) {
      // Told meanwhile: the event loop turns once more, and calls.
      if (Atomics.load(I, park) !== DEEP) this.#loop.again();
      else this.#bell.hold(true);
      return false;
    }
    if (this.#main) {
      if (busy === 1) return true;
      this.#bell.hold(true);
      return false;
    }
    // Main says what it means.
    if (busy === 1) p.unpark(0);
    this.#patience.quiet = true;
    p.sleep(m);
    // At once: a turn of the event loop takes as long as the answer. It turns behind that.
    try {
      this.#loop.enter();
      host.immediate(nothing);
    } catch (e) {
      host.immediate(() => {
        throw e;
      });
    }
    return false;
  }
}
