/** Why a bubble fails. */
import { dump } from "../scheduler/dump.ts";
import type { G } from "../scheduler/g.ts";

/** Every goroutine of a bubble waits, and nothing can wake one. Go's words, and a dump of each. */
export class DeadlockError extends Error {
  readonly code = "GORT_BUBBLE_DEADLOCK";
  /** @param exited `f` has returned */
  constructor(exited: boolean, goroutines: readonly G[]) {
    const what = exited
      ? "main bubble goroutine has exited but blocked goroutines remain"
      : "all goroutines in bubble are blocked";
    super(`deadlock: ${what}\n\n${goroutines.map(dump).join("\n\n")}`);
    this.name = "DeadlockError";
  }
}
