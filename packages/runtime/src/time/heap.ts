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
import { S } from "../scheduler/p.ts";
import type { Clock } from "./clock.ts";
import { armTimer } from "./real.ts";

/** Something that happens at a time. `fire` gets the node itself: no closure is needed. */
export class TimerNode {
  /** Whose heap it waits in; null: this thread's. */
  readonly clock: Clock | null;
  /** Milliseconds of its clock. */
  when: number;
  /** Order among equals: first added, first fired. */
  seq: number;
  index: number;
  readonly fire: (node: TimerNode, now: number) => void;
  /** What `fire` works on. */
  readonly arg: unknown;

  constructor(clock: Clock | null, when: number, fire: (node: TimerNode, now: number) => void, arg: unknown) {
    this.clock = clock;
    this.when = when;
    this.seq = 0;
    this.index = -1;
    this.fire = fire;
    this.arg = arg;
  }

  start(): void {
    if (this.clock === null) timers.add(this);
    else this.clock.timers.add(this);
  }

  /** False if it was not started, or has fired. */
  stop(): boolean {
    return this.clock === null ? timers.remove(this) : this.clock.timers.remove(this);
  }
}

export class Timers {
  /** In the order of the heap; {@link keys} has their times, side by side: comparing children costs one cache line, not four. */
  readonly nodes: TimerNode[] = [];
  keys: Float64Array = new Float64Array(64);
  size: number = 0;
  seq: number = 0;

  first(): TimerNode | null {
    return this.size === 0 ? null : (this.nodes[0] as TimerNode);
  }

  add(t: TimerNode): void {
    const n = this.size++;
    if (n === this.keys.length) this.#grow();
    t.seq = this.seq = (this.seq + 1) | 0;
    this.nodes.push(t);
    this.#up(n, t);
    if (S.inLoop === 0 && t.index === 0) armTimer(timers.first());
  }

  /** Takes a timer out; false if it was not in. */
  remove(t: TimerNode): boolean {
    const i = t.index;
    if (i < 0) return false;
    this.#take(i);
    if (S.inLoop === 0 && i === 0) armTimer(timers.first());
    return true;
  }

  /** The earliest timer, taken out, if it is due. */
  takeDue(now: number): TimerNode | null {
    if (this.size === 0 || (this.keys[0] as number) > now) return null;
    const t = this.nodes[0] as TimerNode;
    this.#take(0);
    return t;
  }

  #grow(): void {
    const keys = new Float64Array(this.keys.length * 2);
    keys.set(this.keys);
    this.keys = keys;
  }

  #take(i: number): void {
    const { nodes } = this;
    (nodes[i] as TimerNode).index = -1;
    const last = nodes.pop() as TimerNode;
    const n = --this.size;
    if (i === n) return;
    // The last one fills the hole, and may belong above or below it.
    this.#down(i, last);
    if (i > 0 && last.index === i) this.#up(i, last);
  }

  #up(i: number, t: TimerNode): void {
    const { nodes, keys } = this;
    const { when, seq } = t;
    while (i > 0) {
      const p = (i - 1) >> 2;
      const key = keys[p] as number;
      const parent = nodes[p] as TimerNode;
      if (key < when || (key === when && parent.seq < seq)) break;
      nodes[i] = parent;
      keys[i] = key;
      parent.index = i;
      i = p;
    }
    nodes[i] = t;
    keys[i] = when;
    t.index = i;
  }

  #down(i: number, t: TimerNode): void {
    const { nodes, keys } = this;
    const { when, seq } = t;
    const n = this.size;
    for (let c = 4 * i + 1; c < n; c = 4 * i + 1) {
      let key = keys[c] as number;
      for (let k = c + 1, end = Math.min(c + 4, n); k < end; k++) {
        const other = keys[k] as number;
        if (other < key || (other === key && (nodes[k] as TimerNode).seq < (nodes[c] as TimerNode).seq)) {
          key = other;
          c = k;
        }
      }
      const child = nodes[c] as TimerNode;
      if (when < key || (when === key && seq < child.seq)) break;
      nodes[i] = child;
      keys[i] = key;
      child.index = i;
      i = c;
    }
    nodes[i] = t;
    keys[i] = when;
    t.index = i;
  }
}

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
