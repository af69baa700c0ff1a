/** Throughput of channels. */
import { chan, go, WaitGroup } from "gort";
import { choose, now, per } from "./lib/bench.ts";

function through(producers: number, consumers: number, capacity: number, n: number): void {
  const c = chan<number>(capacity);
  const sending = new WaitGroup();
  const receiving = new WaitGroup();
  sending.add(producers);
  receiving.add(consumers);
  const start = now();
  for (let i = 0; i < producers; i++) {
    go(() => {
      for (let j = 0; j < n / producers; j++) c.send(j);
      sending.done();
    });
  }
  for (let i = 0; i < consumers; i++) {
    go(() => {
      let sum = 0;
      for (const v of c) sum += v;
      receiving.done();
      return sum;
    });
  }
  sending.wait();
  c.close();
  receiving.wait();
  per("send+recv", start, n, "ns/elem");
}

/** One goroutine sends to itself: no switching. */
function same(): void {
  const N = 10_000_000;
  const c = chan<number>(128);
  const start = now();
  for (let i = 0; i < N; i++) {
    c.send(i);
    c.recv();
  }
  per("send+recv", start, N, "ns/pair");
}

export function main(): void {
  choose({
    buffered128_1p1c: () => through(1, 1, 128, 5_000_000),
    buffered128_4p4c: () => through(4, 4, 128, 4_000_000),
    unbuffered_1p1c: () => through(1, 1, 0, 2_000_000),
    buffered128_samegoroutine: same,
  });
}
