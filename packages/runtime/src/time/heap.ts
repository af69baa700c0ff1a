/**
 * The timers of a thread: one 4-ary heap, run by `schedule()` when it looks at the clock, by the event loop's turn, and by one
 * real timer when idle. There is no timer thread.
 *
 *                 0
 *        ┌────┬───┴┬────┐
 *        1    2    3    4        children of i: 4i+1 … 4i+4
 *
 * `index` of a timer is its place in the heap, -1 when it is in none, so removal is O(log n) without a search.
 */
import { armTimer } from "../scheduler/loop.ts";
import { S } from "../scheduler/p.ts";

/** Something that happens at a time. `fire` gets the node itself: no closure is needed. */
export class TimerNode {
  /** Milliseconds of `host.now`. */
  when: number;
  /** Order among equals: first added, first fired. */
  seq: number;
  index: number;
  readonly fire: (node: TimerNode, now: number) => void;
  /** What `fire` works on. */
  readonly arg: unknown;

  constructor(when: number, fire: (node: TimerNode, now: number) => void, arg: unknown) {
    this.when = when;
    this.seq = 0;
    this.index = -1;
    this.fire = fire;
    this.arg = arg;
  }
}

function before(a: TimerNode, b: TimerNode): boolean {
  return a.when < b.when || (a.when === b.when && a.seq < b.seq);
}

class Timers {
  readonly heap: TimerNode[] = [];
  size: number = 0;
  seq: number = 0;

  first(): TimerNode | null {
    return this.size === 0 ? null : (this.heap[0] as TimerNode);
  }

  add(t: TimerNode): void {
    t.seq = this.seq = (this.seq + 1) | 0;
    this.heap.push(t);
    this.size++;
    this.#up(this.size - 1, t);
    if (S.inLoop === 0 && t.index === 0) armTimer();
  }

  /** Takes a timer out; false if it was not in. */
  remove(t: TimerNode): boolean {
    const i = t.index;
    if (i < 0) return false;
    this.#take(i);
    if (S.inLoop === 0 && i === 0) armTimer();
    return true;
  }

  /** The earliest timer, taken out, if it is due. */
  takeDue(now: number): TimerNode | null {
    if (this.size === 0) return null;
    const t = this.heap[0] as TimerNode;
    if (t.when > now) return null;
    this.#take(0);
    return t;
  }

  #take(i: number): void {
    const heap = this.heap;
    (heap[i] as TimerNode).index = -1;
    const last = heap.pop() as TimerNode;
    const n = --this.size;
    if (i === n) return;
    // The last one fills the hole, and may belong above or below it.
    if (i > 0 && before(last, heap[(i - 1) >> 2] as TimerNode)) this.#up(i, last);
    else this.#down(i, last);
  }

  #up(i: number, t: TimerNode): void {
    const heap = this.heap;
    while (i > 0) {
      const p = (i - 1) >> 2;
      const parent = heap[p] as TimerNode;
      if (!before(t, parent)) break;
      heap[i] = parent;
      parent.index = i;
      i = p;
    }
    heap[i] = t;
    t.index = i;
  }

  #down(i: number, t: TimerNode): void {
    const heap = this.heap;
    const n = this.size;
    for (;;) {
      let c = 4 * i + 1;
      if (c >= n) break;
      let child = heap[c] as TimerNode;
      const end = Math.min(c + 4, n);
      for (let k = c + 1; k < end; k++) {
        const other = heap[k] as TimerNode;
        if (before(other, child)) {
          child = other;
          c = k;
        }
      }
      if (!before(child, t)) break;
      heap[i] = child;
      child.index = i;
      i = c;
    }
    heap[i] = t;
    t.index = i;
  }
}

export type { Timers };
export const timers: Timers = new Timers();

/** Fires what is due; true if anything was. */
export function runTimers(now: number): boolean {
  let t = timers.takeDue(now);
  if (t === null) return false;
  do {
    t.fire(t, now);
    t = timers.takeDue(now);
  } while (t !== null);
  return true;
}
