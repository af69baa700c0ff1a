/**
 * Leak 3: a receive that never comes. A worker ranges over a channel that nobody closes, because the producer failed on its way.
 */
import { chan, go, type SendChan } from "gort";
import { findLeaks } from "gort/testing";

function produce(out: SendChan<number>, n: number): void {
  for (let i = 0; i < n; i++) {
    if (i === 2) throw new Error("the disk is full");
    out.send(i);
  }
}

function leaky(): void {
  const jobs = chan<number>();
  go(() => {
    for (const job of jobs) console.log("job", job);
  });
  produce(jobs, 5);
  jobs.close(); // not reached
}

/** The fix: whoever sends closes, whatever happens. */
function fixed(): void {
  const jobs = chan<number>();
  go(() => {
    for (const job of jobs) console.log("job", job);
  });
  try {
    produce(jobs, 5);
  } finally {
    jobs.close();
  }
}

function tried(f: () => void): string {
  try {
    f();
    return "done";
  } catch (e) {
    return (e as Error).message;
  }
}

export function main(): void {
  console.log("fixed:", tried(fixed), "and leaves", findLeaks()?.message ?? "nothing");
  console.log("leaky:", tried(leaky), "and leaves", findLeaks()!.message);
}
