/**
 * The one waiter queue: channels, mutexes, wait groups, conditions all wait in it. FIFO, linked both ways, so that a
 * wait can be given up (select, context) in O(1) wherever it stands.
 *
 *     first ⇄ node ⇄ … ⇄ last       next: towards last, prev: towards first
 *
 * `next` and `prev` of a node that is in no queue are null. A node is a goroutine itself (status > 0), or a sudog where one goroutine waits in several queues (status < 0).
 */
import type { G, Node, WaitNode } from "./g.ts";

/** Status of a node that is not a goroutine. */
export const SUDOG = -1;

/** A node that is not a goroutine: what happens when it is its turn is up to the node. */
export interface Sudog extends WaitNode {
  /**
   * Its turn has come; it is out of this queue. A receiver gets `v`, or `ok` false on close; a sender's value was taken, or `ok`
   * false on close. Returns the goroutine to make ready, if any.
   */
  fire(v: unknown, ok: boolean): G | null;
}

/** A waiter that another thread may have served: see shared/selects.ts. */
export interface Contended extends Sudog {
  /** Its turn may come; afterwards nobody else serves it. */
  mayFire(): boolean;
  /** The channel it waits for has become shared. */
  promote(): void;
}

export class WaitQ {
  first: Node = null;
  last: Node = null;

  push(n: WaitNode): void {
    const last = this.last;
    if (last === null) this.first = n;
    else {
      n.prev = last;
      last.next = n;
    }
    this.last = n;
  }

  /** For a waiter that has had its turn and lost: it keeps its place. */
  unshift(n: WaitNode): void {
    const first = this.first;
    if (first === null) this.last = n;
    else {
      n.next = first;
      first.prev = n;
    }
    this.first = n;
  }

  shift(): Node {
    const n = this.first;
    if (n === null) return null;
    const next = n.next;
    this.first = next;
    if (next === null) this.last = null;
    else {
      next.prev = null;
      n.next = null;
    }
    return n;
  }

  /** Takes `n` out, wherever it is; nothing happens if it is not in. */
  remove(n: WaitNode): void {
    const { next, prev } = n;
    if (prev === null && this.first !== n) return;
    if (prev === null) this.first = next;
    else prev.next = next;
    if (next === null) this.last = prev;
    else next.prev = prev;
    n.next = n.prev = null;
  }
}
