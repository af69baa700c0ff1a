/**
 * Handing over: who has waited long enough has the lock before whoever unlocked it can take it again. Go's runtime also runs
 * the waiter at once; ours runs it next, for unlocking must be possible where nothing can be suspended.
 */
import { go, Mutex, Semaphore, WaitGroup } from "gort";
import { settle } from "./lib/settle.ts";

function busy(ms: number): void {
  for (const start = performance.now(); performance.now() - start < ms;);
}

/** A waiter that has waited over a millisecond and lost makes the mutex starving. */
function starving(): boolean {
  const mu = new Mutex();
  let got = false;
  mu.lock();
  const waiter = go(() => {
    mu.lock();
    got = true;
    mu.unlock();
  });
  settle();
  busy(1.1);
  mu.unlock(); // wakes it …
  mu.lock(); // … in vain
  settle();
  mu.unlock();
  const taken = mu.tryLock();
  const first = !taken;
  if (taken) mu.unlock();
  waiter.join();
  return first && got && mu.tryLock();
}

/** What is released goes to those who wait, in their turn. */
function released(): boolean {
  const sem = new Semaphore(1);
  const came: number[] = [];
  const order: number[] = [];
  const wg = new WaitGroup();
  sem.acquire();
  for (let i = 0; i < 3; i++) {
    wg.go(() => {
      came.push(i);
      sem.acquire();
      order.push(i);
      sem.release();
    });
    settle();
  }
  sem.release();
  const handed = !sem.tryAcquire();
  wg.wait();
  return handed && order.length === 3 && order.join() === came.join();
}

function count(n: number, f: () => boolean): string {
  let ok = 0;
  for (let i = 0; i < n; i++) if (f()) ok++;
  return `${ok} of ${n}`;
}

export function main(): void {
  console.log("mutex:", count(20, starving));
  console.log("semaphore:", count(1000, released));
}
