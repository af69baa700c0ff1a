/**
 * A trial: a bubble whose schedule follows from a seed. Every choice that is the scheduler's is the strategy's: who runs next, who gives
 * way at a poll, which ready case a select takes. What goroutines are called and what `Math.random` gives follow from the seed as well.
 *
 * Real time ends no slice here. A goroutine that computes for long gives way to the event loop, and goes on as if it had not.
 */
import { forgetSelects } from "../chan/selector.ts";
import { host, random, type Random } from "../internal/host.ts";
import { R, U } from "../internal/state.ts";
import { CALLBACK, RUNNABLE, STATUS } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { S } from "../scheduler/p.ts";
import { POLL } from "../shared/layout.ts";
import { Bubble } from "./bubble.ts";
import { seeded, strategyOf, type Strategy, type StrategyName } from "./strategy.ts";
import { Tape } from "./tape.ts";

/** So many polls before the real clock is looked at. */
const LOOK = 1024;
/** So many polls one may keep others waiting: it may be waiting for them, in a loop. */
const PATIENCE = 1000;

/** What the thread has, while a trial has its turn. */
const thread = { sliceOver: R.sliceOver, random: 0, nextId: 0 };

function polled(g: G | null): boolean {
  return (S.bubble as Trial).polled(g);
}

/** How a trial chooses. */
export interface Choices {
  readonly strategy: StrategyName;
  /** The most preemptions. */
  readonly preemptions: number;
  /** Moments at which a priority changes (pct). */
  readonly changes: number;
}

export class Trial extends Bubble {
  readonly tape: Tape = new Tape();
  readonly #strategy: Strategy;
  /** The runtime's and the program's own choices. */
  readonly #random: Random;
  #preemptions: number;
  readonly #ready: G[] = [];
  #polls: number = 0;
  /** {@link #polls} when others had their turn last. */
  #since: number = 0;
  /** The event loop's turn has come. */
  #late: boolean = false;
  /** Gave way to that alone. */
  #paused: G | null = null;
  /** {@link S.preemptions} when the running one began. */
  #before: number = 0;
  #nextId: number = 1;
  /** Ids are dealt out among threads, once there are any, and a trace tells goroutines by them. */
  readonly #ownIds: boolean = S.shared === null && S.tracer === null;

  constructor(f: () => unknown, seed: number, choices: Choices) {
    super(f, 0);
    this.#random = seeded(~seed);
    this.#strategy = strategyOf(choices.strategy, seeded(seed), choices.changes);
    this.#preemptions = choices.preemptions;
    forgetSelects();
  }

  /** A loop asks whether its slice is over. */
  polled(g: G | null): boolean {
    if (g === null || (g.status & CALLBACK) !== 0 || !this.members.has(g)) return false;
    // Whether it is late depends on the clock; what the strategy is asked must not.
    const late = ++this.#polls % LOOK === 0 && host.now() >= S.deadline;
    this.#gather();
    if (this.#ready.length === 0) return (this.#late = late);
    if (this.#polls - this.#since >= PATIENCE) {
      this.#since = this.#polls;
      this.#strategy.yielded(g);
      return true;
    }
    if (this.#preemptions === 0 || !this.#strategy.preempts(g, this.#ready)) return (this.#late = late);
    this.#preemptions--;
    return true;
  }

  protected override enter(): void {
    super.enter();
    thread.sliceOver = R.sliceOver;
    R.sliceOver = polled;
    thread.random = random.state;
    random.state = this.#random.state;
    thread.nextId = S.nextId;
    if (this.#ownIds) S.nextId = this.#nextId;
    U[0] = POLL;
  }

  protected override leave(): void {
    U[0] = S.armed;
    this.#nextId = S.nextId;
    if (this.#ownIds) S.nextId = thread.nextId;
    this.#random.state = random.state;
    random.state = thread.random;
    R.sliceOver = thread.sliceOver;
    super.leave();
  }

  /** From the queues, in their order. */
  #gather(): void {
    const { runq } = S;
    for (let g = runq.get(); g !== null; g = runq.get()) this.#ready.push(g);
    for (let g = runq.getGlobal(); g !== null; g = runq.getGlobal()) this.#ready.push(g);
    const next = runq.getNext();
    if (next !== null) this.#ready.push(next);
  }

  protected override next(): G | null {
    this.#late = false;
    this.#before = S.preemptions;
    const paused = this.#paused;
    if (paused !== null) {
      this.#paused = null;
      return paused;
    }
    this.#since = this.#polls;
    this.#gather();
    const ready = this.#ready;
    if (ready.length <= 1) return ready.pop() ?? null;
    const i = this.#strategy.pick(ready);
    const [g] = ready.splice(i, 1);
    return g as G;
  }

  protected override sliceOver(): boolean {
    return this.#late;
  }

  protected override ran(g: G): void {
    const preempted = S.preemptions !== this.#before;
    if (preempted && this.#late) {
      S.runq.remove(g);
      this.#paused = g;
      return;
    }
    if (!preempted && (g.status & STATUS) === RUNNABLE) this.#strategy.yielded(g);
    this.tape.write(g, preempted);
  }

  protected override get seeded(): boolean {
    return true;
  }

  protected override get ownsAll(): boolean {
    return true;
  }
}
