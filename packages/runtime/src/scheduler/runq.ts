/**
 * Run queues. `schedule()` knows only the interface; this file has the plain one, for the goroutines of one thread.
 *
 *     runnext ──► kicked by the next ready() ──► tail
 *                                                 ▼
 *     head ► [ oldest │ … │ … │ newest ]  a ring of 256
 *                 └── when full, the 128 oldest and the new one go to the global queue's tail
 *
 *     global: first ─next→ G ─next→ … ─next→ last   (unbounded, linked through the Gs themselves)
 */
import type { G } from "./g.ts";

/** Slots of a local queue. A power of two: positions only grow and are masked. */
export const RUNQ_SIZE = 256;
const MASK = RUNQ_SIZE - 1;

/** What `schedule()` needs of a local queue. */
export interface RunQueue {
  /** Readied last by the running goroutine: runs next and inherits its slice. */
  runnext: G | null;
  /** Goroutines queued, `runnext` not counted. */
  size(): number;
  /** Appends; may move half of the queue to the global one. */
  put(g: G): void;
  /** Makes `g` the next to run; who was that goes to the tail. */
  putNext(g: G): void;
  /** Removes the oldest; null when empty. Leaves `runnext` alone. */
  get(): G | null;
  /** Takes `g` out, wherever it stands; nothing happens if it is not in. */
  remove(g: G): void;
}

/** The global queue: FIFO, unbounded. */
export class GlobalQueue {
  first: G | null = null;
  last: G | null = null;
  size: number = 0;

  put(g: G): void {
    g.next = null;
    const last = this.last;
    if (last === null) this.first = g;
    else last.next = g;
    this.last = g;
    this.size++;
  }

  get(): G | null {
    const g = this.first;
    if (g === null) return null;
    const next = g.next as G | null;
    this.first = next;
    if (next === null) this.last = null;
    g.next = null;
    this.size--;
    return g;
  }

  /** Takes `g` out, wherever it stands; false if it is not in. */
  remove(g: G): boolean {
    let before: G | null = null;
    for (let x = this.first; x !== null; before = x, x = x.next as G | null) {
      if (x !== g) continue;
      const next = g.next as G | null;
      if (before === null) this.first = next;
      else before.next = next;
      if (next === null) this.last = before;
      g.next = null;
      this.size--;
      return true;
    }
    return false;
  }
}

/** In an object of its own that is made anew for the same reason as Hot in internal/state.ts. */
class Next {
  g: G | null = null;
}

/** The local queue of a thread that nobody steals from. */
export class PlainRunQueue implements RunQueue {
  #next: Next = new Next();
  readonly #global: GlobalQueue;
  head: number = 0;
  tail: number = 0;
  readonly ring: (G | null)[] = [];

  constructor(global: GlobalQueue) {
    this.#global = global;
    for (let i = 0; i < RUNQ_SIZE; i++) this.ring.push(null);
  }

  get runnext(): G | null {
    return this.#next.g;
  }
  set runnext(g: G | null) {
    this.#next.g = g;
  }

  /** A turn of the event loop begins. */
  renew(): void {
    const g = this.#next.g;
    this.#next = new Next();
    this.#next.g = g;
  }

  size(): number {
    return (this.tail - this.head) | 0;
  }

  put(g: G): void {
    const t = this.tail;
    if (((t - this.head) | 0) === RUNQ_SIZE) {
      this.#putSlow(g);
      return;
    }
    this.ring[t & MASK] = g;
    this.tail = (t + 1) | 0;
  }

  putNext(g: G): void {
    const old = this.runnext;
    this.runnext = g;
    if (old !== null) this.put(old);
  }

  get(): G | null {
    const h = this.head;
    if (h === this.tail) return null;
    const ring = this.ring;
    const g = ring[h & MASK] as G;
    ring[h & MASK] = null; // a dead goroutine must not live on here
    this.head = (h + 1) | 0;
    return g;
  }

  remove(g: G): void {
    if (this.runnext === g) {
      this.runnext = null;
      return;
    }
    for (let n = this.size(); n > 0; n--) {
      const other = this.get() as G;
      if (other !== g) this.put(other);
    }
  }

  #putSlow(g: G): void {
    for (let n = RUNQ_SIZE / 2; n > 0; n--) this.#global.put(this.get() as G);
    this.#global.put(g);
  }
}
