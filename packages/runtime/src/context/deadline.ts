/** A context that ends at a time. Its timer is in the thread's heap until it ends, so it should be cancelled when it is needed no more. */
import { nowOn, type Clock } from "../time/clock.ts";
import { TimerNode } from "../time/heap.ts";
import type { Context } from "./context.ts";
import { DeadlineExceeded } from "./errors.ts";
import { CancelCtx, treeOf, type Ending } from "./tree.ts";

export class DeadlineCtx extends CancelCtx implements Ending {
  readonly #at: Date;
  readonly #timer: TimerNode;
  readonly #cause: Error;
  readonly remote: Ending | null;

  /**
   * @param when on `clock`
   * @param at the same for people
   */
  constructor(parent: Context, clock: Clock | null, when: number, at: Date, cause: Error = DeadlineExceeded) {
    super(parent);
    this.#at = at;
    this.#timer = new TimerNode(clock, when, passed, this);
    this.#cause = cause;
    this.remote = treeOf(parent)?.clock?.remote ?? null;
    this.timed = this;
    this.clock = this;
  }

  get when(): number {
    return this.#timer.when;
  }

  get timeCause(): Error {
    return this.#cause;
  }

  override join(parent: Context): void {
    super.join(parent);
    if (this.err() === undefined) this.#timer.start();
  }

  override deadline(): Date {
    return new Date(this.#at);
  }

  /** Ends it if its time has come, also where no timer could fire: in a loop that does not let go. */
  check(): void {
    this.hear();
    if (this.#timer.when <= nowOn(this.#timer.clock)) this.exceeded();
  }

  /** Its time is a bubble's: no other thread has that. */
  get virtual(): boolean {
    return this.#timer.clock !== null;
  }

  /** Its parents' times come later, but they may have been ended elsewhere. */
  hear(): void {
    if (this.remote !== null) this.remote.hear();
  }

  exceeded(): void {
    this.cancel(DeadlineExceeded, this.#cause);
  }

  override release(): void {
    this.#timer.stop();
  }

  override toString(): string {
    return `${String(this.parent)}.WithDeadline(${this.#at.toISOString()})`;
  }
}

function passed(t: TimerNode): void {
  (t.arg as DeadlineCtx).exceeded();
}
