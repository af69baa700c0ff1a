/** What a schedule was: the last steps of it, who ran and where it stopped. Written at every step, so read only where it failed. */
import type { Frame } from "../internal/state.ts";
import { frameName, framePosition, isHidden } from "../scheduler/frames.ts";
import { DEAD, REASON_SHIFT, STATUS, WAITING } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { reasonText } from "../scheduler/reason.ts";

/** Steps that are kept: a power of two. */
const KEPT = 32;

interface Step {
  id: number;
  state: string;
  /** Of the innermost frame that is the user's: it is saved again in place. */
  r: Frame["r"] | null;
  pc: number;
}

export class Tape {
  readonly #steps: Step[] = [];
  /** All of them. */
  length: number = 0;

  /** `g` has run, and stopped. */
  write(g: G, preempted: boolean): void {
    const i = this.length++ & (KEPT - 1);
    let f = g.frame;
    while (f !== null && isHidden(f)) f = f.next;
    const step = (this.#steps[i] ??= { id: 0, state: "", r: null, pc: 0 });
    step.id = g.id;
    step.r = f === null ? null : f.r;
    step.pc = f === null ? 0 : f.pc;
    const status = g.status & STATUS;
    if (status === DEAD) step.state = "ended";
    else if (status === WAITING) step.state = reasonText(g.status >> REASON_SHIFT);
    else step.state = preempted ? "preempted" : "gave way";
  }

  /** The last steps, oldest first: "goroutine 2 [preempted] main.func1 (app.ts:9:5)". */
  lines(): string[] {
    const from = Math.max(0, this.length - KEPT);
    const lines: string[] = [];
    for (let i = from; i < this.length; i++) {
      const { id, state, r, pc } = this.#steps[i & (KEPT - 1)] as Step;
      const at: Frame | null = r === null ? null : { r, pc, next: null };
      lines.push(`goroutine ${id} [${state}]${at === null ? "" : ` ${frameName(at)} (${framePosition(at)})`}`);
    }
    return lines;
  }
}
