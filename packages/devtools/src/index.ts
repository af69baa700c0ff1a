/** `@gort/devtools`: the tools around a program of goroutines. The command is `gort`. */
import * as gortInspect from "gort/inspect";
import { useInspect } from "./inspect.ts";

useInspect(gortInspect);

export { check, type Checked, type Finding } from "./check.ts";
export { pprofHandler, type PprofOptions, type PprofRequestHandler } from "./pprof/handler.ts";
export { setBlockProfileRate, setMutexProfileFraction } from "./pprof/contention.ts";
export { findLeaked, goroutineGrowth, type Growth, type Leak } from "./pprof/leak.ts";
export { schedTrace, type SchedTraceOptions } from "./schedtrace/start.ts";
export { startTrace, type Trace, type TraceOptions, type TraceSink } from "./trace/start.ts";
