/** A thread that runs out of memory, and threads that are ended from outside: at a hog, asleep. */
import { chan, go, gomaxprocs, parallel, type Chan } from "gort";
import { subscribe } from "node:diagnostics_channel";
import { isMainThread, type Worker } from "node:worker_threads";

const eats = parallel((ready: Chan<boolean>): void => {
  ready.send(!isMainThread);
  if (isMainThread) return;
  const kept: number[][] = [];
  for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
});

const computes = parallel((ready: Chan<boolean>): void => {
  ready.send(!isMainThread);
  if (isMainThread) return;
  for (;;);
});

const sleeps = parallel((ready: Chan<boolean>): void => {
  ready.send(!isMainThread);
  if (isMainThread) return;
  chan<number>().recv();
});

const last: { worker: Worker | null } = { worker: null };
subscribe("worker_threads", (message) => {
  last.worker = (message as { worker: Worker }).worker;
});

export function main(): void {
  gomaxprocs(2);
  for (const f of [eats, computes, sleeps]) {
    for (;;) {
      const ready = chan<boolean>(1);
      const g = go(f, ready);
      for (const until = performance.now() + 5; performance.now() < until;);
      if (ready.recv() !== true) {
        g.join();
        continue;
      }
      if (f !== eats) void last.worker!.terminate();
      try {
        g.join();
      } catch (e) {
        console.log((e as Error).message.split(";")[0]!.replace(/M\d+/, "M"));
      }
      break;
    }
  }
}
