/** schedTrace: the lines of GODEBUG=schedtrace, from the program itself. */
import { inspect } from "../inspect.ts";

export interface SchedTraceOptions {
  /** A line for each P, M and goroutine too. Go: scheddetail=1. */
  detail?: boolean;
  /** Bytes of stacks in them; Go has none there. */
  stacks?: boolean;
}

/** Prints the scheduler's numbers on standard error every `ms` milliseconds, until it is disposed of. Go: GODEBUG=schedtrace. */
export function schedTrace(ms: number, options: SchedTraceOptions = {}): Disposable {
  const stop = inspect().schedTrace(ms, options);
  return { [Symbol.dispose]: stop };
}
