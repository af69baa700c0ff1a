/** One case of a select: a node in the queue of its channel while the goroutine waits, or a timer. */
import type { G, Node } from "../scheduler/g.ts";
import { SUDOG, type Contended, type Sudog } from "../scheduler/waitq.ts";
import type { TimerNode } from "../time/heap.ts";
import type { Chan } from "./chan.ts";
import type { Select } from "./selector.ts";

// Directions of a case.
export const RECV = 0;
export const SEND = 1;
export const TIMEOUT = 2;

export class SelectCase implements Sudog, Contended {
  next: Node = null;
  prev: Node = null;
  status: number = SUDOG;
  /** The value to send. */
  v: unknown = undefined;
  ch: Chan | null = null;
  dir: number = RECV;
  ms: number = 0;
  timer: TimerNode | null = null;
  readonly select: Select;
  readonly index: number;
  constructor(select: Select, index: number) {
    this.select = select;
    this.index = index;
  }

  fire(v: unknown, ok: boolean): G | null {
    return this.select.claim(this, v, ok);
  }

  mayFire(): boolean {
    return this.select.mayFire();
  }

  promote(): void {
    this.select.promote();
  }
}
