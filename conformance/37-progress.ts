/** Everyone gets on: beside one that yields in a loop, beside one that computes and never yields, and in turns. */
import { chan, go, gosched, lockOSThread, otherwise, select, sleep, unlockOSThread, type Goroutine } from "gort";

/** One that only yields does not keep another from running. */
function yielding(): string {
  const c = chan<boolean>();
  const stop = { now: false };
  go(() => {
    while (!stop.now) gosched();
    c.send(true);
  });
  for (let i = 0; i < 10; i++) gosched();
  stop.now = true;
  return String(c.recv());
}

/** The same with a select that does not wait, on a thread of its own or not: it sees what is sent to it. */
function polling(locked: boolean): string {
  const c = chan<boolean>();
  const answer = chan<number>();
  let polls = 0;
  go(() => {
    if (locked) lockOSThread();
    for (; ; polls++) {
      if (select({ c, none: otherwise }).case === "c") {
        answer.send(polls);
        return;
      }
      gosched();
    }
  });
  while (polls === 0) sleep(1);
  c.send(true);
  return String(answer.recv()! > 0);
}

/** One that yields and sleeps in turns on a thread of its own gets to its end. */
function locked(): string {
  return go(() => {
    lockOSThread();
    let n = 0;
    for (; n < 10; n++) {
      gosched();
      sleep(0.1);
    }
    unlockOSThread();
    return String(n);
  }).join();
}

/** One that never yields is preempted: the others, and main, get their turns. */
function spinning(): string {
  const stop = { now: false };
  let spun = 0;
  const spinner = go(() => {
    while (!stop.now) spun++;
  });
  let ticks = 0;
  while (ticks < 5) {
    sleep(1);
    ticks++;
  }
  stop.now = true;
  spinner.join();
  return `${ticks} ${spun > 0}`;
}

/** Several that spin until all have started: needs preemption to end at all. */
function together(): string {
  const n = 4;
  let started = 0;
  const handles = [];
  for (let i = 0; i < n; i++) {
    handles.push(
      go(() => {
        started++;
        while (started < n) {
          // Waits for the others without ever letting go.
        }
        return started;
      }),
    );
  }
  let sum = 0;
  for (const h of handles) sum += h.join();
  return String(sum);
}

/** Turns taken by spinning until it is one's own: each needs the others to run while it does. Started nested or not. */
function spinningTurns(nested: boolean): string {
  const n = 3;
  const rounds = 2;
  let x = 0;
  const order: number[] = [];
  const spin = (me: number): void => {
    for (let i = 0; i < rounds; i++) {
      while (x !== n * i + me) {
        // Waits for its turn without ever letting go.
      }
      order.push(me);
      x++;
    }
  };
  const handles: Goroutine<unknown>[] = [];
  for (let p = n - 1; p >= 0; p--) handles.push(nested ? go(() => go(spin, p).join()) : go(spin, p));
  for (const h of handles) h.join();
  return order.join("");
}

/** A chain of turns: each in its place, many rounds. */
function turns(): string {
  const n = 8;
  const rounds = 50;
  const cs = Array.from({ length: n }, () => chan<number>());
  const done = chan<number>();
  for (let i = 0; i < n; i++) {
    go((me: number) => {
      const mine = cs[me]!;
      const next = cs[(me + 1) % n]!;
      for (const v of mine) {
        if (v >= n * rounds) {
          done.send(v);
          return;
        }
        next.send(v + 1);
      }
    }, i);
  }
  cs[0]!.send(0);
  return String(done.recv());
}

export function main(): void {
  console.log("yielding:", yielding());
  console.log("polling:", polling(false), polling(true));
  console.log("locked:", locked());
  console.log("spinning:", spinning());
  console.log("together:", together());
  console.log("spinning turns:", spinningTurns(false), spinningTurns(true));
  console.log("turns:", turns());
}
