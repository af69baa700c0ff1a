/** What a locked goroutine starts runs elsewhere, also where nobody is there but main and whoever is woken; so does what is started beside it. */
import { chan, go, gomaxprocs, lockOSThread, parallel, sleep, unlockOSThread, type Chan } from "gort";
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
  console.log("ended");
}
