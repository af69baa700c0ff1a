/** Why a bubble fails. */
import { asText } from "../errors/catalogue.ts";

/** Every goroutine of a bubble waits, and nothing can wake one, or some are left when its function has returned. Go's words, and a dump of each. */
export class DeadlockError extends Error {
  readonly code = "GORT_BUBBLE_DEADLOCK";
  /** @param exited `f` has returned @param left the dumps of those that are left */
  constructor(exited: boolean, left: readonly string[]) {
    const what = exited
      ? "main bubble goroutine has exited but blocked goroutines remain"
      : "all goroutines in bubble are blocked";
    super(`deadlock: ${what}\n\n${left.join("\n\n")}`);
    this.name = "DeadlockError";
  }
}

/** A schedule under which the function fails: its seed, so that it can be run again, and how it went. `cause` is what was thrown. */
export class ScheduleError extends Error {
  readonly code = "GORT_SCHEDULE";
  /** What `replay` takes. */
  readonly seed: number;
  readonly strategy: string;
  /** Which of the schedules it was, from 1. */
  readonly run: number;
  /** Its last steps: which goroutine ran, and where it stopped. */
  readonly schedule: readonly string[];

  /** @param again the options that run it again @param steps how many there were */
  constructor(
    cause: unknown,
    at: { readonly seed: number; readonly strategy: string; readonly run: number; readonly runs: number },
    schedule: readonly string[],
    steps: number,
    again: string,
  ) {
    const last = schedule.length < steps ? `the last ${schedule.length} of its ${steps} steps` : "its steps";
    super(
      `explore: schedule ${at.run} of ${at.runs} (strategy ${at.strategy}, seed ${at.seed}) fails: ${asText(cause)}\n\n` +
        `${last}:\n\t${schedule.join("\n\t")}\n\nrun it again: explore(f, ${again})`,
      { cause },
    );
    this.name = "ScheduleError";
    this.seed = at.seed;
    this.strategy = at.strategy;
    this.run = at.run;
    this.schedule = schedule;
  }
}
