/** A context that ends at a time. Its timer is in the thread's heap until it ends, so it should be cancelled when it is needed no more. */
import { host } from "../internal/host.ts";
import { TimerNode, timers } from "../time/heap.ts";
import type { Context } from "./context.ts";
import { DeadlineExceeded } from "./errors.ts";
import { CancelCtx, treeOf, type Clock } from "./tree.ts";

export class DeadlineCtx extends CancelCtx implements Clock {
  readonly #at: Date;
  readonly #timer: TimerNode;
  readonly #cause: Error;
  readonly #above: Clock | null;

  /**
   * @param when on the clock of `host.now`
   * @param at the same for people
   */
  constructor(parent: Context, when: number, at: Date, cause: Error = DeadlineExceeded) {
    super(parent);
    this.#at = at;
    this.#timer = new TimerNode(when, passed, this);
    this.#cause = cause;
    this.#above = treeOf(parent)?.clock ?? null;
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
    if (this.err() === undefined) timers.add(this.#timer);
  }

  override deadline(): Date {
    return new Date(this.#at);
  }

  /** Ends it if its time has come, also where no timer could fire: in a loop that does not let go. */
  check(): void {
    this.hear();
    if (this.#timer.when <= host.now()) this.exceeded();
  }

  /** Its parents' times come later, but they may have been ended elsewhere. */
  hear(): void {
    this.#above?.hear();
  }

  exceeded(): void {
    this.cancel(DeadlineExceeded, this.#cause);
  }

  override release(): void {
    timers.remove(this.#timer);
  }

  override toString(): string {
    return `${String(this.parent)}.WithDeadline(${this.#at.toISOString()})`;
  }
}

function passed(t: TimerNode): void {
  (t.arg as DeadlineCtx).exceeded();
}
