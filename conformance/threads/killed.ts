/** Threads are ended at random while others work: what fails is done again, and in the end all is done. The seed is printed if not. */
import { AtomicInt, chan, go, gomaxprocs, Mutex, parallel, sleep, type Chan } from "gort";
import { subscribe } from "node:diagnostics_channel";
import type { Worker } from "node:worker_threads";

const sum = parallel((from: number, to: number, mu: Mutex, done: AtomicInt): number => {
  let s = 0;
  for (let i = from; i < to; i++) s += i % 7;
  mu.lock();
  done.add(1);
  mu.unlock();
  return s;
});

const echo = parallel((requests: Chan<number>, answers: Chan<number>): void => {
  for (const n of requests) answers.send(n);
});

const workers = new Set<Worker>();
subscribe("worker_threads", (message) => {
  const { worker } = message as { worker: Worker & { threadName?: string } };
  if (worker.threadName === "gort sysmon") return;
  workers.add(worker);
  worker.once("exit", () => workers.delete(worker));
});

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
let state = seed;
function random(n: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return (state >>> 8) % n;
}

/** Until it has come to its end. */
function insist<T>(start: () => { join(): T }): T {
  for (;;) {
    try {
      return start().join();
    } catch (e) {
      if ((e as { code?: string }).code !== "GORT_THREAD_ENDED") throw e;
    }
  }
}

export function main(): void {
  gomaxprocs(4);
  const [mu, done] = [new Mutex(), new AtomicInt()];
  const [requests, answers] = [chan<number>(8), chan<number>(1000)];
  for (let i = 0; i < 3; i++) go(echo, requests, answers);
  const STEP = 7_000_000; // of which every 7 are 21
  let killing = true;
  let rounds = 0;
  const working = [];
  for (let w = 0; w < 6; w++)
    working.push(
      go(() => {
        for (let i = 0; killing; i++) {
          const s = insist(() => go(sum, i * STEP, (i + 1) * STEP, mu, done));
          if (s !== (STEP / 7) * 21) console.log("seed", seed, "sum", s);
          rounds++;
        }
      }),
    );
  let killed = 0;
  const killer = go(() => {
    while (killed < 15 || rounds < 30) {
      sleep(5 + random(20));
      const all = [...workers];
      if (all.length === 0) continue;
      void all[random(all.length)]!.terminate();
      killed++;
    }
    killing = false;
  });
  let asked = 0;
  while (killing) {
    if (requests.trySend(asked)) asked++;
    answers.tryRecv();
    sleep(1);
  }
  killer.join();
  for (const g of working) g.join();
  if (done.load() < rounds || !mu.tryLock()) console.log("seed", seed, rounds, done.load());
  // Whoever is left answers, or, if all have been ended, a new one does.
  go(echo, requests, answers);
  requests.send(-1);
  while (answers.recv() !== -1);
  console.log("done");
}
