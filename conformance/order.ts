/** Scheduling orders under one P: who runs after whom. Held against what Go prints with GOMAXPROCS=1 (order.out). */
import { chan, Cond, go, gosched, Mutex, RWMutex, select, sleep, stats, WaitGroup } from "gort";

const N = 5;
const PHASE = 50;
let log: number[] = [];

function show(name: string): void {
  console.log(`${name.padEnd(28)} [${log.join(" ")}]`);
  log = [];
}

/** Lets everything that can run, run. */
function settle(): void {
  for (let i = 0; i < 3 * N + 10; i++) gosched();
}

/** Starts N goroutines, each of which gets to its waiting place before the next starts. */
function each(f: (i: number) => void): void {
  for (let i = 0; i < N; i++) {
    go(f, i);
    gosched();
  }
  settle();
}

function spawn(): void {
  const done = chan<boolean>(N);
  for (let i = 0; i < N; i++) {
    go(() => {
      log.push(i);
      done.send(true);
    });
  }
  for (let i = 0; i < N; i++) done.recv();
  show("spawn5");
}

function closing(): void {
  const c = chan<number>();
  each((i) => {
    c.recv();
    log.push(i);
  });
  c.close();
  settle();
  show("close-5-receivers");
}

function cond(broadcast: boolean): void {
  const mu = new Mutex();
  const cd = new Cond(mu);
  each((i) => {
    mu.lock();
    cd.wait();
    log.push(i);
    mu.unlock();
  });
  if (broadcast) cd.broadcast();
  else for (let i = 0; i < N; i++) cd.signal();
  settle();
  show(`cond broadcast=${broadcast}`);
}

function waitGroup(): void {
  const wg = new WaitGroup();
  wg.add(1);
  each((i) => {
    wg.wait();
    log.push(i);
  });
  wg.done();
  settle();
  show("waitgroup-5-waiters");
}

function mutex(): void {
  const mu = new Mutex();
  mu.lock();
  each((i) => {
    mu.lock();
    log.push(i);
    mu.unlock();
  });
  mu.unlock();
  settle();
  show("mutex-5-waiters");
}

function rwmutex(): void {
  const mu = new RWMutex();
  mu.lock();
  each((i) => {
    mu.rLock();
    log.push(i);
    mu.rUnlock();
  });
  mu.unlock();
  settle();
  show("rwmutex-5-readers");
}

/** The producer logs i before it sends it, the consumer 100+i once it has it. */
function producerConsumer(capacity: number): void {
  const c = chan<number>(capacity);
  const d = chan<boolean>();
  go(() => {
    for (let i = 0; i < N; i++) {
      log.push(i);
      c.send(i);
    }
    c.close();
  });
  go(() => {
    for (const v of c) log.push(100 + v);
    d.close();
  });
  d.recv();
  show(`prodcons cap=${capacity}`);
}

function blockedSenders(): void {
  const c = chan<number>();
  each((i) => c.send(i));
  for (let i = 0; i < N; i++) log.push(c.recv()!);
  show("recv-from-5-senders");
}

function yielding(): void {
  const done = chan<boolean>(3);
  for (let g = 0; g < 3; g++) {
    go(() => {
      for (let k = 0; k < 3; k++) {
        log.push(g * 10 + k);
        gosched();
      }
      done.send(true);
    });
  }
  for (let g = 0; g < 3; g++) done.recv();
  show("gosched 3x3");
}

/** Equal deadlines: the order may vary, but each wakes once. */
function sleepers(): void {
  const done = chan<boolean>(N);
  const until = performance.now() + 20;
  for (let i = 0; i < N; i++) {
    go(() => {
      sleep(until - performance.now());
      log.push(i);
      done.send(true);
    });
  }
  for (let i = 0; i < N; i++) done.recv();
  log.sort((a, b) => a - b);
  show("sleep-until-same, sorted");
}

/**
 * More than a run queue of 256 holds: half of it moves to the global queue, which every 61st slice looks at first. How
 * many slices the sleepers took may vary, so this begins where Go's run began: PHASE slices after such a look.
 */
function overflow(): void {
  while (stats().slices % 61 !== PHASE) gosched();
  const done = chan<boolean>();
  const K = 300;
  const wg = new WaitGroup();
  wg.add(K);
  for (let i = 0; i < K; i++) {
    go(() => {
      log.push(i);
      wg.done();
    });
  }
  go(() => {
    wg.wait();
    done.close();
  });
  done.recv();
  const runs: string[] = [];
  let start = 0;
  for (let i = 1; i <= log.length; i++) {
    if (i === log.length || log[i] !== log[i - 1]! + 1) {
      runs.push(`${log[start]}..${log[i - 1]}`);
      start = i;
    }
  }
  console.log(`${"spawn300 order".padEnd(28)} [${runs.join(" ")}]`);
  log = [];
}

/** A fair select: five standard deviations of a coin thrown 10 000 times. */
function fairness(): void {
  const a = chan<number>(1);
  const b = chan<number>(1);
  const n = [0, 0];
  a.send(1);
  b.send(1);
  for (let i = 0; i < 10_000; i++) {
    switch (select({ a, b }).case) {
      case "a":
        n[0]!++;
        a.send(1);
        break;
      case "b":
        n[1]!++;
        b.send(1);
    }
  }
  const fair = n[0]! + n[1]! === 10_000 && Math.abs(n[0]! - 5000) < 250;
  console.log(`${"select of 10000 is fair".padEnd(28)} ${fair ? "yes" : n.join(" ")}`);
}

export function main(): void {
  spawn();
  closing();
  cond(true);
  cond(false);
  waitGroup();
  mutex();
  rwmutex();
  for (const capacity of [0, 1, 2]) producerConsumer(capacity);
  blockedSenders();
  yielding();
  sleepers();
  overflow();
  fairness();
}
