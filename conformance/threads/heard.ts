/** What fails on a thread that is not main, and not in a goroutine: a timer, a promise that nobody handles. And a goroutine that nobody joins. */
import { chan, go, gomaxprocs, parallel, sleep, stats, type Chan } from "gort";
import { isMainThread } from "node:worker_threads";

const fails = parallel((how: string, ready: Chan<boolean>, goOn: Chan<boolean>): string => {
  ready.send(!isMainThread);
  if (isMainThread) return "";
  if (how !== "rejection") {
    setTimeout(() => {
      throw how === "opaque" ? Object.create(null) : new TypeError("in a timer");
    });
    goOn.recv();
  }
  if (how === "rejection" || how === "listen") void Promise.reject(new RangeError("rejected"));
  goOn.recv();
  return "still here";
});

export function main(): void {
  gomaxprocs(2);
  const how = process.argv[2]!;
  const [heard, goOn] = [chan<boolean>(2), chan<boolean>()];
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    if (how !== "listen") break;
    process.on(event, (e: unknown) => {
      console.log(`${event}: ${String(e)}`);
      process.removeAllListeners(event);
      heard.trySend(true);
    });
  }
  process.on("exit", (code) => console.log("exit with", code));
  for (;;) {
    const ready = chan<boolean>(1);
    const g = go(fails, how, ready, goOn);
    for (const until = performance.now() + 5; performance.now() < until;);
    if (ready.recv() !== true) continue;
    for (let i = 0; i < 2; i++) {
      heard.recv();
      goOn.send(true);
    }
    console.log(g.join());
    break;
  }
  const kept = go(() => {
    throw new Error("nobody asks");
  });
  // Until it has failed.
  while (stats().goroutines > 1) sleep(1);
  if (kept.id === 0) kept.join();
}
