/**
 * A bubble: goroutines with a clock of their own, which moves only when all of them are durably blocked. Go: testing/synctest.
 *
 *     driver (outside) ─ turn() ─► run members until none is ready ─► all durably blocked? ─ no ──► the driver waits for the outside
 *                                    ▲                                        │ yes
 *                                    ├── whoever is in waitIdle goes on ◄─────┤
 *                                    ├── the clock moves to the next timer ◄──┤
 *                                    │                                        └─ neither: it has ended, or that is a deadlock
 *
 * The driver is the goroutine that called `bubble` or `explore`. It runs the others from its own frame, by `execute`, as the loop runs
 * it; so the scheduler needs to know little of this (scheduler/bubble.ts), and a turn is synchronous: nothing outside happens in it.
 *
 * A bubble fails once: by an exception nobody can catch any more, a deadlock, or a goroutine outside that meddles. What is left then never
 * runs again, not even its `finally`: in Go the process would be gone.
 */
import { argument, SyncError } from "../errors/catalogue.ts";
import { Chan } from "../chan/chan.ts";
import { host } from "../internal/host.ts";
import { Hot } from "../internal/hot.ts";
import { PARK, R, U } from "../internal/state.ts";
import { list } from "../scheduler/all.ts";
import { recapture, runIn } from "../scheduler/als.ts";
import type { Bubble as Scheduled } from "../scheduler/bubble.ts";
import { dump } from "../scheduler/dump.ts";
import { execute } from "../scheduler/execute.ts";
import { abandon } from "../scheduler/finish.ts";
import { DEAD, FRESH, KEPT, STATUS, VALUE, WAITING } from "../scheduler/status.ts";
import { extra } from "../scheduler/extra.ts";
import { G, type Waitable } from "../scheduler/g.ts";
import { newG, start } from "../scheduler/go.ts";
import { CONTEXT, MIXED, S } from "../scheduler/p.ts";
import { park, ready, yieldToGlobal } from "../scheduler/park.ts";
import { watch } from "../scheduler/tracer.ts";
import { VirtualClock } from "./clock.ts";
import { putOn, takeOff } from "./disguise.ts";
import { BUBBLE_RUN, BUBBLE_WAIT, isDurable } from "./durable.ts";
import { DeadlockError } from "./failure.ts";

/** So many goroutines run before the real clock is looked at. */
const LOOK = 64;

/** What the thread has, while a bubble has its turn. */
const thread = { now: 0, crowded: 0 };

const count = { bubbles: 0 };

/** Runs `g`; true if it has changed the context it was run in, which it keeps. */
function runs(g: G): boolean {
  execute(g);
  if ((S.dirty & CONTEXT) === 0) return false;
  S.dirty &= ~CONTEXT;
  S.als = MIXED;
  if (R.g !== null) recapture(R.g);
  return true;
}

export class Bubble implements Scheduled, Waitable {
  hot: Hot = new Hot();
  outer: Hot = R.hot;
  readonly clock: VirtualClock = new VirtualClock();
  /** Those that have not ended. */
  readonly members: Set<G> = new Set();
  /** Those of them that wait for something outside. */
  readonly #outside: Set<G> = new Set();
  readonly #owned: WeakSet<object> = new WeakSet();
  /** Exceptions that somebody may ask for yet. */
  readonly #kept: Map<G, unknown> = new Map();
  readonly #driver: G;
  readonly #f: () => unknown;
  /** Stands for who starts what a timer starts. */
  readonly #root: G;
  #main: G | null = null;
  /** In waitIdle. */
  #waiter: G | null = null;
  #failure: { readonly error: unknown } | null = null;
  #over: boolean = false;
  /** The driver's AsyncLocalStorage context is no longer what the loop has set. */
  #mixed: boolean = false;
  /** Every 61st slice looks at the global queue first, as in Go; counted here, so that each bubble is like the last. */
  #tick: number = 0;

  /** Its number in dumps; 0: none. */
  readonly number: number;

  /** For the running goroutine, which is to call `turn` until that is true. */
  constructor(f: () => unknown, number: number = ++count.bubbles) {
    this.number = number;
    const driver = (this.#driver = R.g as G);
    this.#root = new G(0, 0, null, VALUE, null, 0, null, driver.als);
    extra(this.#root).bubble = this;
    this.#f = f;
    watch(1);
  }

  /** Runs its goroutines until the bubble has ended. False: not yet, and the driver has parked. */
  turn(): boolean {
    const driver = this.#driver;
    park(driver, BUBBLE_RUN, this);
    R.u = 0;
    if (S.tracer !== null) S.tracer.stopped(driver, host.now());
    let idle = false;
    this.enter();
    try {
      idle = this.#run();
      if (this.#over) this.#end();
    } finally {
      this.leave();
    }
    if (S.tracer !== null) {
      S.tracer.readied(driver);
      S.tracer.started(driver);
    }
    if (this.#over) {
      watch(-1);
      driver.running();
      return true;
    }
    R.u = PARK;
    if (!idle) {
      driver.running();
      yieldToGlobal(driver);
    }
    return false;
  }

  /** What `f` returned; throws why the bubble has failed. */
  outcome(): unknown {
    if (this.#failure !== null) throw this.#failure.error;
    const { v } = this.#main as G;
    if (typeof (v as PromiseLike<unknown> | undefined)?.then === "function")
      throw argument(
        "bubble, explore: the function returned a promise, whose code goes on outside; write a plain function that blocks",
      );
    return v;
  }

  /** `g` parks until all others are durably blocked. */
  waitIdle(g: G): void {
    if (this.#waiter !== null) throw new SyncError("GORT_BUBBLE", "wait already in progress");
    this.#waiter = g;
    park(g, BUBBLE_WAIT, this);
  }

  cancelWait(g: G): void {
    if (g === this.#waiter) this.#waiter = null;
  }

  // ---- the turn

  /** The thread's scheduler becomes the bubble's. */
  protected enter(): void {
    this.outer = R.hot;
    R.hot = this.hot;
    R.hot.g = null;
    S.bubble = this;
    thread.now = S.now;
    S.now = this.clock.at;
    thread.crowded = S.crowded;
    putOn(this.seeded);
  }

  protected leave(): void {
    takeOff();
    S.crowded = thread.crowded;
    S.now = thread.now;
    S.bubble = null;
    this.hot = R.hot;
    R.hot = this.outer;
    R.hot.g = this.#driver;
  }

  /** True: nobody can run until something outside happens. False: the slice is over, or the bubble. */
  #run(): boolean {
    if (this.#main === null) {
      R.hot.g = this.#root;
      this.#main = newG(this.#f, FRESH, null, KEPT, null, this.#driver.als);
      start(this.#main);
    }
    for (let left = LOOK; !this.#over;) {
      // What is due now needs nobody to wait for it: a timer of 0 ms, as in Go.
      if (this.clock.due) this.#advance(this.clock.at);
      const g = this.next();
      if (g !== null) this.#step(g);
      else if (!this.#quiet()) return true;
      if (--left > 0 && !this.sliceOver()) continue;
      left = LOOK;
      if (this.sliceOver() || host.now() >= S.deadline) {
        // Whoever inherits the slice has had it.
        const heir = S.runq.getNext();
        if (heir !== null) S.runq.putGlobal(heir);
        return false;
      }
    }
    return false;
  }

  #step(g: G): void {
    if (S.tracer !== null) S.tracer.started(g);
    if (S.stores === 0 || (g.als === this.#driver.als && !this.#mixed)) this.#mixed = runs(g) || this.#mixed;
    else runIn(g.als, runs, g);
    const stopped = R.hot.g;
    if (S.tracer !== null && stopped !== null) S.tracer.stopped(stopped, host.now());
    this.ran(g);
    this.#look(g);
  }

  /** `g` has stopped: does it wait for something outside? */
  #look(g: G): void {
    if ((g.status & STATUS) === WAITING && !isDurable(g, this)) this.#outside.add(g);
  }

  /** Nobody is ready. True: somebody is now. */
  #quiet(): boolean {
    R.hot.g = null;
    // A channel may have crossed to another thread meanwhile.
    if (S.shared !== null) for (const g of this.members) this.#look(g);
    if (this.#outside.size > 0) return false;
    const waiter = this.#waiter;
    if (waiter !== null) {
      this.#waiter = null;
      waiter.v = undefined;
      waiter.x = VALUE;
      ready(waiter);
      return true;
    }
    if (this.members.size === 0) {
      this.#over = true;
      return false;
    }
    // Time stops once f has returned.
    const exited = ((this.#main as G).status & STATUS) === DEAD;
    const first = exited ? null : this.clock.next();
    if (first === null) {
      this.fail(new DeadlockError(exited, Array.from(this.members, dump)));
      return false;
    }
    this.#advance(first.when);
    return true;
  }

  #advance(when: number): void {
    R.hot.g = this.#root;
    this.clock.advance(when);
    S.now = this.clock.at;
    R.hot.g = null;
  }

  /** Lets go of whoever is left. */
  #end(): void {
    for (const [, error] of this.#kept) this.fail(error);
    const error = this.#failure?.error;
    for (const g of this.members) abandon(g, error);
    this.hot = R.hot = new Hot();
  }

  // ---- who runs next: a bubble that tries schedules decides otherwise

  /** The order of schedule(). */
  protected next(): G | null {
    const { runq } = S;
    let g: G | null = this.#tick % 61 === 60 ? runq.getGlobal() : null;
    if (g === null) {
      g = runq.getNext();
      if (g !== null) return g;
      g = runq.get() ?? runq.getBatch();
      if (g === null) return null;
    }
    this.#tick++;
    U[1] = S.schedtick = (S.schedtick + 1) | 0;
    return g;
  }

  protected sliceOver(): boolean {
    return U[0] !== S.armed || S.countdown <= 0;
  }

  protected ran(_g: G): void {}

  // ---- what the scheduler tells

  join(g: G): void {
    extra(g).bubble = this;
    this.members.add(g);
    list(g);
  }

  left(g: G): void {
    this.members.delete(g);
    this.#outside.delete(g);
  }

  failed(g: G, error: unknown, kept: boolean): void {
    if (kept && g !== this.#main) this.#kept.set(g, error);
    else this.fail(error);
  }

  observed(g: G): void {
    this.#kept.delete(g);
  }

  readying(g: G): void {
    if (this.#outside.delete(g) || S.bubble === this || R.hot.g === null) return;
    this.fail(
      new SyncError(
        "GORT_BUBBLE",
        `goroutine ${R.hot.g.id} outside the bubble uses what goroutine ${g.id} in it waits for: a channel or lock of a bubble is for its goroutines alone`,
      ),
    );
  }

  arrived(): void {
    const driver = this.#driver;
    if ((driver.status & STATUS) !== WAITING) return;
    driver.v = undefined;
    driver.x = VALUE;
    ready(driver);
  }

  note(g: G): string {
    const durable = (g.status & STATUS) === WAITING && isDurable(g, this) ? " (durable)" : "";
    return this.number === 0 ? durable : `${durable}, synctest bubble ${this.number}`;
  }

  protected fail(error: unknown): void {
    this.#failure ??= { error };
    this.#over = true;
  }

  own(o: object): void {
    this.#owned.add(o);
  }

  owns(o: object): boolean {
    return (
      this.#owned.has(o) || (this.ownsAll && Object.getPrototypeOf(o) === Chan.prototype && (o as Chan).source === null)
    );
  }

  /** `Math.random` is seeded, too. */
  protected get seeded(): boolean {
    return false;
  }

  /** Also channels that were made outside, unless a stream or a timer feeds them. */
  protected get ownsAll(): boolean {
    return false;
  }
}
