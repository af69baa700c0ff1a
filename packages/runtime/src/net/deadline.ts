/** A moment after which reads or writes fail: one timer in the thread's heap, moved when the deadline is. */
import { host } from "../internal/host.ts";
import { clock, dateOn } from "../time/clock.ts";
import { TimerNode } from "../time/heap.ts";

/** On the machine's clock; null: never. What connections wait for takes its time, also in a bubble, whose clock stands still meanwhile. */
export function momentOf(at: Date | null): number | null {
  return at === null ? null : host.now() + (at.getTime() - dateOn(clock()));
}

export class Deadline {
  #passed: boolean = false;
  #timer: TimerNode | null = null;
  readonly #onPassed: () => void;

  constructor(onPassed: () => void) {
    this.#onPassed = onPassed;
  }

  /** Asked of the clock, too: who has learned of another deadline at the same moment may ask before this one's timer has fired. */
  get passed(): boolean {
    return this.#passed || (this.#timer !== null && host.now() >= this.#timer.when);
  }

  /** Replaces the deadline; null: none. One in the past passes at once. */
  set(moment: number | null): void {
    this.clear();
    this.#passed = false;
    if (moment === null) return;
    if (!(moment > host.now())) {
      this.#passed = true;
      this.#onPassed();
      return;
    }
    this.#timer = new TimerNode(null, moment, fire, this);
    this.#timer.start();
  }

  /** Takes the timer out: the connection is gone. */
  clear(): void {
    this.#timer?.stop();
    this.#timer = null;
  }

  expire(): void {
    this.#timer = null;
    this.#passed = true;
    this.#onPassed();
  }
}

function fire(t: TimerNode): void {
  (t.arg as Deadline).expire();
}
