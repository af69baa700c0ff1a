/**
 * `gort/inspect`: what the tools of Gort read of a running program. For Gort's own packages, of the same version. Not an API.
 * Everything here only looks, but for reclaimUnreachable.
 */
import "../internal/index.ts";

export { host, Random } from "../internal/host.ts";
export { R, U, type Frame } from "../internal/state.ts";
export { eachGoroutine } from "../scheduler/all.ts";
export { dump, header, labelText, stateText } from "../scheduler/dump.ts";
export { CALLBACK, DEAD, FRESH, REASON_SHIFT, RUNNABLE, STATUS, VALUE, WAITING } from "../scheduler/status.ts";
export type { G } from "../scheduler/g.ts";
export { bottom } from "../scheduler/execute.ts";
export { stackBytes } from "../scheduler/grow.ts";
export { S } from "../scheduler/p.ts";
export { reasonText } from "../scheduler/reason.ts";
export { ownStats as stats, type Stats } from "../scheduler/stats.ts";
export { createdBy } from "../scheduler/callers.ts";
export { home } from "../scheduler/native-stack.ts";
export { schedTrace } from "../scheduler/schedtrace.ts";
export { attach, detach, type Tracer } from "../scheduler/tracer.ts";
export {
  frameLocation,
  location,
  locationById,
  nativeLocations,
  siteLocation,
  startLocation,
  type Location,
} from "./location.ts";
export { StackTable, type StackNode } from "./stack.ts";
export { post, visit } from "../shared/visitors.ts";
export { told } from "../shared/waits.ts";
export { X } from "../shared/region.ts";
export { current, machines, threads, type Machine, type Machines, type Proc, type Threads } from "./threads.ts";
export { gc, reclaimUnreachable } from "./unreachable.ts";
