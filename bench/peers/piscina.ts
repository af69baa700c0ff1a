/** piscina, a pool of two threads: the same work as our cases of bench/cases/threads.ts. */
import { Piscina } from "piscina";
import { choose, now, per } from "./lib.ts";

const CHUNKS = 64;
const UP_TO = 3_000_000;

const pool = new Piscina<unknown, number>({
  filename: new URL("piscina-worker.ts", import.meta.url).href,
  minThreads: 2,
  maxThreads: 2,
});

function add(n: number): Promise<number> {
  return pool.run(n, { name: "add" });
}

async function count(): Promise<void> {
  const parts = [];
  for (let i = 0; i < CHUNKS; i++)
    parts.push(pool.run({ from: (UP_TO / CHUNKS) * i, to: (UP_TO / CHUNKS) * (i + 1) }, { name: "primes" }));
  let sum = 0;
  for (const n of await Promise.all(parts)) sum += n;
  if (sum !== 216_816) throw new Error(`${sum} primes`);
}

async function primes(): Promise<void> {
  await count(); // the threads are started, the code optimised
  let best = Infinity;
  let start = 0;
  for (let round = 0; round < 3; round++) {
    start = now();
    await count();
    best = Math.min(best, now() - start);
  }
  per("two-threads", now() - best, 1e6, "ms");
}

async function roundTrip(): Promise<void> {
  const N = 20_000;
  for (let i = 0; i < 1000; i++) await add(i);
  const start = now();
  for (let i = 0; i < N; i++) await add(i);
  per("run", start, N * 1000, "us");
}

async function inFlight(): Promise<void> {
  const [ROUNDS, MANY] = [50, 1000];
  const round = (): Promise<unknown> => Promise.all(Array.from({ length: MANY }, (_, i) => add(i)));
  await round();
  const start = now();
  for (let r = 0; r < ROUNDS; r++) await round();
  per("task", start, ROUNDS * MANY * 1000, "us");
}

await choose({ cpu_parallel: primes, parallel_roundtrip: roundTrip, parallel_1000: inFlight });
