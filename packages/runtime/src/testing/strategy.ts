/**
 * Strategies: who runs next, and who is preempted. All they do follows from the seed, so a seed is a schedule.
 *
 *     random   anybody who is ready; at a poll it gives way with a chance that is one of 1/2, 1/4, … 1/64 for the whole run
 *     pct      whoever has the highest priority, all of them random, and a few moments at which the running one's becomes the lowest:
 *              "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs". A bug that needs d orderings is found with d - 1
 *              of them. How long the run is nobody knows before, so the moments lie in the first 4, 8, … 4,096 steps
 */
import { wants } from "../errors/catalogue.ts";
import { Random } from "../internal/host.ts";
import type { G } from "../scheduler/g.ts";

/** How {@link explore} chooses: see {@link ExploreOptions.strategy}. */
export type StrategyName = "random" | "pct";

export interface Strategy {
  /** Which of `ready`, at least one, runs next. */
  pick(ready: readonly G[]): number;
  /** Whether `g`, which runs, gives way to `ready`, at least one. */
  preempts(g: G, ready: readonly G[]): boolean;
  /** `g` gives way by itself. */
  yielded(g: G): void;
}

/** Seeds lie side by side: their first numbers must not. */
export function seeded(seed: number): Random {
  const random = new Random();
  random.state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x5bd1e995 || 1;
  for (let i = 0; i < 8; i++) random.next();
  return random;
}

class Anybody implements Strategy {
  readonly #random: Random;
  readonly #rate: number;
  constructor(random: Random) {
    this.#random = random;
    this.#rate = 2 << random.below(6);
  }
  pick(ready: readonly G[]): number {
    return this.#random.below(ready.length);
  }
  preempts(): boolean {
    return this.#random.below(this.#rate) === 0;
  }
  yielded(): void {}
}

class Priorities implements Strategy {
  readonly #random: Random;
  readonly #of: Map<G, number> = new Map();
  /** The steps at which the running one falls behind. */
  readonly #changes: Set<number> = new Set();
  #step: number = 0;
  #lowest: number = 0;

  constructor(random: Random, changes: number) {
    this.#random = random;
    const length = 4 << random.below(11);
    for (let i = 0; i < changes; i++) this.#changes.add(1 + random.below(length));
  }

  pick(ready: readonly G[]): number {
    let best = this.#best(ready);
    if (this.#changes.has(++this.#step)) {
      this.yielded(ready[best] as G);
      best = this.#best(ready);
    }
    return best;
  }

  preempts(g: G, ready: readonly G[]): boolean {
    if (this.#changes.has(++this.#step)) this.yielded(g);
    return this.#priority(ready[this.#best(ready)] as G) > this.#priority(g);
  }

  yielded(g: G): void {
    this.#of.set(g, --this.#lowest);
  }

  #best(ready: readonly G[]): number {
    let best = 0;
    for (let i = 1; i < ready.length; i++)
      if (this.#priority(ready[i] as G) > this.#priority(ready[best] as G)) best = i;
    return best;
  }

  #priority(g: G): number {
    let p = this.#of.get(g);
    if (p === undefined) this.#of.set(g, (p = this.#random.next() >>> 0));
    return p;
  }
}

const strategies: Readonly<Record<StrategyName, (random: Random, changes: number) => Strategy>> = {
  random: (random) => new Anybody(random),
  pct: (random, changes) => new Priorities(random, changes),
};

export function strategyOf(name: StrategyName, random: Random, changes: number): Strategy {
  return strategies[name](random, changes);
}

export function mustBeStrategy(name: unknown): void {
  if (typeof name !== "string" || !Object.hasOwn(strategies, name))
    throw wants("explore", `${Object.keys(strategies).join(" or ")} as strategy`, name);
}
