/**
 * What holds a shared object inside (a Cond its lock, a context its values) is taken up by other threads and let go again, and the object
 * stays what it is for those that still hold it: memory of objects that nobody can reach is used again.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  AtomicInt,
  background,
  chan,
  Cond,
  go,
  Mutex,
  parallel,
  sleep,
  withValue,
  type Chan,
  type Context,
} from "gort";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Threads begin with the flag set. What was dropped is told to the registries in a turn of the event loop. */
const collect = parallel((): void => {
  (globalThis as { gc?: () => void }).gc?.();
  sleep(1);
});

const signals = parallel((cond: Cond): void => cond.signal());
const reports = parallel((ctx: Context): void => (ctx.value("to") as Chan<number>).send(1));
const meet = parallel((_counts: AtomicInt[]): void => {});

/** Has every thread let go of what it no longer holds. */
function letGo(): void {
  for (let i = 0; i < 4; i++) {
    gc();
    const running = Array.from({ length: 4 }, () => go(collect));
    sleep(1);
    for (const g of running) g.join();
  }
}

/** Objects in the memory that has become free; whether they are sound. */
function fill(): () => boolean {
  const counts = Array.from({ length: 64 }, () => new AtomicInt(7));
  go(meet, counts).join();
  return () => counts.every((n) => n.load() === 7);
}

function onThreads<T>(f: (x: T) => void, make: () => T): void {
  for (let round = 0; round < 4; round++) {
    const running = Array.from({ length: 8 }, () => go(f, make()));
    // Others take them while this one waits.
    sleep(1);
    for (const g of running) g.join();
    letGo();
  }
}

function locks(): boolean {
  const mu = new Mutex();
  onThreads(signals, () => new Cond(mu));
  const sound = fill();
  const free = mu.tryLock();
  const held = !mu.tryLock();
  if (free) mu.unlock();
  return free && held && sound();
}

function values(): boolean {
  const to = chan<number>(100);
  onThreads(reports, () => withValue(background(), "to", to));
  const sound = fill();
  return to.len === 32 && sound() && to.trySend(2);
}

export function main(): void {
  console.log(locks(), values());
}
