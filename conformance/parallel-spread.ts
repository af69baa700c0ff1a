/**
 * Long parallel goroutines wait for the thread that is about to come for them: where one has begun it stays, and there would be nothing left for
 * the others to run.
 */
import { go, gomaxprocs, parallel, sleep } from "gort";
import { threadId } from "node:worker_threads";
import { slow } from "./lib/slow.ts";

/** Runs until the second word says so; the first counts those that have begun. */
const work = parallel((words: Int32Array): number => {
  Atomics.add(words, 0, slow(1));
  while (Atomics.load(words, 1) === 0);
  return threadId;
});

export function main(): void {
  gomaxprocs(2);
  const words = new Int32Array(new SharedArrayBuffer(8));
  const start = performance.now();
  const all = Array.from({ length: 12 }, () => go(work, words));
  sleep(300);
  // Two, and one more for each 400 ms that nobody came.
  const begun = words[0]!;
  const most = 2 + Math.floor((performance.now() - start) / 400);
  console.log(begun >= 1, begun <= most || `${begun} have begun here, not ${most}`);
  words[1] = 1;
  console.log(new Set(all.map((g) => g.join())).size <= 2);
}
