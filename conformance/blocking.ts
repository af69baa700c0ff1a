/** Threads that block: calls on threads of their own, system calls whose P goes to others, threads that a goroutine has to itself. */
import {
  AtomicInt,
  blocking,
  chan,
  go,
  gomaxprocs,
  lockOSThread,
  numGoroutine,
  parallel,
  sleep,
  syscall,
  unlockOSThread,
  WaitGroup,
  type Chan,
} from "gort";
import { threadId } from "node:worker_threads";

/** Blocks its thread, as a native call would. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const waits = parallel((ms: number, n: number): number => {
  block(ms);
  return n * n;
});

/** Blocks its thread until all have come. */
const meets = parallel((n: number, all: number, here: AtomicInt): number => {
  here.add(1);
  while (here.load() < all) block(1);
  return n * n;
});

const where = parallel((ms: number): number => {
  block(ms);
  return threadId;
});

const fails = parallel((): never => {
  throw new TypeError("no file");
});

const nested = parallel((out: Chan<number>): number => {
  const wg = new WaitGroup();
  wg.go(() => out.send(1));
  const deeper = blocking(waits, 1, 5);
  wg.wait();
  return deeper;
});

const calls = parallel((ms: number): number => blocking(waits, ms, 3));

const step = parallel((hits: AtomicInt): number => hits.add(1));

const locked = parallel((ready: Chan<number>, go1: Chan<number>, unlock: boolean): number => {
  lockOSThread();
  ready.send(threadId);
  go1.recv();
  if (unlock) unlockOSThread();
  return threadId;
});

const thread = parallel((): number => threadId);

export function main(): void {
  // Calls at the same time: each blocks until all are there.
  const here = new AtomicInt();
  const results: number[] = [];
  const wg = new WaitGroup();
  let ticks = 0;
  const ticker = go(() => {
    while (results.length < 8) {
      sleep(1);
      ticks++;
    }
  });
  for (let n = 0; n < 8; n++) {
    wg.go(() => {
      results.push(blocking(meets, n, 8, here));
    });
  }
  wg.wait();
  ticker.join();
  console.log(results.toSorted((a, b) => a - b).join(" "));
  console.log("others went on", ticks > 0);

  // The threads are kept: the next calls find them.
  const before = blocking(where, 0);
  let same = 0;
  for (let i = 0; i < 20; i++) if (blocking(where, 0) === before) same++;
  console.log("used again", same > 0, "not main", before !== 0);
  try {
    blocking(fails);
  } catch (e) {
    console.log(e instanceof TypeError, (e as Error).message);
  }
  try {
    blocking((() => 1) as typeof fails);
  } catch (e) {
    console.log((e as Error).message.split(",")[0]);
  }
  const out = chan<number>(1);
  console.log("nested", blocking(nested, out), out.recv(), go(calls, 1).join());

  // A system call of main: the parallel goroutines do not wait for it.
  gomaxprocs(1);
  const hits = new AtomicInt();
  for (let i = 0; i < 50; i++) go(step, hits);
  const seen = syscall(() => {
    for (let i = 0; i < 4000 && hits.load() < 50; i++) block(10);
    return hits.load();
  });
  console.log("during the call", seen);
  try {
    syscall(() => sleep(1));
  } catch (e) {
    console.log((e as { code: string }).code);
  }
  try {
    syscall(() => {
      throw new Error("status 1");
    });
  } catch (e) {
    console.log((e as Error).message);
  }

  // A locked thread runs no other parallel goroutine.
  gomaxprocs(2);
  const [ready, proceed] = [chan<number>(), chan<number>()];
  for (const unlock of [true, false]) {
    let mine = 0;
    let g = go(locked, ready, proceed, unlock);
    while ((mine = ready.recv()!) === 0) {
      // Main took it.
      proceed.send(0);
      g.join();
      for (const until = performance.now() + 5; performance.now() < until;);
      g = go(locked, ready, proceed, unlock);
      for (const until = performance.now() + 5; performance.now() < until;);
    }
    let there = 0;
    for (let i = 0; i < 30; i++) {
      const t = go(thread);
      for (const until = performance.now() + 1; performance.now() < until;);
      if (t.join() === mine) there++;
    }
    proceed.send(0);
    console.log("on the locked thread", there, g.join() === mine);
  }
  while (numGoroutine() > 1) sleep(1);
  console.log("goroutines", numGoroutine());
}
