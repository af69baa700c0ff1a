/**
 * RWMutex: many readers or one writer. A writer that waits blocks new readers, so writers are not starved; when a
 * writer unlocks, every reader waiting then goes first, so readers are not either (Go's rule). Always handed over:
 * whoever is woken holds the lock already.
 */
import type { Context } from "../context/context.ts";
import { watch, rewait } from "../scheduler/ctx.ts";
import { fatal } from "../scheduler/fatal.ts";
import { REASON_SHIFT, VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { RWMUTEX_R, RWMUTEX_W } from "../scheduler/reason.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { defineKind, keepHandle } from "../shared/handles.ts";
import { RWMUTEX as KIND } from "../shared/layout.ts";
import {
  acquireShared,
  freePermits,
  moveToRegion,
  newPermits,
  releaseShared,
  tryAcquireShared,
} from "../shared/permits.ts";
import type { Locker } from "./mutex.ts";

/** In the region it is this many units: a reader holds one, a writer all. */
const UNITS = 1 << 30;

/** The read lock by itself; disposing it unlocks. */
class ReadLocker implements Locker, Disposable {
  readonly #m: RWMutex;
  constructor(m: RWMutex) {
    this.#m = m;
  }
  lock(ctx?: Context): Disposable {
    return this.#m.rLock(ctx);
  }
  unlock(): void {
    this.#m.rUnlock();
  }
  [Symbol.dispose](): void {
    this.#m.rUnlock();
  }
}

/** A reader/writer mutual exclusion lock. Go: sync.RWMutex. */
export class RWMutex implements Locker, Waitable, Disposable {
  /** Readers that hold it. */
  #readers: number = 0;
  #writing: boolean = false;
  readonly #rq: WaitQ = new WaitQ();
  readonly #wq: WaitQ = new WaitQ();
  readonly #reading: ReadLocker = new ReadLocker(this);
  /** Its object in the region, when it has crossed to another thread. It looks as if a writer held it here. */
  #o: number = 0;

  /**
   * Locks for writing, parking the caller until no reader and no other writer holds it. The value unlocks. Go: Lock.
   * @param ctx stop waiting when it ends (throws its error)
   */
  lock(ctx?: Context): Disposable {
    if (this.tryLock()) return this;
    if (this.#o !== 0) return (acquireShared(this.#o, UNITS, RWMUTEX_W, this, ctx) ? this : undefined) as Disposable;
    const g = current();
    this.#wq.push(g);
    park(g, RWMUTEX_W, this);
    if (ctx !== undefined) watch(g, ctx);
    return undefined as unknown as Disposable;
  }

  /** Locks for writing if that is possible at once. Go: TryLock. */
  tryLock(): boolean {
    if (this.#writing || this.#readers > 0) return this.#o !== 0 && tryAcquireShared(this.#o, UNITS);
    this.#writing = true;
    return true;
  }

  /** Unlocks a write lock. Ends the process if there is none: "sync: Unlock of unlocked RWMutex" (GORT_UNLOCK). Go: Unlock. */
  unlock(): void {
    if (this.#o !== 0) {
      if (!releaseShared(this.#o, UNITS)) fatal("sync: Unlock of unlocked RWMutex", "GORT_UNLOCK");
      return;
    }
    if (!this.#writing) fatal("sync: Unlock of unlocked RWMutex", "GORT_UNLOCK");
    this.#writing = false;
    if (this.#rq.first === null) this.#nextWriter();
    else this.#admitReaders();
  }

  [Symbol.dispose](): void {
    this.unlock();
  }

  /**
   * Locks for reading, parking the caller while a writer holds it or waits. The value unlocks. Go: RLock.
   * @param ctx stop waiting when it ends (throws its error)
   */
  rLock(ctx?: Context): Disposable {
    if (this.tryRLock()) return this.#reading;
    if (this.#o !== 0)
      return (acquireShared(this.#o, 1, RWMUTEX_R, this.#reading, ctx) ? this.#reading : undefined) as Disposable;
    const g = current();
    this.#rq.push(g);
    park(g, RWMUTEX_R, this);
    if (ctx !== undefined) watch(g, ctx);
    return undefined as unknown as Disposable;
  }

  /** Locks for reading if that is possible at once. Go: TryRLock. */
  tryRLock(): boolean {
    if (this.#writing || this.#wq.first !== null) return this.#o !== 0 && tryAcquireShared(this.#o, 1);
    this.#readers++;
    return true;
  }

  /** Unlocks a read lock. Ends the process if there is none: "sync: RUnlock of unlocked RWMutex" (GORT_UNLOCK). Go: RUnlock. */
  rUnlock(): void {
    if (this.#o !== 0) {
      if (!releaseShared(this.#o, 1)) fatal("sync: RUnlock of unlocked RWMutex", "GORT_UNLOCK");
      return;
    }
    if (this.#readers === 0) fatal("sync: RUnlock of unlocked RWMutex", "GORT_UNLOCK");
    if (--this.#readers === 0) this.#nextWriter();
  }

  /** The read lock as something to lock and unlock, for a {@link Cond}. Go: RLocker. */
  rLocker(): Locker {
    return this.#reading;
  }

  #nextWriter(): void {
    const g = this.#wq.shift() as G | null;
    if (g === null) return;
    this.#writing = true;
    g.v = this;
    g.x = VALUE;
    ready(g);
  }

  #admitReaders(): void {
    for (let g = this.#rq.shift() as G | null; g !== null; g = this.#rq.shift() as G | null) {
      this.#readers++;
      g.v = this.#reading;
      g.x = VALUE;
      ready(g);
    }
  }

  /** The address of its object; made when it first crosses to another thread. */
  $share(): number {
    if (this.#o !== 0) return this.#o;
    const o = newPermits(KIND, UNITS, this.#writing ? 0 : UNITS - this.#readers);
    const all = (q: WaitQ): G[] => {
      const list: G[] = [];
      for (let g = q.shift() as G | null; g !== null; g = q.shift() as G | null) list.push(g);
      return list;
    };
    const [readers, writers] = [all(this.#rq), all(this.#wq)];
    this.#become(o);
    keepHandle(o, this);
    // Behind readers waits a writer first, and readers behind it.
    for (const g of writers) moveToRegion(o, g, UNITS, this, rewait);
    for (const g of readers) moveToRegion(o, g, 1, this.#reading, rewait);
    return o;
  }

  #become(o: number): void {
    this.#o = o;
    this.#writing = true;
    this.#readers = 0;
  }

  /** A handle for the mutex of another thread. */
  static $adopt(o: number): RWMutex {
    const mu = new RWMutex();
    mu.#become(o);
    return mu;
  }

  cancelWait(g: G): void {
    if (g.status >> REASON_SHIFT === RWMUTEX_R) {
      this.#rq.remove(g);
      return;
    }
    this.#wq.remove(g);
    // The writer that held back new readers has gone.
    if (!this.#writing && this.#wq.first === null) this.#admitReaders();
  }
}

defineKind(KIND, {
  adopt: (o) => RWMutex.$adopt(o),
  free: freePermits,
});
