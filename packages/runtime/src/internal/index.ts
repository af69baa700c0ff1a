/** `gort/internal`: for compiled code and for Gort's own packages, of the same version. Not an API. */
import { R } from "./state.ts";
import { S } from "../scheduler/p.ts";
import "../scheduler/adopt.ts";
import "../scheduler/go.ts";
import "../scheduler/stack.ts";
import "../scheduler/deadlock.ts";
import "../scheduler/schedtrace.ts";
import "../shared/syscall.ts";

export { type Frame, R, suspendable, U } from "./state.ts";
export { runMain } from "../scheduler/main.ts";
export { startSysmon } from "../scheduler/sysmon.ts";

/** Whether the program has called `run` itself. */
export function hasRun(): boolean {
  return R.ran;
}

/** Whether there has been a goroutine. */
export function hasStarted(): boolean {
  return S.created > 0;
}
