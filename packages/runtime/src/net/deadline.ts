/** A moment after which reads or writes fail: one timer in the thread's heap, moved when the deadline is. */
import { host } from "../internal/host.ts";
import { clock, dateOn } from "../time/clock.ts";
import { TimerNode } from "../time/heap.ts";

export class Deadline {
  passed: boolean = false;
  #timer: TimerNode | null = null;
  readonly #onPassed: () => void;

  constructor(onPassed: () => void) {
    this.#onPassed = onPassed;
  }

  /** Replaces the deadline; null: none. One in the past passes at once. */
  set(at: Date | null): void {
    this.clear();
    this.passed = false;
    if (at === null) return;
    // What connections wait for takes the machine's time, also in a bubble, whose clock stands still meanwhile.
    const ms = at.getTime() - dateOn(clock());
    if (!(ms > 0)) {
      this.passed = true;
      this.#onPassed();
      return;
    }
    this.#timer = new TimerNode(null, host.now() + ms, fire, this);
    this.#timer.start();
  }

  /** Takes the timer out: the connection is gone. */
  clear(): void {
    this.#timer?.stop();
    this.#timer = null;
  }

  expire(): void {
    this.#timer = null;
    this.passed = true;
    this.#onPassed();
  }
}

function fire(t: TimerNode): void {
  (t.arg as Deadline).expire();
}
