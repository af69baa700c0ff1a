/**
 * M: this thread among the others. It owns a P while it runs goroutines, looks for work when it has none, and sleeps.
 *
 *     schedule() has nothing ─► find(): inbox ► own queue ► global queue ► steal ► spin (search.ts)
 *     leave() ─► idle, asleep (sleep.ts) ─► woken ─► enter(): a P, the inbox, goroutines
 *     a system call ─► the P is handed on (absence.ts)
 *
 * Main alone runs without a P when it has goroutines and none is free (it must serve its event loop); it demands one meanwhile.
 */
import { host, random } from "../internal/host.ts";
import { R, U } from "../internal/state.ts";
import type { G } from "../scheduler/g.ts";
import { S } from "../scheduler/p.ts";
import { Absence } from "./absence.ts";
import { answerCount, countAsked } from "./counts.ts";
import { answer, asked } from "./dumps.ts";
import {
  ASKED,
  G_DYING,
  G_NEED_M,
  G_NMS,
  G_ORPHANS,
  G_QUEUE,
  G_STOP,
  G_WANT,
  M_ALIVE,
  M_BASE,
  M_HANDOFFS,
  M_LOADS,
  M_SIZE,
  M_SPINS,
  M_STATE,
  M_TOLD,
  M_WANTS,
  P_BASE,
  P_MAX,
  P_NEXT,
  P_SIZE,
  POLL,
} from "./layout.ts";
import { hasLeast, tellLoad } from "./load.ts";
import { hear, wanted } from "./memories.ts";
import { depotWanted, openDepot } from "./depot.ts";
import { Patience } from "./patience.ts";
import { giveQueue, isBlocking, ownP, procs } from "./processor.ts";
import { X } from "./region.ts";
import { Restraint } from "./restraint.ts";
import { Search } from "./search.ts";
import { Sleep } from "./sleep.ts";
import { hasPosts } from "./visitors.ts";
import { drain } from "./waits.ts";

/** What the loop does for this file, and tasks.ts. */
export interface Loop {
  /** Enters the loop soon. */
  again(): void;
  /** Enters it now: the event loop has called. */
  enter(): void;
  /** Goroutines of this thread are queued. */
  hasWork(): boolean;
  /** The next of them. */
  next(): G | null;
  /** Makes a goroutine of the record of one. */
  begin(r: number): G;
  /** Main: starts a thread, soon or at once. */
  startThread(now: boolean): void;
  /** Main: something has come for a thread that is gone. */
  orphans(): void;
}

/**
 * How long parallel goroutines wait behind those that have begun on a thread, before one is begun beside them, ms; and how long at most, while there
 * are threads with fewer.
 */
const STARVED = 40;
const FORGOTTEN = 400;

export class Machine {
  readonly #loop: Loop;
  readonly #main: boolean = X.m === 0;
  readonly #blocking: boolean = isBlocking();
  /** > 0: a goroutine is locked to this thread, or it is about to end: it takes no others. */
  #busy: number = this.#blocking ? 1 : 0;
  /** It is to answer for a dump: dumps.ts. */
  #asked: boolean = false;
  /** When it last began a parallel goroutine, ms. */
  #began: number = 0;
  readonly #patience: Patience = new Patience();
  readonly #search: Search = new Search();
  readonly #restraint: Restraint = new Restraint();
  readonly absence: Absence;
  readonly sleep: Sleep;

  constructor(loop: Loop) {
    this.#loop = loop;
    this.absence = new Absence(loop);
    this.sleep = new Sleep(loop, this.#patience, this.#restraint);
  }

  /** The number of its P; -1: it has none. */
  get p(): number {
    return ownP();
  }

  get procs(): number {
    return procs();
  }

  /** Changes the number of Ps: what is more than there can be is as many as there can be. */
  setProcs(n: number): void {
    if (S.bundled !== 0) return;
    X.p.setProcs(Math.min(n, P_MAX));
    // A P of this thread's own that is gone is given up between two goroutines.
    if (ownP() >= n) {
      U[9] = 1;
      U[0] = POLL;
    }
    if (X.p.anyWork() !== 0) this.wake();
  }

  // ---- in the loop

  /** The loop begins a turn: may it run goroutines? If not, it will be woken when it may. */
  enter(): boolean {
    const { p, m } = X;
    this.sleep.end();
    this.#look();
    // Whom it readies runs in this turn.
    S.scheduled = 1;
    try {
      drain();
    } finally {
      S.scheduled = 0;
    }
    this.#startAsked();
    if (this.#blocking) return true;
    const has = p.acquire(m, false) !== 0;
    if (!this.#loop.hasWork()) return true;
    const may = has || p.acquire(m, true) !== 0;
    // Behind that: until then somebody may wake it for other work.
    this.#looksNoMore();
    if (may) return true;
    if (this.#main) {
      p.demand(m, random.next());
      return true;
    }
    this.sleep.begin(true, false);
    return false;
  }

  /** No goroutine of this thread is runnable: the next thing to run, or null. */
  find(): G | null {
    const { p, m } = X;
    R.g = null; // who ran last has stopped
    do {
      this.#restraint.leaves = false;
      if (drain() && this.#loop.hasWork()) {
        this.#looksNoMore();
        return this.#loop.next();
      }
      if (this.#busy !== 0) {
        this.#looksNoMore();
        continue;
      }
      if (p.acquire(m, false) === 0) return null;
      if (this.#restraint.holds(ownP())) {
        p.stopSpinning(m);
        this.wake();
        return null;
      }
      let r = this.#search.take();
      if (r === 0) r = this.#search.steal();
      if (r === 0) {
        this.#restraint.rest();
        continue;
      }
      if (p.stopSpinning(m) !== 0 || p.anyWork() !== 0) this.wake();
      this.#began = S.now;
      tellLoad(1);
      return this.#loop.begin(r);
    } while (this.#wait());
    return null;
  }

  /** It has goroutines of its own to run, or takes none: while it counted as one that looks for work, nobody else was woken for what came. */
  #looksNoMore(): void {
    if (X.I[X.at + (M_SPINS >> 2)] === 0) return;
    X.p.stopSpinning(X.m);
    if (X.p.anyWork() !== 0) this.wake();
  }

  /** Nothing is to be done for now: true when there may be, after a moment. */
  #wait(): boolean {
    if (this.#patience.linger(procs())) return true;
    if (this.#main || hasPosts() || !this.#patience.doze()) return false;
    this.#look();
    return this.#blocking || X.p.acquire(X.m, false) !== 0;
  }

  /** The event loop has brought something. */
  disturbed(): void {
    this.#patience.quiet = false;
  }

  /** Takes what other threads have said. */
  hear(): void {
    drain();
  }

  /** The status a fatal error on another thread ends the process with; -1: there is none; -2: one has begun. */
  ending(): number {
    const status = Atomics.load(X.I, G_STOP >> 2) - 1;
    return status >= 0 || Atomics.load(X.I, G_DYING >> 2) === 0 ? status : -2;
  }

  /** There is new work in a shared queue: has a thread look for it. */
  wake(): void {
    if (X.p.wakeOne() === 2 && this.#main) this.#loop.startThread(false);
  }

  #startAsked(): void {
    if (this.#main && X.I[G_NEED_M >> 2] === 1) this.#loop.startThread(false);
  }

  /** Between two goroutines, when told to look: true when this thread has no P any more. `over`: a slice has ended. */
  attend(over: boolean): boolean {
    const { p, m, I } = X;
    U[9] = 0;
    this.#look();
    drain();
    this.#startAsked();
    if (this.#loop.hasWork()) this.#looksNoMore();
    const own = ownP();
    // Somebody else has its P since a system call.
    if (own < 0) return !this.#main && !this.#blocking;
    this.#beginBeside();
    if (own < procs() && (I[G_WANT >> 2] === 0 || !(over || this.#mainWants()))) return false;
    if (p.giveUp(m) === 0) return false;
    this.#startAsked();
    I[X.at + (M_HANDOFFS >> 2)]!++;
    return true;
  }

  /** Parallel goroutines do not wait for ever behind those of this thread. Nor are they begun at every slice: here they would stay. */
  #beginBeside(): void {
    const { p } = X;
    // Who was preempted just now is in the global queue.
    const load = S.runq.size() + S.runq.globalSize();
    tellLoad(load);
    const waited = S.now - this.#began;
    if (waited <= STARVED || !this.#loop.hasWork() || this.#busy !== 0 || p.anyWork() === 0) return;
    // A P that is idle, or about to have a thread, comes for them.
    if (waited <= FORGOTTEN && !hasLeast(load)) return;
    this.#began = S.now;
    let r = this.#search.take();
    if (r === 0) r = p.steal(ownP(), random.next(), true);
    if (r !== 0) S.runq.put(this.#loop.begin(r));
  }

  /** Goroutines of other threads, as they last said, and those that have not started. */
  elsewhere(): number {
    let n = X.I[G_QUEUE >> 2] as number;
    for (let p = procs() - 1; p >= 0; p--)
      n += X.p.length(p) + (X.I[(P_BASE + p * P_SIZE + P_NEXT) >> 2] === 0 ? 0 : 1);
    for (let m = (X.I[G_NMS >> 2] as number) - 1; m >= 0; m--) if (m !== X.m) n += this.#of(m, M_ALIVE);
    return n;
  }

  #of(m: number, word: number): number {
    return X.I[(M_BASE + m * M_SIZE + word) >> 2] as number;
  }

  /** What concerns the thread and not its goroutines. */
  #look(): void {
    const { I } = X;
    // What is said from here on says so again.
    Atomics.exchange(I, X.at + (M_TOLD >> 2), 0);
    I[X.at + (M_ALIVE >> 2)] = S.count;
    if (asked()) answer();
    if (countAsked()) answerCount();
    if (wanted()) hear();
    this.#asked = false;
    if (this.#main) {
      if (I[G_ORPHANS >> 2] !== 0) this.#loop.orphans();
      if (depotWanted()) openDepot();
      // Another thread has had a fatal error, and printed it.
      const status = I[G_STOP >> 2] as number;
      if (status === 0) return;
      S.stopped = 2;
      host.exit(status - 1);
    } else if (I[X.at + (M_STATE >> 2)] === ASKED) process.exit(1);
  }

  /** A goroutine locks this thread to itself, or no more: parallel goroutines do not begin here meanwhile. Main serves everybody. */
  lock(is: boolean): void {
    if (this.#main) return;
    this.#busy += is ? 1 : -1;
    if (!this.#blocking) X.p.setAway(X.m, is);
  }

  /**
   * This thread loads what a parallel goroutine runs, or no more: no other begins here meanwhile. It would only wait for that, too, and stay
   * here, where others have nothing to do.
   */
  loads(is: boolean): void {
    if (this.#main) return;
    const n = is ? 1 : -1;
    this.#busy += n;
    X.I[X.at + (M_LOADS >> 2)]! += n;
    // From its event loop it went to no list of who can be woken for work.
    if (!is) this.#loop.again();
    const own = ownP();
    if (!is || own < 0) return;
    giveQueue(own);
    this.#looksNoMore();
    if (X.p.anyWork() !== 0) this.wake();
  }

  #mainWants(): boolean {
    return !this.#main && X.I[(M_BASE + M_WANTS) >> 2] === 1;
  }

  /** A poll was told to look. Should `g` give way? */
  interrupts(parallel: boolean): boolean {
    U[9] = 0;
    if (asked() && !this.#asked) {
      // Where it has given way, the goroutine knows where it stands. At the next poll it answers where it cannot.
      this.#asked = true;
      U[9] = 1;
      U[0] = POLL;
      return true;
    }
    this.#look();
    drain();
    const own = ownP();
    if (own < 0 && !this.#main && !this.#blocking) return true;
    if (own >= 0 && (own >= procs() || this.#mainWants())) return true;
    return (parallel && this.#loop.hasWork()) || (this.#main && X.I[G_NEED_M >> 2] === 1);
  }

  /** Parallel goroutines this thread can take without looking at others' queues. */
  hasWork(): boolean {
    const own = ownP();
    return (
      own >= 0 && this.#busy === 0 && !this.#restraint.leaves && (X.p.isEmpty(own) === 0 || X.I[G_QUEUE >> 2] !== 0)
    );
  }

  /** Whether this thread may run its goroutines now. */
  mayRun(): boolean {
    return this.#main || this.#blocking || this.p >= 0;
  }
}
