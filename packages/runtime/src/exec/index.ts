/** `gort/exec`: other programs, as blocking code. Go: package os/exec. */
export { ExecError, type Exit, type Process, type SpawnOptions } from "./process.ts";
export { exec, spawn, type Output } from "./run.ts";
