/** `explore`: a function under many schedules, one after the other, each in a bubble of its own. */
import { argument, mustBeOptions, wants, wantsRange } from "../errors/catalogue.ts";
import { host } from "../internal/host.ts";
import { PARK, R, suspendable, type Frame } from "../internal/state.ts";
import type { G } from "../scheduler/g.ts";
import { S } from "../scheduler/p.ts";
import { yieldToGlobal } from "../scheduler/park.ts";
import { watch } from "../scheduler/tracer.ts";
import { ScheduleError } from "./failure.ts";
import { mustBeStrategy, type StrategyName } from "./strategy.ts";
import { Trial, type Choices } from "./trial.ts";
import { drive } from "./virtual.ts";

/** What `explore` can be told. */
export interface ExploreOptions {
  /** How many schedules to try: those of the seeds 1, 2, 3, …; or the seeds. Default: 1000. */
  readonly seeds?: number | readonly number[];
  /**
   * `"random"` (the default): whoever is ready runs next, and gives way at random. `"pct"`: whoever has the highest of random priorities,
   * which change a few times; better where many steps have to come in one order.
   */
  readonly strategy?: StrategyName;
  /** The most preemptions in a schedule; most bugs need one or two. Default: no limit. */
  readonly preemptions?: number;
  /** How often a priority changes in a schedule of `"pct"`. Default: 2. */
  readonly changes?: number;
  /** Runs the schedule of this seed alone: the one that an error has named. */
  readonly replay?: number;
}

const DEFAULTS = { seeds: 1000, strategy: "random", preemptions: Infinity, changes: 2 } as const;

/** The options, checked. */
class Plan implements Choices {
  readonly strategy: StrategyName;
  readonly preemptions: number;
  readonly changes: number;
  readonly #seeds: number | readonly number[];

  constructor(options: ExploreOptions) {
    mustBeOptions(options, "explore");
    for (const name of Object.keys(options))
      if (!Object.hasOwn(DEFAULTS, name) && name !== "replay") throw argument(`explore: unknown option ${name}`);
    const { replay, seeds = DEFAULTS.seeds, strategy = DEFAULTS.strategy } = options;
    const { preemptions = DEFAULTS.preemptions, changes = DEFAULTS.changes } = options;
    mustBeStrategy(strategy);
    this.strategy = strategy;
    this.preemptions = preemptions === Infinity ? preemptions : natural("preemptions", preemptions);
    this.changes = natural("changes", changes);
    this.#seeds = replay === undefined ? seeds : [replay];
    if (typeof this.#seeds === "number") natural("seeds", this.#seeds);
    else if (Array.isArray(this.#seeds)) for (const seed of this.#seeds) whole(seed);
    else throw wants("explore", "a number of seeds or an array of them", seeds);
  }

  get runs(): number {
    return typeof this.#seeds === "number" ? this.#seeds : this.#seeds.length;
  }

  seed(run: number): number {
    return typeof this.#seeds === "number" ? run + 1 : (this.#seeds[run] as number);
  }

  /** The options that run the schedule of `seed` again, as text. */
  again(seed: number): string {
    const others = (["strategy", "preemptions", "changes"] as const)
      .filter((name) => this[name] !== DEFAULTS[name])
      .map((name) => `, ${name}: ${JSON.stringify(this[name])}`);
    return `{ replay: ${seed}${others.join("")} }`;
  }
}

function natural(option: string, n: number): number {
  if (Number.isInteger(n) && n >= 0) return n;
  throw wantsRange("explore", `a whole number for ${option}`, n);
}

function whole(seed: number): void {
  if (!Number.isInteger(seed)) throw wants("explore", "whole numbers for seeds", seed);
}

/** The caller's frame. */
class Exploring implements Frame {
  readonly r: (f: Frame | null) => unknown = exploreFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly f: () => unknown;
  readonly plan: Plan;
  run: number = -1;
  trial: Trial | null = null;

  constructor(f: () => unknown, plan: Plan) {
    this.f = f;
    this.plan = plan;
  }

  /** The trial has ended: throws if it has failed. */
  check(trial: Trial): void {
    try {
      trial.outcome();
    } catch (e) {
      const { plan, run } = this;
      const seed = plan.seed(run);
      const at = { seed, strategy: plan.strategy, run: run + 1, runs: plan.runs };
      throw new ScheduleError(e, at, trial.tape.lines(), trial.tape.length, plan.again(seed));
    }
  }
}

function exploreFrame(f: Frame | null): unknown {
  if (f === null) return "gort.explore\n\n";
  const e = f as Exploring;
  if (e.run < 0) {
    if (R.x === 1) throw R.v;
    // Held all the while: each bubble alone would have the loop left.
    watch(1);
    e.run = 0;
  }
  try {
    return explored(e);
  } finally {
    if (R.u === 0) watch(-1);
  }
}
suspendable(exploreFrame);

function explored(e: Exploring): number | undefined {
  const { f, plan } = e;
  for (; e.run < plan.runs; e.run++) {
    if (e.trial === null && host.now() >= S.deadline && e.run > 0) {
      yieldToGlobal(R.g as G);
      R.u = PARK;
      return undefined;
    }
    e.trial ??= new Trial(f, plan.seed(e.run), plan);
    if (!e.trial.turn()) return undefined;
    e.check(e.trial);
    e.trial = null;
  }
  return plan.runs;
}

/**
 * Runs `f` under many schedules, each in a bubble (see {@link bubble}): which goroutine runs next, when one is preempted, and which ready case
 * a `select` takes follows from a seed. Returns how many schedules there were. `f` must do the same each time but for its schedule: it makes
 * what it uses, and asks nothing outside. Go: no counterpart.
 *
 *     test("no update is lost", goTest(() => void explore(() => { … expect(n).toBe(2); })));
 *
 * @throws ScheduleError as soon as one fails: an exception, a deadlock, goroutines that are left when `f` has returned. It names the seed, and
 *   `explore(f, { replay: seed })` runs that schedule again; SyncError GORT_BUBBLE inside a bubble; TypeError GORT_ARGUMENT, RangeError GORT_RANGE if an
 *   option is wrong
 */
export function explore(f: () => unknown, options: ExploreOptions = {}): number {
  if (typeof f !== "function") throw wants("explore", "a function", f);
  drive(new Exploring(f, new Plan(options)), "explore");
  return undefined as unknown as number;
}
suspendable(explore);
