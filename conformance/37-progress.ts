/** Everyone gets on: beside one that yields in a loop, beside one that computes and never yields, and in turns. */
import { chan, go, gosched, sleep } from "gort";

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
  console.log("spinning:", spinning());
  console.log("together:", together());
  console.log("turns:", turns());
}
