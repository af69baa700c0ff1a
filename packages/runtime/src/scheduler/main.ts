/** The main goroutine of a program: its end is the end of the process (Go's rule). For the CLI. */
import { host } from "../internal/host.ts";
import { spawn, start } from "./go.ts";
import { panicText, reportUncaught, unheard } from "./fatal.ts";
import { extra } from "./extra.ts";
import { KEPT, MAIN } from "./status.ts";
import { S } from "./p.ts";

/** How long main waits for another thread to say why the process ends, in milliseconds. */
const PATIENCE = 1000;

/** Ends the process: standard output drained, "exit" handlers run, `process.exitCode` kept. */
export function exitProcess(status?: number): void {
  S.stopped = 1;
  // The loop is left before it runs anybody else.
  S.deadline = 0;
  S.countdown = 1;
  let until = 0;
  const end = (): void => {
    const ending = S.shared?.ending() ?? -1;
    // As in Go: a panic or a fatal error that has begun on another thread is printed, and ends the process.
    if (ending === -2 && host.now() < (until ||= host.now() + PATIENCE)) {
      host.setTimer(end, 1);
      return;
    }
    if (ending >= 0) {
      S.stopped = 2;
      host.exit(ending);
    }
    // The last that other threads have said may be a status.
    S.shared?.hear();
    // Behind what Node has to say of promises that main has rejected and nobody handles.
    host.immediate(() => {
      // Before "exit", whose listeners hear of the status.
      unheard.report();
      process.exit(process.exitCode ?? status ?? 0);
    });
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
