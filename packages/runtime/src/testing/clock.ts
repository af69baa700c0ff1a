/** A bubble's clock: it stands still until it is set on. */
import type { Clock } from "../time/clock.ts";
import { Timers, type TimerNode } from "../time/heap.ts";

/** Go's: midnight UTC, 2000-01-01. */
const EPOCH = Date.UTC(2000, 0, 1);

export class VirtualClock implements Clock {
  readonly timers: Timers = new Timers();
  /** Milliseconds since the bubble began. */
  at: number = 0;

  now(): number {
    return this.at;
  }

  date(): number {
    return EPOCH + this.at;
  }

  /** The earliest timer that will ever fire. */
  next(): TimerNode | null {
    const first = this.timers.first();
    return first === null || first.when === Infinity ? null : first;
  }

  /** Whether a timer is due at this very time: one of 0 ms. */
  get due(): boolean {
    return this.timers.size !== 0 && (this.timers.keys[0] as number) <= this.at;
  }

  /** Sets it on to `when`, and fires what is due then. */
  advance(when: number): void {
    this.at = Math.max(this.at, when);
    for (let t = this.timers.takeDue(this.at); t !== null; t = this.timers.takeDue(this.at)) t.fire(t, this.at);
  }
}
