/**
 * Clocks: what time it is, and the timers that wait for it. A thread has one, and every bubble (testing/clock.ts): a goroutine's clock is that
 * of its bubble. Whatever waits for a time keeps the clock it was made by, so that nothing ever meets another's.
 */
import { host } from "../internal/host.ts";
import { R } from "../internal/state.ts";
import { bubbleOf } from "../scheduler/bubble.ts";
import type { G } from "../scheduler/g.ts";
import { Timers, timers } from "./heap.ts";

export class Clock {
  readonly timers: Timers;
  constructor(heap: Timers) {
    this.timers = heap;
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

/** The thread's: the machine's time. */
export const machine: Clock = new Clock(timers);

export function clockOf(g: G): Clock {
  const bubble = bubbleOf(g);
  return bubble === null ? machine : bubble.clock;
}

/** The clock of the code that runs now. */
export function clock(): Clock {
  const { g } = R.hot;
  return g === null ? machine : clockOf(g);
}
