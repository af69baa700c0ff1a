/**
 * What every switch writes: the running goroutine and the heads of the run queues, in objects that are made anew in the event
 * loop's every turn, and when a crowd of new goroutines has begun to run. Storing a young object, as goroutines often are, into
 * an old one costs the collector's notice of it, 3 ns each. Only scheduler/ writes here.
 */
import type { G } from "../scheduler/g.ts";

/** A FIFO of goroutines, linked through themselves: first ─next→ G ─next→ … ─next→ last. */
export class GList {
  first: G | null = null;
  last: G | null = null;
  size: number = 0;

  put(g: G): void {
    const last = this.last;
    if (last === null) this.first = g;
    else last.next = g;
    this.last = g;
    this.size++;
  }

  /** Removes the oldest; null when empty. */
  get(): G | null {
    const g = this.first;
    if (g === null) return null;
    const next = g.next as G | null;
    this.first = next;
    if (next === null) this.last = null;
    else g.next = null;
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

  /** Takes all of `other`, before its own. */
  prepend(other: GList): void {
    const last = other.last;
    if (last === null) return;
    last.next = this.first;
    if (this.first === null) this.last = last;
    this.first = other.first;
    this.size += other.size;
    other.first = other.last = null;
    other.size = 0;
  }

  /** The same goroutines in a new object. */
  renewed(): GList {
    const list = new GList();
    list.first = this.first;
    list.last = this.last;
    list.size = this.size;
    return list;
  }
}

export class Hot {
  /** The running goroutine; between two, the one that ran last. */
  g: G | null = null;
  /** Readied last by the running goroutine: runs next and inherits its slice. */
  runnext: G | null = null;
  local: GList = new GList();
  /** While the event loop turns: who was in the local queue, and stands there again behind whom it readies. */
  waiting: GList = new GList();
  global: GList = new GList();
  /** Goroutines that have ended and that nobody knows, linked by `next`: for those that start soon. */
  free: G | null = null;

  /** The same in new objects. `dropFree`: without the free goroutines, before they grow old. */
  renewed(dropFree: boolean): Hot {
    const hot = new Hot();
    hot.g = this.g;
    hot.runnext = this.runnext;
    hot.local = this.local.renewed();
    hot.waiting = this.waiting.renewed();
    hot.global = this.global.renewed();
    hot.free = dropFree ? null : this.free;
    return hot;
  }

  /** The same for a new turn: nobody runs, and who was in the local queue stands there again. */
  turned(): Hot {
    const hot = this.renewed(true);
    hot.g = null;
    const readied = hot.local;
    hot.local = hot.waiting;
    hot.local.prepend(readied);
    hot.waiting = readied;
    return hot;
  }
}
