/** What a leak check leaves out, and how long it waits: goleak's options. */
import { argument, mustBeOptions, range } from "../errors/catalogue.ts";
import { idsNow, type GoroutineStack } from "./stacks.ts";

/** Functions by their name as dumps show it ("worker", "Server.accept"), or by a pattern. */
export type Functions = string | RegExp | readonly (string | RegExp)[];

/** The goroutines that were there when it was made: see {@link ignoreCurrent}. */
export interface CurrentGoroutines {
  /** Their numbers. */
  readonly ids: ReadonlySet<number>;
}

/** What leak checks can be told. */
export interface LeakOptions {
  /** Leaves out goroutines with one of these functions on top of the stack. Go: goleak.IgnoreTopFunction. */
  readonly ignoreTopFunction?: Functions;
  /** Leaves out goroutines with one of these functions anywhere in the stack. Go: goleak.IgnoreAnyFunction. */
  readonly ignoreAnyFunction?: Functions;
  /** Leaves out goroutines started by one of these functions. Go: goleak.IgnoreCreatedBy. */
  readonly ignoreCreatedBy?: Functions;
  /** Leaves out what `ignoreCurrent()` found. Go: goleak.IgnoreCurrent. */
  readonly ignoreCurrent?: CurrentGoroutines;
  /** How often it looks again while it finds something; 0: once and no more. Default: 20. Go: goleak.MaxRetryAttempts. */
  readonly maxRetryAttempts?: number;
  /** The longest pause between two looks, ms; they grow from 1 microsecond, doubling. Default: 100. Go: goleak.MaxSleepInterval. */
  readonly maxSleepInterval?: number;
}

/** What `verifyNone` can be told besides. */
export interface VerifyOptions extends LeakOptions {
  /**
   * Called when the check is over, whatever it found: with 0 by `verifyNone`, with 0 or 1 (a leak, or a test failed) by
   * `verifyTestMain`. Must not block. Go: goleak.Cleanup.
   */
  readonly cleanup?: (exitCode: number) => void;
}

/** What `verifyTestMain` can be told besides. */
export interface VerifyTestMainOptions extends VerifyOptions {
  /** Looks for leaks also when a test has failed. Default: false. Go: goleak.RunOnFailure. */
  readonly runOnFailure?: boolean;
}

/** The goroutines alive now, for the option of this name: they are no leaks of what comes later. Go: goleak.IgnoreCurrent. */
export function ignoreCurrent(): CurrentGoroutines {
  return { ids: idsNow() };
}

const known: ReadonlySet<string> = new Set([
  "ignoreTopFunction",
  "ignoreAnyFunction",
  "ignoreCreatedBy",
  "ignoreCurrent",
  "maxRetryAttempts",
  "maxSleepInterval",
]);

type Matcher = (name: string) => boolean;

/** The options, checked, as a filter and a schedule of retries. */
export class Check {
  readonly #top: Matcher;
  readonly #any: Matcher;
  readonly #by: Matcher;
  readonly #current: ReadonlySet<number>;
  readonly #retries: number;
  readonly #longest: number;

  /** `more` names the options that only `who` takes. */
  constructor(who: string, options: VerifyTestMainOptions, more: readonly string[]) {
    mustBeOptions(options, who);
    for (const name of Object.keys(options))
      if (!known.has(name) && !more.includes(name)) throw argument(`${who}: unknown option ${name}`);
    this.#top = matcher(who, "ignoreTopFunction", options.ignoreTopFunction);
    this.#any = matcher(who, "ignoreAnyFunction", options.ignoreAnyFunction);
    this.#by = matcher(who, "ignoreCreatedBy", options.ignoreCreatedBy);
    const { ignoreCurrent: current, cleanup, maxRetryAttempts = 20, maxSleepInterval = 100 } = options;
    if (current !== undefined && !(current?.ids instanceof Set))
      throw argument(`${who}: ignoreCurrent is what ignoreCurrent() returned`);
    if (cleanup !== undefined && typeof cleanup !== "function") throw argument(`${who}: cleanup is a function`);
    if (!Number.isInteger(maxRetryAttempts) || maxRetryAttempts < 0)
      throw range(`${who}: maxRetryAttempts should be greater than 0`);
    if (typeof maxSleepInterval !== "number" || !(maxSleepInterval > 0))
      throw range(`${who}: maxSleepInterval should be greater than 0s`);
    this.#current = current?.ids ?? new Set();
    this.#retries = maxRetryAttempts;
    this.#longest = maxSleepInterval;
  }

  /** Whether the options leave this one out. */
  ignores(s: GoroutineStack): boolean {
    return (
      this.#current.has(s.id) ||
      this.#top(s.topFunction) ||
      s.functions.some(this.#any) ||
      (s.createdBy !== "" && this.#by(s.createdBy))
    );
  }

  /** The pause before retry `i` (from 0), ms; -1: no more. */
  pause(i: number): number {
    return i >= this.#retries ? -1 : Math.min(2 ** i / 1000, this.#longest);
  }
}

function matcher(who: string, option: string, wanted: Functions | undefined): Matcher {
  if (wanted === undefined) return () => false;
  const all = (Array.isArray(wanted) ? wanted : [wanted]) as readonly (string | RegExp)[];
  for (const one of all)
    if (typeof one !== "string" && !(one instanceof RegExp))
      throw argument(`${who}: ${option} is the name of a function, a pattern, or an array of them`);
  return (name) => all.some((one) => (typeof one === "string" ? one === name : name.search(one) >= 0));
}
