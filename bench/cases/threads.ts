/** Goroutines on several threads. Each case sets its own number of Ps. */
import { chan, go, gomaxprocs, parallel, WaitGroup, type Chan } from "gort";
import { threadId } from "node:worker_threads";
import { choose, millis, now, per, sample } from "./lib/bench.ts";

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

/** Answers, once it runs on another thread than main. */
const pong = parallel((from: Chan<number>, to: Chan<number>, elsewhere: Chan<boolean>): void => {
  elsewhere.send(threadId !== 0);
  for (const v of from) to.send(v + 1);
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

/** A partner on another thread; null when every try ran on main. */
function partner(): [Chan<number>, Chan<number>] {
  for (;;) {
    const [a, b, where] = [chan<number>(), chan<number>(), chan<boolean>()];
    go(pong, a, b, where);
    // Main is busy: whoever takes it is another thread.
    for (const until = now() + 5e6; now() < until;);
    if (where.recv() === true) return [a, b];
    a.close();
  }
}

function pingPong(): void {
  const N = 20_000;
  gomaxprocs(2);
  const [a, b] = partner();
  const start = now();
  for (let i = 0; i < N; i++) {
    a.send(i);
    b.recv();
  }
  per("roundtrip", start, N * 1000, "us");
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
    parallel_1000: inFlight,
    pingpong_threads: pingPong,
    parallel_cold: cold,
  });
}
