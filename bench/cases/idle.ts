/** What threads cost that have nothing to do. */
import { chan, go, gomaxprocs, parallel, sleep, wait, type Chan } from "gort";
import { Worker } from "node:worker_threads";
import { choose, sample } from "./lib/bench.ts";

/** Keeps its thread busy until all others are there: each on one of its own. */
const meets = parallel((there: Chan<number>, all: Int32Array<SharedArrayBuffer>, n: number): void => {
  const until = performance.now() + 3000;
  for (Atomics.add(all, 0, 1); Atomics.load(all, 0) < n && performance.now() < until;);
  there.send(Atomics.load(all, 0));
});

/** Has `n` threads besides main. */
function startThreads(n: number): void {
  gomaxprocs(n + 1);
  const [there, all] = [chan<number>(n + 1), new Int32Array(new SharedArrayBuffer(4))];
  for (let i = 0; i <= n; i++) go(meets, there, all, n + 1);
  for (let i = 0; i <= n; i++) if (there.recv() !== n + 1) throw new Error("not every thread came");
}

function collect(): void {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
}

/** Resident memory once everything is quiet, MiB. */
function resident(): number {
  sleep(300);
  collect();
  sleep(100);
  return process.memoryUsage.rss() / 2 ** 20;
}

/** Processor time of the whole process, threads of the engine included, in per cent of a core. */
function cpu(): void {
  startThreads(1);
  sleep(1000);
  const before = process.cpuUsage();
  sleep(10_000);
  const { user, system } = process.cpuUsage(before);
  sample("one-thread", (user + system) / 1e5, "%");
}

/** Threads of Node's own that do nothing: what each takes. */
function bare(n: number): number {
  const code = "require('node:worker_threads').parentPort.on('message', () => {})";
  const start = (): Worker => {
    const worker = new Worker(code, { eval: true });
    wait(new Promise((up) => worker.once("online", up)));
    return worker;
  };
  const workers = [start()]; // the first one loads what all share
  const before = resident();
  for (let i = 0; i < n; i++) workers.push(start());
  const each = (resident() - before) / n;
  for (const worker of workers) wait(worker.terminate());
  return each;
}

function memory(): void {
  gomaxprocs(1);
  sample("bare", bare(4), "MiB");
  let before = resident();
  let had = 0;
  for (const n of [1, 2, 4]) {
    startThreads(n);
    const now = resident();
    sample(n === 1 ? "first" : `each-of-${n}`, (now - before) / (n - had), "MiB");
    [before, had] = [now, n];
  }
}

export function main(): void {
  choose({ idle_cpu: cpu, thread_memory: memory });
}
