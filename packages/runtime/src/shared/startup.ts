/** A thread's first file: what the engine has made of the runtime is kept between runs, here as on main, and the runtime is loaded behind that. */
import module from "node:module";
import { workerData } from "node:worker_threads";

const kept = (workerData as { readonly "gort.kept"?: string } | null)?.["gort.kept"];
if (kept !== undefined) module.enableCompileCache(kept);
await import("./worker.ts");
