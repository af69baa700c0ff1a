/** Many goroutines parked at once: what they cost to create, to keep and to wake. */
import { chan, go, gosched, WaitGroup } from "gort";
import { choose, millis, now, per, sample } from "./lib/bench.ts";

function parked(n: number): void {
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const before = process.memoryUsage.rss();
  const c = chan<number>();
  const wg = new WaitGroup();
  let up = 0;
  wg.add(n);
  const body = (): void => {
    up++;
    c.recv();
    wg.done();
  };
  let start = now();
  for (let i = 0; i < n; i++) go(body);
  while (up < n) gosched();
  per("create+park", start, n, "ns/goroutine");
  millis("create+park-all", start);
  const rss = process.memoryUsage.rss();
  sample("RSS-total", rss / 1048576, "MiB");
  sample("RSS/goroutine", (rss - before) / n, "bytes");
  if (globalThis.gc !== undefined) {
    start = now();
    globalThis.gc();
    millis("GC-with-parked", start);
    sample("HeapInuse/goroutine", (process.memoryUsage().heapUsed - heap) / n, "bytes");
  }
  start = now();
  c.close();
  millis("close-call", start);
  wg.wait();
  millis("wake-all(close)", start);
  per("wake(close)", start, n, "ns/goroutine");
}

export function main(): void {
  choose({ parked_1e5: () => parked(100_000), parked_1e6: () => parked(1_000_000) });
}
