/** Who has waited on a channel, by select or on a condition is not kept alive by it, nor is what was sent: all is collected. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { chan, Cond, go, Mutex, RWMutex, select, sending, sleep, WaitGroup, type Chan } from "gort";
import { settle } from "./lib/settle.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Something large enough to be looked for. */
interface Load {
  bytes: Uint8Array;
}

const loads: WeakRef<Load>[] = [];
function load(): Load {
  const l = { bytes: new Uint8Array(100) };
  loads.push(new WeakRef(l));
  return l;
}

// These live on: what waited on them must not.
const closed = chan<Load>();
const quiet = chan<Load>();
const used = chan<Load>(4);
const mu = new Mutex();
const rw = new RWMutex();
const cond = new Cond(mu);
const group = new WaitGroup();

/** Ten goroutines that wait, each holding something, let go by `release`. */
function waiters(wait: (l: Load) => void, release: () => void): void {
  const done: ReturnType<typeof go>[] = [];
  for (let i = 0; i < 10; i++) {
    done.push(
      go(() => {
        const mine = load();
        wait(mine);
        mine.bytes.fill(1);
      }),
    );
  }
  settle();
  release();
  for (const g of done) g.join();
}

function rounds(): void {
  waiters(
    () => void select({ a: closed, b: closed, quiet, out: sending(quiet, load()) }),
    () => closed.close(),
  );
  waiters(
    (l) => used.send(l),
    () => {
      for (let i = 0; i < 10; i++) used.recv();
    },
  );
  waiters(
    () => void used.recv(),
    () => {
      for (let i = 0; i < 10; i++) used.send(load());
    },
  );
  const wait = (): void => {
    mu.lock();
    cond.wait();
    mu.unlock();
  };
  waiters(wait, () => cond.broadcast());
  waiters(wait, () => {
    for (let i = 0; i < 10; i++) cond.signal();
  });
  mu.lock();
  waiters(
    () => {
      mu.lock();
      mu.unlock();
    },
    () => mu.unlock(),
  );
  rw.lock();
  waiters(
    () => {
      rw.rLock();
      rw.rUnlock();
    },
    () => rw.unlock(),
  );
  group.add();
  waiters(
    () => group.wait(),
    () => group.done(),
  );
}

function unused(...channels: Chan<Load>[]): boolean {
  return channels.every((ch) => ch.len === 0);
}

export function main(): void {
  rounds();
  // A WeakRef holds what it was asked for until the event loop has turned.
  let alive = loads.length;
  for (let i = 0; i < 10 && alive > 0; i++) {
    sleep(1);
    collect();
    alive = loads.filter((ref) => ref.deref() !== undefined).length;
  }
  console.log(`loads ${loads.length}, alive ${alive}, empty ${unused(quiet, used)}`);
}
