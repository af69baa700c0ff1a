/**
 * Run queues. `schedule()` knows only the interface; this file has the plain one, for the goroutines of one thread.
 *
 *     runnext ──► kicked by the next ready() ──► tail
 *                                                 ▼
 *     local:  first ─next→ G ─next→ … ─next→ last   at most 256, linked through the Gs themselves
 *                └── when full, the 128 oldest and the new one go to the global queue's tail
 *     global: the same, unbounded
 *
 * Lists, not a ring: a ring would be an old array that young goroutines are stored into (internal/hot.ts).
 */
import { R } from "../internal/state.ts";
import type { G } from "./g.ts";

/** The most goroutines a local queue holds. */
export const RUNQ_SIZE = 256;
/** The most goroutines a batch takes from the global queue. */
const BATCH = 128;

/** What `schedule()` needs of a P's queues. */
export interface RunQueue {
  /** Goroutines queued locally, the next one not counted. */
  size(): number;
  /** Goroutines in the global queue. */
  globalSize(): number;
  /** Whether somebody is queued, or next. */
  hasWork(): boolean;
  /** Appends; may move half of the queue to the global one. */
  put(g: G): void;
  /** Makes `g` the next to run; who was that goes to the tail. */
  putNext(g: G): void;
  /** Appends to the global queue. */
  putGlobal(g: G): void;
  /** The event loop turns: those who wait in the local queue stand, in their order, behind whoever is readied now. */
  makeWay(): void;
  /** Who runs next and inherits the slice; null if nobody does. */
  getNext(): G | null;
  /** Removes the oldest; null when empty. */
  get(): G | null;
  /** Removes the oldest of the global queue; null when empty. */
  getGlobal(): G | null;
  /** The same, and moves a batch behind it into the local queue, which is empty. */
  getBatch(): G | null;
  /** Takes `g` out, wherever it stands; nothing happens if it is not in. */
  remove(g: G): void;
}

/** The queues of a thread that nobody steals from. */
export class PlainRunQueue implements RunQueue {
  size(): number {
    const { local, waiting } = R.hot;
    return local.size + waiting.size;
  }

  globalSize(): number {
    return R.hot.global.size;
  }

  hasWork(): boolean {
    return R.hot.runnext !== null || this.size() !== 0 || this.globalSize() !== 0;
  }

  put(g: G): void {
    const { local } = R.hot;
    if (local.size >= RUNQ_SIZE) this.#overflow(g);
    else local.put(g);
  }

  putNext(g: G): void {
    const hot = R.hot;
    const old = hot.runnext;
    hot.runnext = g;
    if (old !== null) this.put(old);
  }

  putGlobal(g: G): void {
    R.hot.global.put(g);
  }

  makeWay(): void {
    const { local, waiting } = R.hot;
    waiting.prepend(local);
  }

  getNext(): G | null {
    const hot = R.hot;
    const g = hot.runnext;
    if (g !== null) hot.runnext = null;
    return g;
  }

  get(): G | null {
    return R.hot.local.get();
  }

  getGlobal(): G | null {
    return R.hot.global.get();
  }

  getBatch(): G | null {
    const { global, local } = R.hot;
    const g = global.get();
    for (let n = Math.min(global.size, BATCH - 1); n > 0; n--) local.put(global.get() as G);
    return g;
  }

  remove(g: G): void {
    const hot = R.hot;
    if (hot.runnext === g) hot.runnext = null;
    else if (!hot.local.remove(g) && !hot.waiting.remove(g)) hot.global.remove(g);
  }

  #overflow(g: G): void {
    const { global, local } = R.hot;
    for (let n = RUNQ_SIZE / 2; n > 0; n--) global.put(local.get() as G);
    global.put(g);
  }
}
