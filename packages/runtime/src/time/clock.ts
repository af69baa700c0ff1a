/**
 * Clocks: what time it is, and the timers that wait for it. A goroutine's is the machine's, which is null here and costs next to nothing, or its
 * bubble's (testing/clock.ts). Whatever waits for a time keeps the clock it was made by, so that nothing ever meets another's.
 */
import { host } from "../internal/host.ts";
import { R } from "../internal/state.ts";
import { bubbleOf } from "../scheduler/bubble.ts";
import type { G } from "../scheduler/g.ts";
import type { Timers } from "./heap.ts";

export interface Clock {
  readonly timers: Timers;
  /** Milliseconds, monotonic, with fractions. */
  now(): number;
  /** Milliseconds since 1970. */
  date(): number;
}

export function clockOf(g: G): Clock | null {
  const bubble = bubbleOf(g);
  return bubble === null ? null : bubble.clock;
}

/** The clock of the code that runs now. */
export function clock(): Clock | null {
  const { g } = R.hot;
  return g === null ? null : clockOf(g);
}

export function nowOn(c: Clock | null): number {
  return c === null ? host.now() : c.now();
}

export function dateOn(c: Clock | null): number {
  return c === null ? host.date() : c.date();
}
