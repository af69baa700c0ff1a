/** What a locked goroutine starts runs elsewhere, also where nobody is there but main and whoever is woken; so does what is started beside it. */
import {
  blocking,
  chan,
  go,
  gomaxprocs,
  lockOSThread,
  parallel,
  select,
  sleep,
  timeout,
  unlockOSThread,
  type Chan,
} from "gort";
import { isMainThread, threadId } from "node:worker_threads";

gomaxprocs(2);

const where = parallel((): number => threadId);

/** Locks its thread, and starts goroutines one after the other; how many of them ran on it. On main: -1. */
const locked = parallel((n: number, tick: Chan<number>): number => {
  if (isMainThread) return -1;
  lockOSThread();
  let here = 0;
  for (let i = 0; i < n; i++) {
    if (go(where).join() === threadId) here++;
    // Asleep in the event loop, and in a futex.
    if (i % 100 === 0) sleep(1);
    if (i % 100 === 50) tick.recv();
  }
  unlockOSThread();
  return here;
});

/** Started by a thread without a P: it is in the global queue, and who has started it says so. */
const queues = parallel((queued: Int32Array, to: Chan<number>): void => {
  const g = go(says, to);
  Atomics.store(queued, 0, 1);
  g.join();
});
const says = parallel((to: Chan<number>): void => to.send(threadId));

/** Locks its thread, takes the only P there is from then on, and waits for what is in the global queue. */
const lockedAlone = parallel((queued: Int32Array, from: Chan<number>): boolean => {
  if (isMainThread) return false;
  lockOSThread();
  gomaxprocs(1);
  sleep(20);
  Atomics.store(queued, 0, -1);
  while (Atomics.load(queued, 0) !== 1);
  const there = from.recv() !== threadId;
  gomaxprocs(2);
  unlockOSThread();
  return there;
});

function joined(g: { join(): boolean }): Chan<boolean> {
  const ch = chan<boolean>(1);
  go(() => ch.send(g.join()));
  return ch;
}

export function main(): void {
  const tick = chan<number>();
  go(() => {
    for (;;) tick.send(1);
  });
  for (;;) {
    const g = go(locked, 1000, tick);
    // Main is busy meanwhile: another thread takes it.
    for (const until = performance.now() + 20; performance.now() < until;);
    const here = g.join();
    if (here < 0) continue;
    console.log("ran on the locked thread:", here);
    break;
  }
  // The same beside goroutines of main that run all the time.
  let end = false;
  const busy = go(() => {
    let n = 0;
    while (!end) n++;
    return n;
  });
  for (;;) {
    const g = go(locked, 20, tick);
    for (const until = performance.now() + 20; performance.now() < until;);
    const here = g.join();
    if (here < 0) continue;
    console.log("ran on the locked thread:", here);
    break;
  }
  end = true;
  busy.join();
  for (;;) {
    const [queued, from] = [new Int32Array(new SharedArrayBuffer(4)), chan<number>()];
    const g = go(lockedAlone, queued, from);
    for (const until = performance.now() + 20; performance.now() < until;);
    const helper = go(() => {
      while (Atomics.load(queued, 0) === 0) sleep(5);
      blocking(queues, queued, from);
    });
    // It may have run here.
    const there = select({ there: joined(g), late: timeout(10_000) });
    if (there.value === false) {
      Atomics.store(queued, 0, 1);
      go(() => from.recv());
      helper.join();
      continue;
    }
    console.log("one P, taken by the locked thread:", there.case);
    break;
  }
  console.log("ended");
}
