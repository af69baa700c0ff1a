/** RWMutex, Cond, Once, timers' channels on several threads. */
import {
  after,
  AtomicInt,
  background,
  chan,
  Cond,
  go,
  Mutex,
  Once,
  parallel,
  RWMutex,
  select,
  sleep,
  Ticker,
  timeout,
  Timer,
  WaitGroup,
  withTimeout,
  type Chan,
  type Goroutine,
  type RecvChan,
} from "gort";
import { settle } from "./lib/settle.ts";

/** Readers and writers of a number that is odd while it is being written. */
const writes = parallel((n: number, mu: RWMutex, value: AtomicInt): void => {
  for (let i = 0; i < n; i++) {
    using _ = mu.lock();
    value.add(1);
    value.add(1);
  }
});

const reads = parallel((n: number, mu: RWMutex, value: AtomicInt, together: AtomicInt): number => {
  let odd = 0;
  for (let i = 0; i < n; i++) {
    using _ = mu.rLock();
    together.add(1);
    if (value.load() % 2 !== 0) odd++;
    together.add(-1);
  }
  return odd;
});

const tries = parallel((mu: RWMutex): string => {
  const said = [mu.tryLock(), mu.tryRLock()];
  if (said[0]) mu.unlock();
  if (said[1]) mu.rUnlock();
  return said.join(" ");
});

/** A bounded queue, as it is written with a condition. */
const takes = parallel((n: number, mu: Mutex, filled: Cond, items: AtomicInt): number => {
  let taken = 0;
  while (taken < n) {
    mu.lock();
    while (items.load() === 0) filled.wait();
    items.add(-1);
    taken++;
    mu.unlock();
  }
  return taken;
});

const waitsFor = parallel((cond: Cond, flag: AtomicInt, waiting: AtomicInt): number => {
  cond.mu.lock();
  waiting.add(1);
  while (flag.load() === 0) cond.wait();
  cond.mu.unlock();
  return flag.load();
});

const once = parallel((o: Once, calls: AtomicInt): number => {
  o.do(() => {
    sleep(2);
    calls.add(1);
  });
  return calls.load();
});

const ticks = parallel((n: number, c: RecvChan<Date>): boolean => {
  for (let i = 0; i < n; i++) if (!(c.recv() instanceof Date)) return false;
  return true;
});

const late = parallel((c: RecvChan<Date>, never: Chan<number>): string => {
  const r = select({ c, never, late: timeout(60_000) });
  return r.case;
});

const sizes = parallel((c: RecvChan<Date>): string => `${c.len} of ${c.cap}`);

export function main(): void {
  const [mu, value, together] = [new RWMutex(), new AtomicInt(), new AtomicInt()];
  const all: Goroutine<number | void>[] = [];
  // Somebody waits here before it crosses.
  mu.rLock();
  const here = go(() => {
    using _ = mu.lock();
    value.add(2);
  });
  settle();
  for (let i = 0; i < 2; i++) all.push(go(writes, 200, mu, value));
  const readers = [];
  for (let i = 0; i < 4; i++) readers.push(go(reads, 200, mu, value, together));
  mu.rUnlock();
  here.join();
  for (const g of all) g.join();
  console.log("torn reads", readers.map((g) => g.join()).join(" "), "value", value.load());
  console.log("free", go(tries, mu).join());
  mu.rLock();
  console.log("read", go(tries, mu).join(), mu.tryLock(), mu.tryRLock());
  mu.rUnlock();
  mu.rUnlock();
  mu.lock();
  console.log("written", go(tries, mu).join());
  const [short] = withTimeout(background(), 3);
  try {
    mu.rLock(short);
  } catch (e) {
    console.log((e as Error).message);
  }
  mu.unlock();

  const [lock, items] = [new Mutex(), new AtomicInt()];
  const filled = new Cond(lock);
  const takers = [go(takes, 50, lock, filled, items), go(takes, 50, lock, filled, items)];
  for (let i = 0; i < 100; i++) {
    lock.lock();
    items.add(1);
    filled.signal();
    lock.unlock();
  }
  console.log("taken", takers.map((g) => g.join()).join(" "));
  const [flag, waiting] = [new AtomicInt(), new AtomicInt()];
  const waiters = [];
  for (let i = 0; i < 5; i++) waiters.push(go(waitsFor, filled, flag, waiting));
  while (waiting.load() < 5) sleep(1);
  lock.lock();
  flag.store(7);
  filled.broadcast();
  lock.unlock();
  console.log("told", waiters.map((g) => g.join()).join(" "));
  lock.lock();
  try {
    filled.wait(withTimeout(background(), 3)[0]);
  } catch (e) {
    console.log((e as Error).message, "locked", !lock.tryLock());
  }
  lock.unlock();

  const [o, calls] = [new Once(), new AtomicInt()];
  const doers = [];
  for (let i = 0; i < 6; i++) doers.push(go(once, o, calls));
  o.do(() => calls.add(1));
  console.log("once", doers.map((g) => g.join()).join(" "), calls.load());

  using ticker = new Ticker(2);
  console.log("ticks", go(ticks, 3, ticker.c).join(), ticker.c.recv() instanceof Date);
  sleep(5); // a tick waits to be received
  console.log("buffer", ticker.c.len, "of", ticker.c.cap, "there", go(sizes, ticker.c).join());
  const never = chan<number>();
  console.log("after", go(late, after(3), never).join());
  const timer = new Timer(60_000);
  const g = go(late, timer.c, never);
  console.log("reset", timer.reset(1), g.join());
  console.log("stop", timer.stop(), timer.reset(60_000), timer.stop(), timer.stop());
  const wg = new WaitGroup();
  wg.go(ticks, 1, after(1));
  wg.wait();
}
