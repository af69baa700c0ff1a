/**
 * The queue of a P: parallel goroutines that have not started. One producer, the P's owner; whoever has work to find takes.
 *
 *     runnext ─► kicked by the next one ─► tail
 *     head ► [ oldest │ … │ newest ]   a ring of 256, taken from by exchange of the head
 *                └── full: the older half and the new one go to the global queue
 */
import {
  G_LOCK,
  G_NPROCS,
  G_QUEUE,
  G_QUEUE_HEAD,
  G_QUEUE_TAIL,
  P_BASE,
  P_HEAD,
  P_NEXT,
  P_OWNER,
  P_RING,
  P_SIZE,
  P_TAIL,
  R_NEXT,
  RING,
} from "../src/shared/layout";
import { lock, unlock } from "./lock";

export function pAt(p: i32): i32 {
  return P_BASE + p * P_SIZE;
}

function slot(at: i32, i: i32): i32 {
  return at + P_RING + ((i & (RING - 1)) << 2);
}

/** Appends the chain `first` … `last` of `n` records to the global queue. */
export function queueChain(first: i32, last: i32, n: i32): void {
  lock(G_LOCK);
  appendChain(first, last, n);
  unlock(G_LOCK);
}

/** The same for who has the lock. */
function appendChain(first: i32, last: i32, n: i32): void {
  store<i32>(last + R_NEXT, 0);
  const tail = load<i32>(G_QUEUE_TAIL);
  if (tail == 0) store<i32>(G_QUEUE_HEAD, first);
  else store<i32>(tail + R_NEXT, first);
  store<i32>(G_QUEUE_TAIL, last);
  atomic.store<i32>(G_QUEUE, load<i32>(G_QUEUE) + n);
}

/** `p` is one too many, and nobody's: what waits in its queue, where nobody looks any more, goes to the global one. Under G_LOCK. */
export function clear(p: i32): void {
  let r = take(p);
  while (r != 0) {
    appendChain(r, r, 1);
    r = take(p);
  }
}

/** The oldest of the global queue; 0 when it is empty. */
export function queueTake(): i32 {
  if (atomic.load<i32>(G_QUEUE) == 0) return 0;
  lock(G_LOCK);
  const r = load<i32>(G_QUEUE_HEAD);
  if (r != 0) {
    const next = load<i32>(r + R_NEXT);
    store<i32>(G_QUEUE_HEAD, next);
    if (next == 0) store<i32>(G_QUEUE_TAIL, 0);
    atomic.store<i32>(G_QUEUE, load<i32>(G_QUEUE) - 1);
  }
  unlock(G_LOCK);
  return r;
}

/** Appends `r` to the queue of `p`, which the caller owns. */
export function put(p: i32, r: i32): void {
  const at = pAt(p);
  while (true) {
    const h = atomic.load<i32>(at + P_HEAD);
    const t = load<i32>(at + P_TAIL);
    if (((t - h) | 0) < RING) {
      atomic.store<i32>(slot(at, t), r);
      atomic.store<i32>(at + P_TAIL, t + 1);
      return;
    }
    if (putHalf(at, h, r)) return;
  }
}

/** The ring is full: its older half and `r` go to the global queue. */
function putHalf(at: i32, h: i32, r: i32): bool {
  const n = RING >> 1;
  const first = atomic.load<i32>(slot(at, h));
  // Taken first: until then others may take the same ones.
  if (atomic.cmpxchg<i32>(at + P_HEAD, h, h + n) != h) return false;
  let last = first;
  for (let i: i32 = 1; i < n; i++) {
    const next = load<i32>(slot(at, h + i));
    store<i32>(last + R_NEXT, next);
    last = next;
  }
  store<i32>(last + R_NEXT, r);
  queueChain(first, r, n + 1);
  return true;
}

/** Makes `r` the next one of `p` to run. */
export function putNext(p: i32, r: i32): void {
  const old = atomic.xchg<i32>(pAt(p) + P_NEXT, r);
  if (old != 0) put(p, old);
}

/** The next one of `p`, which the caller owns: runnext, then the oldest. */
export function take(p: i32): i32 {
  const at = pAt(p);
  if (atomic.load<i32>(at + P_NEXT) != 0) {
    const r = atomic.xchg<i32>(at + P_NEXT, 0);
    if (r != 0) return r;
  }
  while (true) {
    const h = atomic.load<i32>(at + P_HEAD);
    if (h == load<i32>(at + P_TAIL)) return 0;
    const r = atomic.load<i32>(slot(at, h));
    if (atomic.cmpxchg<i32>(at + P_HEAD, h, h + 1) == h) return r;
  }
}

/** A batch of the global queue: the first is returned, the others go to the queue of `p`. */
export function takeBatch(p: i32): i32 {
  let n = atomic.load<i32>(G_QUEUE);
  if (n == 0) return 0;
  n = n / atomic.load<i32>(G_NPROCS) + 1;
  if (n > RING >> 1) n = RING >> 1;
  const r = queueTake();
  if (r == 0) return 0;
  while (--n > 0) {
    const more = queueTake();
    if (more == 0) break;
    put(p, more);
  }
  return r;
}

/** Goroutines in the queue of `p`. */
export function length(p: i32): i32 {
  const at = pAt(p);
  const h = atomic.load<i32>(at + P_HEAD);
  return (atomic.load<i32>(at + P_TAIL) - h) | 0;
}

export function isEmpty(p: i32): bool {
  return atomic.load<i32>(pAt(p) + P_NEXT) == 0 && length(p) == 0;
}

/**
 * Half of the queue of `from`, rounded up, goes to `p`; the newest of them is returned. If there is nothing else, what it would run next,
 * with `next` or where nobody owns it.
 */
export function stealFrom(p: i32, from: i32, next: bool): i32 {
  const at = pAt(from);
  const own = pAt(p);
  const t0 = load<i32>(own + P_TAIL);
  while (true) {
    const h = atomic.load<i32>(at + P_HEAD);
    const t = atomic.load<i32>(at + P_TAIL);
    let n = (t - h) | 0;
    n = n - (n >> 1);
    if (n <= 0) {
      // A P without an owner runs nothing next.
      if (!next && atomic.load<i32>(at + P_OWNER) != 0) return 0;
      return atomic.xchg<i32>(at + P_NEXT, 0);
    }
    if (n > RING >> 1) continue; // head and tail were read at different times
    for (let i: i32 = 0; i < n; i++) {
      const r = atomic.load<i32>(slot(at, h + i));
      atomic.store<i32>(slot(own, t0 + i), r);
    }
    if (atomic.cmpxchg<i32>(at + P_HEAD, h, h + n) != h) continue;
    const r = load<i32>(slot(own, t0 + n - 1));
    if (n > 1) atomic.store<i32>(own + P_TAIL, t0 + n - 1);
    return r;
  }
}

function coprime(a: i32, b: i32): bool {
  while (b != 0) {
    const t = a % b;
    a = b;
    b = t;
  }
  return a == 1;
}

/**
 * Looks through the other Ps' queues, from a random one on by a random stride. With `next`, a second time for what they would
 * run next: it is left to them at first, since who creates a goroutine is often about to wait for it.
 */
export function steal(p: i32, seed: i32, next: bool): i32 {
  const n = atomic.load<i32>(G_NPROCS);
  if (n < 2) return 0;
  let stride: i32 = 1 + ((seed >>> 16) % n);
  while (!coprime(stride, n)) stride = 1 + (stride % n);
  let at: i32 = (seed & 0x7fff) % n;
  for (let round: i32 = next ? 0 : 1; round < 2; round++) {
    for (let i: i32 = 0; i < n; i++) {
      if (at != p) {
        const r = stealFrom(p, at, next && round == 1);
        if (r != 0) return r;
      }
      at = (at + stride) % n;
    }
  }
  return 0;
}
