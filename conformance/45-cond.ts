/** Cond: signal wakes one, the one that waits longest; broadcast wakes all; nobody wakes by himself. */
import { chan, Cond, go, gosched, Mutex, onRecv, onTimeout, otherwise, select, type Chan } from "gort";

/** Whether nobody is awake. */
function asleep(awake: Chan<unknown>): boolean {
  return select({ awake, none: otherwise }).case === "none";
}

function signals(): string {
  const m = new Mutex();
  const c = new Cond(m);
  const n = 5;
  const running = chan<void>(n);
  const awake = chan<number>(n);
  for (let i = 0; i < n; i++) {
    go(() => {
      m.lock();
      running.send();
      c.wait();
      awake.send(i);
      m.unlock();
    });
  }
  for (let i = 0; i < n; i++) running.recv();
  const order: number[] = [];
  let wrong = 0;
  for (let i = 0; i < n; i++) {
    gosched();
    if (!asleep(awake)) wrong++;
    m.lock();
    c.signal();
    m.unlock();
    order.push(awake.recv()!);
    gosched();
    if (!asleep(awake)) wrong++;
  }
  c.signal();
  return `${wrong} wrong, ${new Set(order).size} woken`;
}

/** The next comes before the last is woken: each signal wakes the older one. */
function generations(): string {
  const m = new Mutex();
  const c = new Cond(m);
  const n = 100;
  const running = chan<void>(n);
  const awake = chan<number>(n);
  let wrong = 0;
  for (let i = 0; i < n; i++) {
    go(() => {
      m.lock();
      running.send();
      c.wait();
      awake.send(i);
      m.unlock();
    });
    if (i > 0 && awake.recv() !== i - 1) wrong++;
    running.recv();
    m.lock();
    c.signal();
    m.unlock();
  }
  return `${wrong} out of order`;
}

function broadcasts(): string {
  const m = new Mutex();
  const c = new Cond(m);
  const n = 60;
  const running = chan<number>(n);
  const awake = chan<number>(n);
  let exit = false;
  let wrong = 0;
  for (let g = 0; g < n; g++) {
    go(() => {
      m.lock();
      while (!exit) {
        running.send(g);
        c.wait();
        awake.send(g);
      }
      m.unlock();
    });
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) running.recv();
    if (i === n - 1) {
      m.lock();
      exit = true;
      m.unlock();
    }
    if (!asleep(awake)) wrong++;
    m.lock();
    c.broadcast();
    m.unlock();
    const seen = new Set<number>();
    for (let k = 0; k < n; k++) seen.add(awake.recv()!);
    if (seen.size !== n) wrong++;
  }
  if (!asleep(running)) wrong++;
  c.broadcast();
  return `${wrong} wrong`;
}

/** Three goroutines pass a state on, one of them without waiting. */
function states(): string {
  const c = new Cond(new Mutex());
  let x = 0;
  const out: string[] = [];
  const done = chan<void>();
  go(() => {
    c.mu.lock();
    x = 1;
    c.wait();
    out.push(`saw ${x}`);
    x = 3;
    c.signal();
    c.mu.unlock();
    done.send();
  });
  const poll = (f: () => boolean): void => {
    go(() => {
      c.mu.lock();
      while (!f()) {
        c.mu.unlock();
        gosched();
        c.mu.lock();
      }
      c.mu.unlock();
      done.send();
    });
  };
  poll(() => {
    if (x !== 1) return false;
    x = 2;
    c.signal();
    return true;
  });
  poll(() => {
    if (x !== 2) return x === 3;
    c.wait();
    if ((x as number) !== 3) out.push(`woken with ${x}`);
    return true;
  });
  for (let i = 0; i < 3; i++) done.recv();
  return out.join(", ");
}

/** A broadcast is not taken by one who comes to wait at the same time. */
function stealing(): string {
  let missed = 0;
  for (let i = 0; i < 200; i++) {
    const m = new Mutex();
    const c = new Cond(m);
    const ch = chan<void>();
    go(() => {
      m.lock();
      ch.send();
      c.wait();
      m.unlock();
      ch.send();
    });
    ch.recv();
    m.lock();
    m.unlock();
    let over = false;
    go(() => c.broadcast());
    const late = go(() => {
      m.lock();
      while (!over) c.wait();
      m.unlock();
    });
    select(
      onRecv(ch),
      onTimeout(5000, () => void missed++),
    );
    m.lock();
    over = true;
    m.unlock();
    c.broadcast();
    late.join();
  }
  return `${missed} missed`;
}

export function main(): void {
  console.log("signal:", signals());
  console.log("generations:", generations());
  console.log("broadcast:", broadcasts());
  console.log("states:", states());
  console.log("stealing:", stealing());
}
