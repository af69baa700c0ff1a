/** `gort/trace`: tasks, regions and logs in execution traces. Go: runtime/trace. */
import "../internal/index.ts";

export { isEnabled, log, newTask, Region, startRegion, Task, withRegion } from "./annotate.ts";
