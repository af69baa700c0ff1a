/**
 * SIGQUIT (Ctrl-\): every goroutine on standard error, exit status 2, as in Go. A program that listens itself is left alone.
 *
 * JavaScript hears of signals between two turns of the event loop: goroutines let it turn every 10 ms, but a loop in code that is not
 * compiled, or a synchronous call that does not return, keeps the signal waiting.
 */
import { isMainThread } from "node:worker_threads";
import { quit } from "./fatal.ts";

export function watchQuit(): void {
  if (!isMainThread || process.platform === "win32") return;
  process.on("SIGQUIT", () => {
    if (process.listenerCount("SIGQUIT") === 1) quit();
  });
}
