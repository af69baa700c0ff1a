/** Goroutines on several threads. Each case sets its own number of Ps. */
import {
  background,
  blocking,
  chan,
  go,
  gomaxprocs,
  lockOSThread,
  move,
  parallel,
  sleep,
  syscall,
  unlockOSThread,
  wait,
  WaitGroup,
  withCancel,
  type Chan,
  type Context,
} from "gort";
import { isMainThread } from "node:worker_threads";
import { choose, millis, now, per, percentile, sample } from "./lib/bench.ts";

/** Primes in [from, to). */
const primes = parallel((from: number, to: number): number => {
  let count = 0;
  for (let n = Math.max(from, 2); n < to; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) {
      if (n % d === 0) {
        prime = false;
        break;
      }
    }
    if (prime) count++;
  }
  return count;
});

const add = parallel((n: number): number => n + 1);

/** Says when it ran, and that it has, by a clock that all threads share. */
const stamp = parallel((words: Int32Array<SharedArrayBuffer>, at: BigInt64Array<SharedArrayBuffer>): void => {
  at[0] = process.hrtime.bigint();
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
});

/** Computes until its context ends. */
const polls = parallel((ctx: Context, started: Chan<boolean>): number => {
  started.send(true);
  let n = 0;
  try {
    while (ctx.err() === undefined) n++;
  } finally {
    n = -1;
  }
  return n;
});

const CHUNKS = 64;
const UP_TO = 3_000_000;

function count(procs: number): number {
  gomaxprocs(procs);
  const start = now();
  const parts = [];
  for (let i = 0; i < CHUNKS; i++) parts.push(go(primes, (UP_TO / CHUNKS) * i, (UP_TO / CHUNKS) * (i + 1)));
  let sum = 0;
  for (const part of parts) sum += part.join();
  if (sum !== 216_816) throw new Error(`${sum} primes`);
  return now() - start;
}

function speedUp(): void {
  count(2); // the thread is started, the code optimised
  let [one, two] = [Infinity, Infinity];
  for (let round = 0; round < 3; round++) {
    one = Math.min(one, count(1));
    two = Math.min(two, count(2));
  }
  sample("one-P", one / 1e6, "ms");
  sample("two-Ps", two / 1e6, "ms");
  sample("slower-than-ideal", two / one, "x");
}

function roundTrip(): void {
  const N = 200_000;
  gomaxprocs(2);
  for (let i = 0; i < 1000; i++) go(add, i).join();
  const start = now();
  for (let i = 0; i < N; i++) go(add, i).join();
  per("go+join", start, N * 1000, "us");
}

/** Goroutines that cannot run where they are created: the thread is locked. NaN on main, which cannot be. */
const across = parallel((n: number): number => {
  if (isMainThread) return NaN;
  lockOSThread();
  for (let i = 0; i < 1000; i++) go(add, i).join();
  const start = now();
  for (let i = 0; i < n; i++) go(add, i).join();
  const took = now() - start;
  unlockOSThread();
  return took;
});

/** The locked thread's partner is main, or another one; and the same by `blocking`, from main. */
function forcedAcross(): void {
  const N = 20_000;
  gomaxprocs(2);
  for (;;) {
    const g = go(across, N);
    // Main is busy: whoever takes it is another thread.
    for (const until = now() + 20e6; now() < until;);
    const took = g.join();
    if (Number.isNaN(took)) continue;
    sample("go+join", took / N / 1000, "us");
    break;
  }
  for (let i = 0; i < 1000; i++) blocking(add, i);
  const start = now();
  for (let i = 0; i < N; i++) blocking(add, i);
  per("blocking", start, N * 1000, "us");
}

function inFlight(): void {
  const [ROUNDS, MANY] = [500, 1000];
  gomaxprocs(2);
  go(add, 1).join();
  const start = now();
  for (let r = 0; r < ROUNDS; r++) {
    const wg = new WaitGroup();
    for (let i = 0; i < MANY; i++) wg.go(add, i);
    wg.wait();
  }
  per("goroutine", start, ROUNDS * MANY * 1000, "us");
}

/** How long a P whose thread blocks in a system call takes to be at work elsewhere. */
function handOff(): void {
  gomaxprocs(1);
  const buffer = new SharedArrayBuffer(16);
  const [words, at] = [new Int32Array(buffer), new BigInt64Array(buffer, 8)];
  const late = new Float64Array(200);
  for (let i = -20; i < late.length; i++) {
    Atomics.store(words, 0, 0);
    const g = go(stamp, words, at);
    let from = 0n;
    syscall(() => {
      from = process.hrtime.bigint();
      while (Atomics.load(words, 0) === 0) Atomics.wait(words, 0, 0, 1000);
    });
    if (i >= 0) late[i] = Number(at[0]! - from) / 1000;
    g.join();
  }
  late.sort();
  sample("handed-on-p50", percentile(late, 0.5), "us");
  sample("handed-on-max", late.at(-1)! / 1000, "ms");
}

function systemCalls(): void {
  const N = 1_000_000;
  const nothing = (): void => {};
  let start = now();
  for (let i = 0; i < N; i++) syscall(nothing);
  per("alone", start, N, "ns");
  gomaxprocs(2);
  go(add, 1).join();
  start = now();
  for (let i = 0; i < N; i++) syscall(nothing);
  per("with-threads", start, N, "ns");
}

/** From `cancel` to the end of a goroutine that polls its context on another thread. */
function cancelHog(): void {
  gomaxprocs(2);
  const late = new Float64Array(20);
  for (let i = 0; i < late.length; i++) {
    const [ctx, cancel] = withCancel(background());
    const started = chan<boolean>();
    const g = go(polls, ctx, started);
    started.recv();
    sleep(5);
    const from = now();
    cancel();
    if (g.join() !== -1) throw new Error("its finally did not run");
    late[i] = (now() - from) / 1e6;
  }
  late.sort();
  sample("p50", percentile(late, 0.5), "ms");
  sample("max", late.at(-1)!, "ms");
}

/** Receives all, on a thread of its own where it is called by `blocking`. */
const drains = parallel((values: Chan<unknown>): number => {
  let n = 0;
  for (const _ of values) n++;
  return n;
});

function sendAcross(): void {
  const N = 50_000;
  for (const [metric, v] of [
    ["number", 1],
    ["object", { id: 1, name: "a name that is too long for a cell" }],
  ] as const) {
    for (let i = 0; i < 2; i++) {
      const values = chan<unknown>(128);
      const g = go(() => blocking(drains, values));
      const start = now();
      for (let k = 0; k < N; k++) values.send(v);
      values.close();
      if (g.join() !== N) throw new Error("values are missing");
      if (i === 1) per(metric, start, N * 1000, "us");
    }
  }
}

const reads = parallel((stream: ReadableStream<Uint8Array>): number => {
  const reader = stream.getReader();
  for (let n = 0; ;) {
    const { value, done } = wait(reader.read());
    if (done) return n;
    n += value.length;
  }
});

/** A stream that another thread reads: Node.js, where one is transferred, takes a round trip for each chunk. */
function streamAcross(): void {
  for (const [metric, size, count] of [
    ["4-KiB-chunk", 4096, 5000],
    ["64-KiB-chunk", 65_536, 1000],
  ] as const) {
    for (let i = 0; i < 2; i++) {
      let left = count;
      const source = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (left-- === 0) controller.close();
          else controller.enqueue(new Uint8Array(size));
        },
      });
      const start = now();
      if (blocking(reads, move(source)) !== size * count) throw new Error("bytes are missing");
      if (i === 1) per(metric, start, count * 1000, "us");
    }
  }
}

function cold(): void {
  const start = now();
  go(add, 1).join();
  millis("first-result", start);
}

export function main(): void {
  choose({
    cpu_parallel: speedUp,
    parallel_roundtrip: roundTrip,
    parallel_across: forcedAcross,
    parallel_1000: inFlight,
    syscall_handoff: handOff,
    syscall: systemCalls,
    cancel_hog: cancelHog,
    send_across: sendAcross,
    stream_across: streamAcross,
    parallel_cold: cold,
  });
}
