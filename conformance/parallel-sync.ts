/** What of sync and context crosses to other threads: one thing on all of them. */
import {
  AtomicInt,
  background,
  Canceled,
  chan,
  DeadlineExceeded,
  go,
  Mutex,
  parallel,
  Semaphore,
  WaitGroup,
  withCancel,
  withCancelCause,
  withTimeout,
  withValue,
  type Chan,
  type Context,
} from "gort";
import { settle } from "./lib/settle.ts";

const count = parallel((n: number, mu: Mutex, cells: Chan<number>, hits: AtomicInt): void => {
  for (let i = 0; i < n; i++) {
    using _ = mu.lock();
    // A value that is taken and put back: lost if two hold the mutex.
    cells.send(cells.recv()! + 1);
    hits.add(1);
  }
});

const hold = parallel((s: Semaphore, units: number, inside: AtomicInt, most: AtomicInt, wg: WaitGroup): void => {
  for (let i = 0; i < 50; i++) {
    s.acquire(units);
    const now = inside.add(units);
    for (let seen = most.load(); now > seen; seen = most.load()) if (most.compareAndSwap(seen, now)) break;
    inside.add(-units);
    s.release(units);
  }
  wg.done();
});

const waits = parallel((ctx: Context, started: Chan<boolean>): string => {
  started.send(true);
  try {
    chan<number>().recv(ctx);
    return "a value";
  } catch (e) {
    const how = e === Canceled ? "Canceled" : e === DeadlineExceeded ? "DeadlineExceeded" : String(e);
    return `${how}, ${ctx.cause()?.message}, ${String(ctx.value("who"))}`;
  }
});

const polls = parallel((ctx: Context, started: Chan<boolean>): string => {
  let ended = "";
  started.send(true);
  try {
    for (let n = 0; ctx.err() === undefined; n++);
  } finally {
    ended = "finally";
  }
  return `${ended}, ${ctx.err()!.message}`;
});

const forEver = parallel((ctx: Context): boolean => {
  ctx.done();
  return ctx.err() === undefined && ctx.value("who") === "root";
});

const lockThere = parallel((mu: Mutex, held: Chan<string>, free: Chan<boolean>): void => {
  mu.lock();
  held.send(`locked there, tryLock ${mu.tryLock()}`);
  free.recv();
  mu.unlock();
});

const look = parallel((_wg: WaitGroup): void => {});

/** Begun anew while those who waited have not had their turn. */
function reused(): string {
  const wg = new WaitGroup();
  go(look, wg).join();
  wg.add();
  const waiter = go(() => {
    try {
      wg.wait();
    } catch (e) {
      return (e as Error).message;
    }
    return "not seen";
  });
  settle();
  wg.done();
  wg.add();
  const out = waiter.join();
  wg.done();
  wg.wait();
  return out;
}

export function main(): void {
  const mu = new Mutex();
  const cells = chan<number>(1);
  const hits = new AtomicInt(5);
  cells.send(0);
  const counting = [];
  for (let i = 0; i < 4; i++) counting.push(go(count, 100, mu, cells, hits));
  for (let i = 0; i < 100; i++) {
    using _ = mu.lock();
    cells.send(cells.recv()! + 1);
  }
  for (const g of counting) g.join();
  console.log("mutex", cells.recv(), "atomic", hits.load(), mu.tryLock(), mu.tryLock());
  mu.unlock();

  const s = new Semaphore(5);
  const [inside, most, wg] = [new AtomicInt(), new AtomicInt(), new WaitGroup()];
  wg.add(6);
  for (let i = 0; i < 6; i++) go(hold, s, 1 + (i % 3), inside, most, wg);
  wg.wait();
  console.log("semaphore", inside.load(), most.load() <= 5, s.tryAcquire(5), s.tryAcquire());
  try {
    s.release(6);
  } catch (e) {
    console.log((e as Error).message);
  }
  s.release(5);

  try {
    hits.add(Number.MAX_SAFE_INTEGER);
  } catch (e) {
    console.log((e as Error).message, hits.load());
  }

  const n = new AtomicInt(1);
  const [held, free] = [chan<string>(), chan<boolean>()];
  const other = new Mutex();
  other.lock();
  // Somebody waits for it here before it crosses.
  const here = go(() => {
    using _ = other.lock();
    return "locked here";
  });
  settle();
  const there = go(lockThere, other, held, free);
  other.unlock();
  console.log(here.join());
  console.log(held.recv(), other.tryLock());
  const [short, stop] = withTimeout(background(), 5);
  try {
    other.lock(short);
  } catch (e) {
    console.log(e === DeadlineExceeded);
  }
  stop();
  free.send(true);
  there.join();
  console.log("free again", other.tryLock(), n.swap(7), n.compareAndSwap(6, 1), n.compareAndSwap(7, 8), n.load());

  const started = chan<boolean>();
  const root = withValue(background(), "who", "root");
  const [ctx, cancel] = withCancelCause(root);
  const [a, b] = [go(waits, ctx, started), go(waits, ctx, started)];
  started.recv();
  started.recv();
  cancel(new Error("enough"));
  console.log(a.join(), "|", b.join());
  console.log(go(waits, ctx, chan<boolean>(1)).join());
  const [late] = withTimeout(root, 20);
  const g = go(waits, late, started);
  started.recv();
  console.log(g.join());
  const [hog, stopHog] = withCancel(root);
  const h = go(polls, hog, started);
  started.recv();
  stopHog();
  console.log(h.join());
  console.log(go(forEver, root).join());
  console.log(reused());
}
