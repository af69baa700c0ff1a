/**
 * A promise that was rejected and that nobody handles is Node's business at the end of the code that rejected it. A preemption is no end: what
 * is handled behind it was handled in time. What is not is told of once, when the code has come to its end.
 */
import { go, sleep, stats, wait } from "gort";
import { until } from "./lib/settle.ts";

const events: string[] = [];
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

/** One that computes without an end keeps what others have failed at for ten seconds, by the clock. */
function forever(): void {
  const over = { now: false };
  go(() => {
    void reject("of an endless one");
    while (!over.now) compute(1);
  });
  const { now } = performance;
  sleep(100);
  console.log(`${events.length} told`);
  performance.now = () => now.call(performance) + 11_000;
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
  for (const f of [inTime, inTheSameTurn, notInTime, forever]) said(f);
}
