/**
 * Mutex, with Go's two modes.
 *
 * Normal: unlock frees the mutex and wakes the first waiter, which competes with whoever comes by; a running goroutine
 * that locks again at once wins, and no switch is paid. A waiter that lost goes back to the front.
 * Starving: once a waiter has waited more than 1 ms, unlock hands the mutex over to the first one. It ends with the waiter that is
 * the last, or waited less.
 *
 * `locked` stays 1 while starving, so the fast path is one comparison in both modes.
 */
import type { Context } from "../context/context.ts";
import { b } from "../internal/barrier.ts";
import { R, type Frame } from "../internal/state.ts";
import { rewait, watch } from "../scheduler/ctx.ts";
import { fatal } from "../scheduler/fatal.ts";
import { VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { S } from "../scheduler/p.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { MUTEX } from "../scheduler/reason.ts";
import { SUDOG, WaitQ } from "../scheduler/waitq.ts";
import { clockOf, nowOn } from "../time/clock.ts";
import { defineKind, keepHandle } from "../shared/handles.ts";
import { MUTEX as KIND } from "../shared/layout.ts";
import {
  acquireShared,
  freePermits,
  moveToRegion,
  newPermits,
  releaseShared,
  tryAcquireShared,
} from "../shared/permits.ts";

/** A waiter that has waited longer makes the mutex starving, ms. */
const STARVING = 1;
/** What a waiter is woken with when the mutex is already its own. */
const HANDED: object = Object.freeze({});

/** Anything a {@link Cond} can be used with. Go: sync.Locker. */
export interface Locker {
  lock(): unknown;
  unlock(): void;
}

/** A mutual exclusion lock. Not reentrant; any goroutine may unlock it. Go: sync.Mutex. */
export class Mutex implements Locker, Waitable, Disposable {
  locked: number = 0;
  starving: number = 0;
  /** 1 while a waiter has been woken and has not yet tried: waking another would be in vain. */
  woken: number = 0;
  readonly q: WaitQ = new WaitQ();
  /** Its object in the region, when it has crossed to another thread. It looks locked and waited for here. */
  #o: number = 0;

  /**
   * Locks, parking the caller until that is possible. The value unlocks: `using _ = mu.lock()`. Go: Lock.
   * @param ctx stop waiting when it ends (throws its error)
   */
  lock(ctx?: Context): Disposable {
    if (this.locked === 0) {
      this.locked = 1;
      return this;
    }
    return this.#wait(ctx);
  }

  /** Locks if nobody has; whether it did. Go: TryLock. */
  tryLock(): boolean {
    if (this.locked !== 0) return this.#o !== 0 && tryAcquireShared(this.#o, 1);
    this.locked = 1;
    return true;
  }

  /** Unlocks. Ends the process if it is not locked: "sync: unlock of unlocked mutex" (GORT_UNLOCK). Go: Unlock. */
  unlock(): void {
    if (this.locked === 0) fatal("sync: unlock of unlocked mutex", "GORT_UNLOCK");
    if (this.q.first === null) this.locked = 0;
    else this.#wake();
  }

  [Symbol.dispose](): void {
    this.unlock();
  }

  #wake(): void {
    if (this.#o !== 0) {
      if (!releaseShared(this.#o, 1)) fatal("sync: unlock of unlocked mutex", "GORT_UNLOCK");
      return;
    }
    if (this.starving === 0) {
      this.locked = 0;
      if (this.woken !== 0) return;
      this.woken = 1;
    }
    const g = this.q.shift() as G;
    g.v = this.starving === 0 ? undefined : HANDED;
    g.x = VALUE;
    ready(g);
  }

  #wait(ctx: Context | undefined): Disposable {
    if (this.#o !== 0) {
      return (acquireShared(this.#o, 1, MUTEX, this, ctx) ? this : undefined) as Disposable;
    }
    const g = current();
    this.q.push(g);
    park(g, MUTEX, this);
    R.tail = R.tail.next = new LockFrame(this, g, ctx);
    if (ctx !== undefined) watch(g, ctx);
    return undefined as unknown as Disposable;
  }

  cancelWait(g: G): void {
    this.q.remove(g);
  }

  /** The address of its object; made when it first crosses to another thread. */
  $share(): number {
    if (this.#o !== 0) return this.#o;
    const o = newPermits(KIND, 1, this.locked === 0 ? 1 : 0);
    const waiting: G[] = [];
    for (let g = this.q.shift(); g !== null; g = this.q.shift()) waiting.push(g as G);
    this.#become(o);
    keepHandle(o, this);
    for (const g of waiting) moveToRegion(o, g, 1, HANDED, rewait);
    return o;
  }

  #become(o: number): void {
    this.#o = o;
    this.locked = 1;
    this.starving = 0;
    this.woken = 0;
    this.q.push({ next: null, prev: null, status: SUDOG, v: undefined });
  }

  get isShared(): boolean {
    return this.#o !== 0;
  }

  /** A handle for the mutex of another thread. */
  static $adopt(o: number): Mutex {
    const mu = new Mutex();
    mu.#become(o);
    return mu;
  }
}

defineKind(KIND, {
  adopt: (o) => Mutex.$adopt(o),
  free: freePermits,
});

/** A waiter's frame: woken, it tries to lock, and waits on if somebody was faster. */
class LockFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = lockFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly m: Mutex;
  readonly g: G;
  /** When it began to wait, as the scheduler knows the time: a little early, and 40 ns cheaper than the clock. */
  readonly since: number = S.now;
  /** How often somebody was faster. */
  lost: number = 0;
  readonly ctx: Context | undefined;
  constructor(m: Mutex, g: G, ctx: Context | undefined) {
    this.m = m;
    this.g = g;
    this.ctx = ctx;
  }
}

function lockFrame(frame: Frame | null): unknown {
  if (frame === null) return "gort.Mutex.lock\n\n";
  if (R.x === 1) throw R.v; // the context ended
  const f = frame as LockFrame;
  const m = f.m;
  if (R.v === HANDED) {
    if (m.q.first === null || nowOn(clockOf(f.g)) - f.since < STARVING) m.starving = 0;
    return m;
  }
  // It was woken, and then the mutex became shared.
  if (m.isShared) return m.lock(f.ctx);
  m.woken = 0;
  if (m.locked === 0) {
    m.locked = 1;
    return m;
  }
  const err = f.ctx === undefined ? undefined : b(f.ctx.err(), "err of a context");
  if (err !== undefined) throw err;
  // The clock costs more than a switch: the first time, and then every eighth.
  const now = (f.lost++ & 7) === 0 ? nowOn(clockOf(f.g)) : S.now;
  if (now - f.since > STARVING) m.starving = 1;
  m.q.unshift(f.g);
  park(f.g, MUTEX, m);
  return undefined;
}
