/** Timers, sleeping, and how late a goroutine wakes beside one that never lets go. */
import { after, chan, go, select, sleep, Ticker, Timer, WaitGroup } from "gort";
import { choose, now, per, percentile, sample } from "./lib/bench.ts";

/** Deadlines spread evenly over 200 ms, beginning 400 ms from the start, when all sleep. */
function sleepers(): void {
  const N = 100_000;
  const late = new Float64Array(N);
  const wg = new WaitGroup();
  wg.add(N);
  const start = performance.now();
  for (let i = 0; i < N; i++) {
    go((k: number) => {
      const deadline = start + 400 + (k * 200) / N;
      sleep(deadline - performance.now());
      late[k] = performance.now() - deadline;
      wg.done();
    }, i);
  }
  sample("create", performance.now() - start, "ms");
  wg.wait();
  late.sort();
  sample("late-p50", percentile(late, 0.5), "ms");
  sample("late-p99", percentile(late, 0.99), "ms");
}

function startStop(): void {
  const N = 1_000_000;
  const start = now();
  for (let i = 0; i < N; i++) new Timer(3_600_000).stop();
  per("NewTimer+Stop", start, N, "ns/op");
}

function spin(): never {
  for (;;) {
    // Never lets go by itself.
  }
}

/** One spinner a processor: we have one. */
function preemption(spinning: boolean, ms: number): void {
  if (spinning) go(spin);
  const results = chan<number[]>();
  go(() => {
    const late: number[] = [];
    const end = performance.now() + ms;
    for (;;) {
      const start = performance.now();
      if (start >= end) break;
      sleep(1);
      late.push(performance.now() - start - 1);
    }
    results.send(late);
  });
  const late = results.recv()!.sort((a, b) => a - b);
  const ticks = chan<number>();
  go(() => {
    using ticker = new Ticker(1);
    const tick = ticker.c;
    const end = after(ms);
    let n = 0;
    while (select({ tick, end }).case === "tick") n++;
    ticks.send(n);
  });
  const n = ticks.recv()!;
  sample("late-mean", late.reduce((a, b) => a + b, 0) / late.length, "ms");
  sample("late-p50", percentile(late, 0.5), "ms");
  sample("late-p99", percentile(late, 0.99), "ms");
  sample("late-max", late[late.length - 1]!, "ms");
  sample("ticks-per-s(1ms ticker)", (n / ms) * 1000, "ticks/s");
}

export function main(): void {
  choose({
    sleep_1e5: sleepers,
    timer_start_stop: startStop,
    preempt_idle: () => preemption(false, 1000),
    preempt_spin: () => preemption(true, 1500),
  });
}
