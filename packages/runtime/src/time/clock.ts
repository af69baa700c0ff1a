/**
 * Clocks: what time it is, and the timers that wait for it. A thread has one; a bubble brings its own (testing/clock.ts), which stands in
 * `time.clock` while its goroutines run. Whatever waits for a time keeps the clock it was made by, so that nothing ever meets another's.
 */
import { host } from "../internal/host.ts";
import { Timers, timers } from "./heap.ts";

export class Clock {
  readonly timers: Timers;
  /** A bubble's. */
  readonly virtual: boolean;
  constructor(heap: Timers, virtual: boolean) {
    this.timers = heap;
    this.virtual = virtual;
  }
  /** Milliseconds, monotonic, with fractions. */
  now(): number {
    return host.now();
  }
  /** Milliseconds since 1970. */
  date(): number {
    return host.date();
  }
}

/** The clock of the code that runs now. */
export const time: { clock: Clock } = { clock: new Clock(timers, false) };
