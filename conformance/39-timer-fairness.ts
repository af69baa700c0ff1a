/** A timer fires though others keep a select busy, in the one that waits for it and beside it. */
import { after, chan, go, gosched, select, sending } from "gort";

/** Two send without end to one who waits for a timer. */
function receiver(): string {
  const done = chan<void>();
  const c = chan<boolean>();
  for (let i = 0; i < 2; i++) {
    go(() => {
      while (select({ out: sending(c, true), done }).case === "out");
    });
  }
  const timer = after(20);
  while (select({ c, timer }).case === "c");
  done.close();
  return "fired";
}

/** Two send to each other without end, each with a timer of its own. */
function each(): string {
  const done = chan<void>();
  const c = chan<boolean>();
  for (let i = 0; i < 2; i++) {
    go(() => {
      const timer = after(20);
      while (select({ out: sending(c, true), c, timer }).case !== "timer");
      done.send();
    });
  }
  done.recv();
  done.recv();
  return "fired twice";
}

/** One computes without end: a timer still wakes the other. */
function hog(): string {
  let stop = false;
  const g = go(() => {
    while (!stop);
  });
  gosched();
  after(5).recv();
  stop = true;
  g.join();
  return "fired";
}

export function main(): void {
  console.log("receiver:", receiver());
  console.log("each:", each());
  console.log("hog:", hog());
}
