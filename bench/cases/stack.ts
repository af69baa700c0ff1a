/** A deep stack: what it costs to grow, per frame, and what a goroutine with one weighs. */
import { chan, go, gosched, WaitGroup } from "gort";
import { choose, now, per, sample } from "./lib/bench.ts";

const DEPTH = 1_000_000;

function down(n: number): number {
  return n === 0 ? 0 : 1 + down(n - 1);
}

/** At its deepest it parks, so that the stack can be weighed. */
function below(n: number, bottom: () => void): number {
  if (n === 0) {
    bottom();
    return 0;
  }
  return 1 + below(n - 1, bottom);
}

function deep(): void {
  down(10_000);
  const start = now();
  if (down(DEPTH) !== DEPTH) throw new Error("lost frames");
  per("down+up", start, DEPTH, "ns/frame");
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const c = chan<void>();
  const wg = new WaitGroup();
  let there = false;
  wg.go(() => {
    below(DEPTH, () => {
      there = true;
      c.recv();
    });
  });
  while (!there) gosched();
  gosched();
  globalThis.gc?.();
  sample("stack", (process.memoryUsage().heapUsed - before) / DEPTH, "bytes/frame");
  c.close();
  wg.wait();
}

/** Goroutines that have gone a hundred frames down wait there. */
function parked(n: number): void {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const c = chan<void>();
  let there = 0;
  for (let i = 0; i < n; i++)
    go(() => {
      below(100, () => {
        there++;
        c.recv();
      });
    });
  while (there < n) gosched();
  sample("RSS/goroutine", (process.memoryUsage.rss() - before) / n, "bytes");
  c.close();
}

export function main(): void {
  choose({ stack_1e6: deep, stack_100_parked: () => parked(10_000) });
}
