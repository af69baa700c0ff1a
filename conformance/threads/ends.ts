/** A thread that ends takes its goroutines with it, and nothing else: their joiners are told, others go on, what it held is free. */
import {
  blocking,
  chan,
  go,
  gomaxprocs,
  move,
  Mutex,
  numGoroutine,
  parallel,
  Semaphore,
  sleep,
  wait,
  WaitGroup,
  type Chan,
} from "gort";
import { elsewhere } from "../lib/elsewhere.ts";
import { isMainThread } from "node:worker_threads";

const primes = parallel((to: number): number => {
  let count = 0;
  for (let n = 2; n < to; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (prime) count++;
  }
  return count;
});

/** Ends its thread; where it runs on main it says so, and is tried again. */
const exits = parallel((how: string, ready: Chan<boolean>): void => {
  if (isMainThread) {
    ready.send(false);
    return;
  }
  ready.send(true);
  if (how === "memory") {
    const kept: number[][] = [];
    for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
  }
  process.exit(3);
});

const holds = parallel((mu: Mutex, s: Semaphore, values: Chan<number>, ready: Chan<boolean>): void => {
  if (isMainThread) {
    ready.send(false);
    return;
  }
  mu.lock();
  s.acquire(2);
  go(() => {
    // Waits in the channel while its thread ends.
    values.recv();
  });
  sleep(1);
  ready.send(true);
  process.exit(0);
});

const streams = parallel((out: Chan<ReadableStream<number>>): void => {
  out.send(move(new ReadableStream<number>({ start: (controller) => controller.enqueue(1) })));
  sleep(50);
  process.exit(3);
});

function failure(g: { join(): unknown }): string {
  try {
    return String(g.join());
  } catch (e) {
    return `${(e as Error).name} ${(e as { code?: string }).code}: ${(e as Error).message.split(";")[0]!.replace(/M\d+/, "M")}`;
  }
}

export function main(): void {
  gomaxprocs(3);
  const others = [];
  for (let i = 0; i < 8; i++) others.push(go(primes, 20_000));
  console.log(failure(elsewhere((ready) => go(exits, "exit", ready))));
  console.log(others.map((g) => failure(g)).every((text) => text === "2262" || text.includes("GORT_THREAD_ENDED")));

  const [mu, s, values] = [new Mutex(), new Semaphore(3), chan<number>()];
  // The thread is not the first that holds of it, and the first holds nothing any more.
  s.acquire();
  const holder = elsewhere((ready) => go(holds, mu, s, values, ready));
  s.release();
  console.log(failure(holder));
  mu.lock();
  s.acquire(3);
  console.log("mutex and semaphore are free again");
  const sender = go(() => values.send(7));
  console.log("received", values.recv());
  sender.join();

  const wg = new WaitGroup();
  const ready = chan<boolean>(100);
  let there = false;
  while (!there) {
    wg.go(exits, "exit", ready);
    for (const until = performance.now() + 5; performance.now() < until;);
    there = ready.recv() === true;
  }
  try {
    wg.wait();
  } catch (e) {
    console.log("wait", (e as { code: string }).code);
  }
  const out = chan<ReadableStream<number>>();
  const g = go(() => void failure({ join: () => blocking(streams, out) }));
  const reader = out.recv()!.getReader();
  console.log("stream", wait(reader.read()).value, failure({ join: () => wait(reader.read()) }));
  g.join();
  console.log(go(primes, 1000).join(), numGoroutine());
}
