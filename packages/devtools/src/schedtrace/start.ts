/** schedTrace: the lines of GODEBUG=schedtrace, from the program itself. */
import { inspect } from "../inspect.ts";

/** What {@link schedTrace} prints besides. */
export interface SchedTraceOptions {
  /** A line for each P, M and goroutine too. Default: false. Go: scheddetail=1. */
  detail?: boolean;
  /** Bytes of stacks in them. Default: false. Go: no counterpart. */
  stacks?: boolean;
}

/**
 * Prints the scheduler's numbers on standard error every `ms` milliseconds (1 at least), until it is disposed of. Go: GODEBUG=schedtrace.
 * @throws TypeError GORT_ARGUMENT if `ms` is not a number
 */
export function schedTrace(ms: number, options: SchedTraceOptions = {}): Disposable {
  const stop = inspect().schedTrace(ms, options);
  return { [Symbol.dispose]: stop };
}
