/** This thread in system calls: it stands still, and its P goes to another one meanwhile. Go: entersyscall, exitsyscall. */
import { U } from "../internal/state.ts";
import { G_NEED_M, M_PARK, POLL, RUNNING } from "./layout.ts";
import { isBlocking } from "./processor.ts";
import { X } from "./region.ts";

interface Host {
  /** Enters the loop soon. */
  again(): void;
  /** Goroutines of this thread are queued. */
  hasWork(): boolean;
  /** Main: starts a thread. */
  startThread(now: boolean): void;
}

export class Absence {
  readonly #host: Host;
  readonly #main: boolean = X.m === 0;
  readonly #blocking: boolean = isBlocking();
  /** System calls it is in: one may be made within another. */
  #depth: number = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The running goroutine is about to block the thread: others may have its P. */
  begin(): void {
    const { p, m } = X;
    // A thread for blocking calls has no P, and nobody takes its place.
    if (this.#blocking || this.#depth++ > 0) return;
    p.setAway(m, true);
    // Who looks for work here looks no more.
    p.stopSpinning(m);
    const left = p.handOff(m) !== 0;
    // Somebody may have woken it for some in between: now it is in no list.
    const woken = p.stopSpinning(m) !== 0 && p.anyWork() !== 0;
    if (!left && !woken) return;
    if (!this.#main) {
      p.wakeOne();
      return;
    }
    // Main cannot start a thread once it blocks, nor one that it would have started when the event loop turns. Where there are as
    // many as may be, and none is idle, one is about to be: a moment later it can be woken.
    const { I } = X;
    let code = 0;
    let tries = 0;
    do {
      code = p.wakeOne();
      if (I[G_NEED_M >> 2] !== 0) this.#host.startThread(true);
    } while (code === 2 && I[G_NEED_M >> 2] === 0 && ++tries < 1000);
  }

  /**
   * The thread is back: with the P it had, if nobody took it, or another; else without one to its next poll, where it gives way. Who slept in
   * the event loop, which has called this, goes back to its place in the lists; with a P where there is work for it, but it does not look yet.
   */
  end(): void {
    const { p, m } = X;
    if (this.#blocking || --this.#depth > 0) return;
    p.setAway(m, false);
    if (Atomics.load(X.I, X.at + (M_PARK >> 2)) !== RUNNING) {
      const wants = !this.#main && this.#host.hasWork();
      if (wants ? p.acquire(m, true) !== 0 : p.becomeIdle(m, false, false) === 0) {
        p.stopSpinning(m);
        this.#host.again();
      }
    } else if (p.acquire(m, false) === 0 && !this.#main) {
      U[9] = 1;
      U[0] = POLL;
    }
  }
}
