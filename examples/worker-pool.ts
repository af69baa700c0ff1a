/**
 * A worker pool, sized by Go's rules:
 *
 *     work that computes   as many workers as cores: more would only take turns
 *     work that waits      as many as what it waits for can take: a worker that waits costs some 200 bytes and no time
 *
 *     jobs ──► worker 1 … n ──► results
 */
import { chan, go, numCPU, sleep, WaitGroup, type RecvChan } from "gort";

/** Runs `work` on each job with `size` workers; the results come in the order they are ready. */
function pool<J, R>(size: number, jobs: RecvChan<J>, work: (job: J) => R): RecvChan<R> {
  const results = chan<R>();
  const workers = new WaitGroup();
  for (let i = 0; i < size; i++) {
    workers.go(() => {
      for (const job of jobs) results.send(work(job));
    });
  }
  go(() => {
    workers.wait();
    results.close(); // whoever receives knows that this was the last one
  });
  return results;
}

function numbers(n: number): RecvChan<number> {
  const out = chan<number>();
  go(() => {
    for (let i = 1; i <= n; i++) out.send(i);
    out.close();
  });
  return out;
}

/** Computes. Goroutines that share a heap share a core: a second worker would not make it faster, and does no harm. */
function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return n > 1;
}

/** Waits, as a request to a server would. */
function fetchLength(id: number): number {
  sleep(20);
  return String(id).length;
}

export function main(): void {
  let primes = 0;
  for (const prime of pool(numCPU(), numbers(10_000), isPrime)) if (prime) primes++;
  console.log("primes up to 10000:", primes);

  const start = performance.now();
  let total = 0;
  for (const length of pool(100, numbers(200), fetchLength)) total += length;
  const took = performance.now() - start;
  // 200 waits of 20 ms: 4 s one after the other, two rounds with 100 workers.
  console.log("200 answers:", total, took < 2000 ? "in two rounds" : `in ${took} ms`);
}
