/** The main goroutine of a program: its end is the end of the process (Go's rule). For the CLI. */
import { spawn, start } from "./go.ts";
import { panicText, reportUncaught } from "./fatal.ts";
import { extra, KEPT, MAIN } from "./g.ts";
import { S } from "./p.ts";

/** Ends the process: standard output drained, "exit" handlers run, `process.exitCode` kept. */
export function exitProcess(status?: number): void {
  S.stopped = 1;
  const end = (): void => {
    // The last that other threads have said may be a status.
    S.shared?.hear();
    process.exit(process.exitCode ?? status ?? 0);
  };
  const drainErr = (): void => {
    if (process.stderr.writableLength === 0) end();
    else process.stderr.write("", end);
  };
  if (process.stdout.writableLength === 0) drainErr();
  else process.stdout.write("", drainErr);
}

/**
 * Runs `main` as goroutine 1 and ends the process when it returns, whatever the others do. A promise it returns is awaited. An
 * exception goes to process's "uncaughtException" listeners, without one it is Go's panic: dump, exit status 2.
 */
export function runMain(main: (...args: unknown[]) => unknown): void {
  const g = spawn(main, [], KEPT | MAIN, null);
  const ext = extra(g);
  S.mains++;
  // Standing in for a promise's, so that goexit and deadlocks are treated as in run().
  ext.resolve = (value): void => {
    if (typeof (value as PromiseLike<unknown> | undefined)?.then !== "function") exitProcess();
    else Promise.resolve(value).then(() => exitProcess(), fail);
  };
  const fail = (e: unknown): void => {
    reportUncaught(e, panicText(g, e));
    exitProcess(2);
  };
  ext.reject = fail;
  start(g);
}
