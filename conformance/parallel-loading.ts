/** A thread that loads what a parallel goroutine runs takes no other meanwhile: it would stay there, and wait as well. */
import { go, gomaxprocs, parallel } from "gort";
import { threadId } from "node:worker_threads";
import { slow } from "./lib/slow.ts";

const work = parallel((ms: number): number => {
  for (const until = performance.now() + slow(ms); performance.now() < until;);
  return threadId;
});

export function main(): void {
  gomaxprocs(2);
  const others = Array.from({ length: 40 }, () => go(work, 3))
    .map((g) => g.join())
    .filter((id) => id !== 0);
  console.log(others.length <= 1);
}
