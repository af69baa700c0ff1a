/** `gort/testing`: what tests of code with goroutines need. */
export { goTest } from "./body.ts";
export { explore, type ExploreOptions } from "./explore.ts";
export { DeadlockError, ScheduleError } from "./failure.ts";
export { bubble, waitIdle } from "./virtual.ts";
export { findLeaks, findLeaksAsync, LeakError, verifyNone, verifyNoneAsync } from "./leaks.ts";
export { verifyTestMain, type Hook } from "./main.ts";
export {
  ignoreCurrent,
  type CurrentGoroutines,
  type Functions,
  type LeakOptions,
  type VerifyOptions,
  type VerifyTestMainOptions,
} from "./options.ts";
export type { GoroutineStack } from "./stacks.ts";
export type { StrategyName } from "./strategy.ts";
