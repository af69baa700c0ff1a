/**
 * A promise that was rejected and that nobody handles is Node's business at the end of the code that rejected it. A preemption is no end: what
 * is handled behind it was handled in time. What is not is told of once, when the code has come to its end.
 */
import { chan, go, sleep, stats, wait } from "gort";
import { until } from "./lib/settle.ts";

const events: string[] = [];
const { emit } = process;
process.on("unhandledRejection", (reason, promise) => {
  events.push(`unhandled ${(reason as Error).message}`);
  if ((reason as Error).message === "handled late") promise.catch(() => events.push("caught late"));
});
process.on("rejectionHandled", () => events.push("handled after all"));

/** Computes until it has been preempted `times`, and the event loop has turned. */
function compute(times: number = 2): number {
  const before = stats().preemptions;
  let n = 0;
  while (stats().preemptions < before + times) for (let i = 0; i < 1000; i++) n += i;
  return n;
}

function reject(message: string): Promise<never> {
  return Promise.reject(new Error(message));
}

async function parse(n: number): Promise<number> {
  if (n === 0) throw new Error("no numbers");
  return n;
}

/** The rest of the code of one that was preempted, by a promise's own methods, `wait`, and what takes many. */
function inTime(): void {
  const p = reject("in time");
  compute();
  p.catch((e: Error) => events.push(`caught ${e.message}`));
  const q = reject("waited for");
  compute();
  try {
    wait(q);
  } catch (e) {
    events.push(`caught ${(e as Error).message}`);
  }
  try {
    const parsed = [0, 1].map((n) => {
      const p = parse(n);
      compute();
      return p;
    });
    wait(Promise.all(parsed));
  } catch (e) {
    events.push(`caught ${(e as Error).message}`);
  }
}

/** A handler comes in the microtasks behind the end of that code. */
function inTheSameTurn(): void {
  const p = reject("in a microtask");
  compute();
  void Promise.resolve().then(() => p.catch((e: Error) => events.push(`caught ${e.message}`)));
}

/** Never, or when it has been told of. */
function notInTime(): void {
  void reject("never");
  void reject("handled late");
  compute();
  events.push("computed");
}

/** What is rejected while the code that awaits it has had its first slice, and others use up the event loop's turns without being preempted. */
function inBetween(): void {
  const over = { now: false };
  const c = chan<number>();
  go(() => {
    while (!over.now) c.send(1);
    c.close();
  });
  go(() => {
    for (const v of c) if (v === 0) break;
  });
  for (let i = 0; i < 10; i++) {
    const p = new Promise<never>((_, no) => setTimeout(() => no(new Error("in between")), 15));
    compute(2);
    for (const end = performance.now() + 30; performance.now() < end;) compute(1);
    try {
      wait(p);
    } catch (e) {
      if (i === 0) events.push(`caught ${(e as Error).message}`);
    }
  }
  over.now = true;
}

/** A program may put back the `emit` it found. */
function putBack(): void {
  const p = reject("with another's emit");
  compute();
  p.catch((e: Error) => events.push(`caught ${e.message}`));
}

/** One that computes without an end keeps what others have failed at for ten seconds of computing, whatever the clock says of a pause. */
function forever(): void {
  const over = { now: false };
  go(() => {
    void reject("of an endless one");
    while (!over.now) compute(1);
  });
  const { now } = performance;
  sleep(100);
  console.log(`${events.length} told`);
  performance.now = () => now.call(performance) + 60_000;
  sleep(100);
  console.log(`${events.length} told behind a pause`);
  const start = now.call(performance);
  // Eleven seconds in half of one.
  performance.now = () => start + 60_000 + (now.call(performance) - start) * 20;
  until(() => events.length > 0);
  performance.now = now;
  over.now = true;
}

/** What a test has told, and what comes of it a moment later. */
function said(f: () => void): void {
  go(f).join();
  sleep(20);
  console.log(`${f.name}: ${events.splice(0).join("; ")}`);
}

export function main(): void {
  for (const f of [inTime, inTheSameTurn, inBetween, notInTime]) said(f);
  process.emit = emit;
  for (const f of [putBack, forever]) said(f);
}
