/**
 * A value there and back between two threads: of main and another, and of two others. Each case gives the whole, the best window (both on
 * a core of their own, looking) and what it costs after a pause (both asleep). `_core`: the process is pinned to one core (sample.ts).
 */
import { chan, go, gomaxprocs, parallel, sleep, type Chan } from "gort";
import { threadId } from "node:worker_threads";
import { choose, now, percentile, sample } from "./lib/bench.ts";

const ROUNDS = 50_000;
const WINDOW = 50;
const PAUSES = 300;

/** Microseconds: the whole, the best window, the median after a pause. */
type Times = [whole: number, best: number, parked: number];

/** Says where it runs, and answers. */
const pong = parallel((from: Chan<number>, to: Chan<number>, where: Chan<number>): void => {
  where.send(threadId);
  for (const v of from) to.send(v + 1);
});

/** Computes for so many ms. */
function busy(ms: number): void {
  for (const until = now() + ms * 1e6; now() < until;);
}

function measure(a: Chan<number>, b: Chan<number>): Times {
  const windows = new Float64Array(ROUNDS / WINDOW);
  const start = now();
  for (let w = 0; w < windows.length; w++) {
    const from = now();
    for (let i = 0; i < WINDOW; i++) {
      a.send(i);
      b.recv();
    }
    windows[w] = (now() - from) / WINDOW / 1000;
  }
  const whole = (now() - start) / ROUNDS / 1000;
  windows.sort();
  const parked = new Float64Array(PAUSES);
  for (let i = 0; i < PAUSES; i++) {
    sleep(2);
    const from = now();
    a.send(i);
    b.recv();
    parked[i] = (now() - from) / 1000;
  }
  parked.sort();
  return [whole, windows[0]!, percentile(parked, 0.5)];
}

/** The same on another thread than main's and `other`; on one of these it keeps it busy, so that the next one begins elsewhere. */
const ping = parallel((a: Chan<number>, b: Chan<number>, other: number): Times | undefined => {
  if (threadId !== 0 && threadId !== other) return measure(a, b);
  busy(20);
  return undefined;
});

/** A partner on another thread than main's, and its number. */
function partner(): [Chan<number>, Chan<number>, number] {
  for (;;) {
    const [a, b, where] = [chan<number>(), chan<number>(), chan<number>()];
    go(pong, a, b, where);
    // Main is busy: whoever takes it is another thread.
    busy(5);
    const id = where.recv()!;
    if (id !== 0) return [a, b, id];
    a.close();
  }
}

function say([whole, best, parked]: Times): void {
  sample("roundtrip", whole, "us");
  sample("roundtrip-spinning", best, "us");
  sample("roundtrip-parked", parked, "us");
}

function withMain(): void {
  gomaxprocs(2);
  const [a, b] = partner();
  say(measure(a, b));
}

function withoutMain(): void {
  gomaxprocs(3);
  const [a, b, other] = partner();
  for (;;) {
    const tries = [go(ping, a, b, other), go(ping, a, b, other)];
    busy(5);
    const times = tries.map((g) => g.join()).find((t) => t !== undefined);
    if (times !== undefined) return say(times);
  }
}

export function main(): void {
  choose({
    pingpong_threads: withMain,
    pingpong_workers: withoutMain,
    pingpong_threads_core: withMain,
    pingpong_workers_core: withoutMain,
  });
}
