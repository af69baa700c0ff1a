/** RWMutex: many readers or one writer; a writer that waits holds up new readers, readers that wait go before the next writer. */
import { chan, Cond, go, gosched, otherwise, RWMutex, select, WaitGroup, type Locker } from "gort";

function trying(): string {
  const m = new RWMutex();
  const out: boolean[] = [];
  m.lock();
  out.push(m.tryLock(), m.tryRLock());
  m.unlock();
  out.push(m.tryLock());
  m.unlock();
  out.push(m.tryRLock(), m.tryRLock(), m.tryLock());
  m.rUnlock();
  out.push(m.tryLock());
  m.rUnlock();
  out.push(m.tryLock());
  return out.join(" ");
}

/** All of them hold it at once. */
function parallelReaders(n: number): number {
  const m = new RWMutex();
  const locked = chan<void>();
  const unlock = chan<void>();
  const done = chan<void>();
  for (let i = 0; i < n; i++) {
    go(() => {
      m.rLock();
      locked.send();
      unlock.recv();
      m.rUnlock();
      done.send();
    });
  }
  let together = 0;
  for (; together < n; together++) locked.recv();
  for (let i = 0; i < n; i++) unlock.send();
  for (let i = 0; i < n; i++) done.recv();
  return together;
}

/** Readers count 1, writers 10 000: a writer must see nobody, a reader no writer. */
function hammer(readers: number, rounds: number): string {
  const m = new RWMutex();
  const wg = new WaitGroup();
  let activity = 0;
  let wrong = 0;
  const reader = (): void => {
    for (let i = 0; i < rounds; i++) {
      m.rLock();
      activity++;
      if (activity < 1 || activity >= 10_000) wrong++;
      gosched();
      activity--;
      m.rUnlock();
    }
  };
  const writer = (): void => {
    for (let i = 0; i < rounds; i++) {
      m.lock();
      activity += 10_000;
      if (activity !== 10_000) wrong++;
      gosched();
      if (activity !== 10_000) wrong++;
      activity -= 10_000;
      m.unlock();
    }
  };
  wg.go(writer);
  for (let i = 0; i < readers; i++) {
    if (i === readers >> 1) wg.go(writer);
    wg.go(reader);
  }
  wg.wait();
  return `${wrong} ${activity}`;
}

/** Who waits behind whom: a reader holds it; a writer, a reader, a writer and a reader wait, in this order. */
function order(): string {
  const m = new RWMutex();
  const log: string[] = [];
  const wg = new WaitGroup();
  m.rLock();
  for (const read of [false, true, false, true]) {
    wg.go(() => {
      using _ = read ? m.rLock() : m.lock();
      log.push(read ? "reader in" : "writer in");
      gosched();
      log.push("out");
    });
    gosched();
  }
  log.push(`new reader ${m.tryRLock()}`);
  m.rUnlock();
  wg.wait();
  return log.join(", ");
}

/** A read lock as a Locker, also for a Cond. */
function readLocker(): string {
  const m = new RWMutex();
  const read: Locker = m.rLocker();
  const writeLocked = chan<boolean>(1);
  const readLocked = chan<boolean>(1);
  const rounds = 10;
  go(() => {
    for (let i = 0; i < rounds; i++) {
      read.lock();
      read.lock();
      readLocked.send(true);
      m.lock();
      writeLocked.send(true);
    }
  });
  let wrong = 0;
  for (let i = 0; i < rounds; i++) {
    readLocked.recv();
    read.unlock();
    gosched();
    if (select({ writeLocked, none: otherwise }).case !== "none") wrong++;
    read.unlock();
    writeLocked.recv();
    gosched();
    if (select({ readLocked, none: otherwise }).case !== "none") wrong++;
    m.unlock();
  }
  const cond = new Cond(read);
  let ready = false;
  let woken = 0;
  const wg = new WaitGroup();
  for (let i = 0; i < 3; i++) {
    wg.go(() => {
      read.lock();
      while (!ready) cond.wait();
      woken++;
      read.unlock();
    });
  }
  gosched();
  m.lock();
  ready = true;
  cond.broadcast();
  m.unlock();
  wg.wait();
  return `${wrong} wrong, ${woken} woken, free ${m.tryLock()}`;
}

export function main(): void {
  console.log("try:", trying());
  for (const readers of [1, 3, 4, 100]) console.log("readers at once:", parallelReaders(readers));
  for (const readers of [1, 3, 10, 5]) console.log(`hammer ${readers}:`, hammer(readers, 300));
  console.log("order:", order());
  console.log("locker:", readLocker());
}
