/**
 * The one seam between the runtime and the machine: clock, randomness, microtasks, event loop, standard error, exit.
 *
 * Tests replace fields of `host` (a virtual clock, a seed, a recorder for `exit`); nothing else in the runtime calls
 * `performance`, `Math.random`, `setTimeout`, `setImmediate` or `process.exit` to schedule goroutines.
 */
import { writeSync } from "node:fs";
import type { PerformanceNodeTiming } from "node:perf_hooks";

/** A pending real timer; opaque. */
export interface HostTimer {
  ref(): unknown;
  unref(): unknown;
}

export interface Host {
  /** Milliseconds, monotonic, with fractions. */
  now: () => number;
  /** Milliseconds since 1970. */
  date: () => number;
  /** A 32-bit seed, another each time. */
  seed: () => number;
  microtask: (f: () => void) => void;
  immediate: (f: () => void) => void;
  setTimer: (f: () => void, ms: number) => HostTimer;
  clearTimer: (timer: HostTimer) => void;
  /** A timer of the engine's, whatever clock a test has put in its place: nothing of the program goes by it. */
  delay: (f: () => void, ms: number) => HostTimer;
  /** How much the event loop has brought so far: what sockets, files and other processes have to say. Half a microsecond. */
  events: () => number;
  /** Writes to standard error before it returns. */
  stderr: (text: string) => void;
  /** Ends the process; only a test's replacement returns or throws. */
  exit: (status: number) => void;
  /** Ends the process by SIGABRT, without a word. */
  abort: () => void;
}

/** fd 2 may be a non-blocking pipe: EAGAIN is waited out, so that a dump is never cut. */
function stderr(text: string): void {
  let bytes: Uint8Array = Buffer.from(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(2, bytes));
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== "EAGAIN") return;
    }
  }
}

/**
 * A reaction of a settled promise: Node's own `queueMicrotask` makes and enters an async resource for each, which the loop does itself. `f`
 * must not throw: that would be a rejection, not an uncaught exception.
 */
const settled: Promise<void> = Promise.resolve();
const { then } = Promise.prototype;
function microtask(f: () => void): void {
  void Reflect.apply(then, settled, [f]);
}

/** Node's own: a test may put another one in its place later. A DOM has already; the module takes 2 ms to load. */
const ownPerformance: Partial<typeof performance> = performance;
const node = { timing: null as PerformanceNodeTiming | null };

function events(): number {
  node.timing ??= ownPerformance.nodeTiming ?? process.getBuiltinModule("node:perf_hooks").performance.nodeTiming;
  return node.timing.uvMetricsInfo.events;
}

/** The event loop's own: goroutines go on also where a test has put its own timers in place of the engine's. */
const ownImmediate: typeof setImmediate = setImmediate;
const ownTimer: typeof setTimeout = setTimeout;
const clearOwnTimer: typeof clearTimeout = clearTimeout;
const ownNow: typeof performance.now = performance.now;

/**
 * A timer that goes by the clock which `now` reads. A test that has replaced both moves goroutines on with its own; where it has replaced the
 * timers alone, one of them would ring when the time has not come, or never.
 */
function setTimer(f: () => void, ms: number): HostTimer {
  return performance.now === ownNow ? ownTimer(f, ms) : setTimeout(f, ms);
}

function clearTimer(timer: HostTimer): void {
  if ("_onTimeout" in (timer as object)) clearOwnTimer(timer as NodeJS.Timeout);
  else clearTimeout(timer as NodeJS.Timeout);
}

const { hrtime } = process;

/** Not `Math.random`: a program that has put a seeded one in its place must get the numbers it got before. */
function seed(): number {
  const [seconds, nanoseconds] = hrtime();
  let x = Math.imul(seconds ^ (process.pid << 8), 0x9e3779b1) ^ nanoseconds;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

export const host: Host = {
  now: () => performance.now(),
  date: Date.now,
  seed,
  microtask,
  immediate: (f) => void ownImmediate(f),
  setTimer,
  clearTimer,
  delay: ownTimer,
  events,
  stderr,
  exit: (status) => process.exit(status),
  abort: () => void process.kill(process.pid, "SIGABRT"),
};

/** xorshift32: a few nanoseconds, and the same numbers for the same seed. Never 0. */
export class Random {
  state: number = host.seed() | 1;

  /** 32 random bits. */
  next(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x;
  }

  /** A whole number in [0, n), n < 2^15: the high bits are multiplied, since a remainder of the low ones is not fair. */
  below(n: number): number {
    return ((this.next() >>> 16) * n) >>> 16;
  }
}

export const random: Random = new Random();

/** Makes every later random choice of the runtime repeatable (`--seed N`). */
export function seedRandom(n: number): void {
  random.state = Math.imul(n | 0, 0x9e3779b1) ^ 0x5bd1e995 || 1;
}
