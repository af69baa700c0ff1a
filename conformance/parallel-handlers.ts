/** Event handlers wait for other threads: what is ready just then is taken, and the handler stays what it is, no goroutine's. */
import {
  chan,
  go,
  Mutex,
  numGoroutine,
  parallel,
  select,
  Semaphore,
  sending,
  sleep,
  stack,
  WaitGroup,
  type Chan,
} from "gort";

const feed = parallel((ch: Chan<number>, n: number): void => {
  for (let i = 0; i < n; i++) ch.send(i);
});

const drain = parallel((ch: Chan<number>, n: number): void => {
  for (let i = 0; i < n; i++) ch.recv();
});

const lock = parallel((mu: Mutex, s: Semaphore, n: number): void => {
  for (let i = 0; i < n; i++) {
    mu.lock();
    mu.unlock();
    s.acquire(2);
    s.release(2);
  }
});

const N = 100;
/** Handlers that found themselves in a goroutine. */
let strange = 0;

/** Calls `handler` in `n` turns of the event loop, and something that does not wait in between; until all have ended. */
function turns(n: number, handler: (i: number) => void): void {
  const wg = new WaitGroup();
  wg.add(n);
  const turn = (i: number): void => {
    if (i === n) return;
    setTimeout(() => {
      handler(i);
      wg.done();
    }, 0);
    setTimeout(() => {
      if (stack() !== "") strange++;
    }, 0);
    setImmediate(() => turn(i + 1));
  };
  turn(0);
  wg.wait();
}

function channels(): string {
  const [a, b] = [chan<number>(), chan<number>()];
  const others = [go(feed, a, N), go(drain, b, N)];
  let sum = 0;
  turns(2 * N, (i) => {
    if (i % 2 === 0) {
      const v = a.recv()!;
      sum += v;
    } else b.send(i);
  });
  for (const g of others) g.join();
  return `${sum}`;
}

function selects(): string {
  const [a, b] = [chan<number>(), chan<number>()];
  const others = [go(feed, a, N), go(drain, b, N)];
  let [received, sent] = [0, 0];
  turns(2 * N, () => {
    const r = select({ a, b: sending(b, 1) });
    if (r.case === "a") received++;
    else sent++;
  });
  for (const g of others) g.join();
  return `${received} ${sent}`;
}

function locks(): string {
  const [mu, s] = [new Mutex(), new Semaphore(3)];
  const others = [go(lock, mu, s, N), go(lock, mu, s, N)];
  let [inside, most] = [0, 0];
  turns(N, () => {
    mu.lock();
    most = Math.max(most, ++inside);
    inside--;
    mu.unlock();
    s.acquire(2);
    s.release(2);
  });
  for (const g of others) g.join();
  return `${most} ${mu.tryLock()} ${s.tryAcquire(3)}`;
}

export function main(): void {
  const before = numGoroutine();
  for (let round = 0; round < 4; round++) {
    const said = `channels ${channels()}, selects ${selects()}, locks ${locks()}`;
    if (round === 0) console.log(said);
  }
  for (let i = 0; i < 1000 && numGoroutine() > before; i++) sleep(1);
  console.log(`${strange} handlers in a goroutine, ${numGoroutine() - before} goroutines left`);
}
