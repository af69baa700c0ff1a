/**
 * The arena: blocks of 64 bytes times a power of two, from free lists that many threads use. A list's head is 64 bits, a tag
 * and a block: the tag counts up with every change, so that a head that was taken off and put back is seen as another one.
 *
 * Units, which every parallel goroutine, wait and message takes, go through the thread that gives them back or takes them: it has up to
 * two batches of its own, and only whole ones are on the list. As in Go's mcache, a list that all threads change at every step costs more than what it hands out.
 */
import {
  ARENA,
  B_NEXT,
  BATCH,
  CLASSES,
  G_ARENA_END,
  G_ARENA_NEXT,
  G_FREE,
  M_BATCH,
  M_FREE,
  M_FREES,
  UNIT,
} from "../src/shared/layout";
import { ownBlock } from "./lock";

/**
 * The address of a block of class `k`, or 0 when the region is used up. What it holds is whatever it held. When nothing is left that was
 * never used, a larger block is cut in halves: for good, blocks are not joined again.
 */
export function allocate(k: i32): i32 {
  if (k >= CLASSES) return 0;
  let at = k == 0 ? takeUnit() : pop(k, 0);
  if (at == 0) at = fresh(k);
  for (let j = k + 1; at == 0 && j < CLASSES; j++) {
    at = pop(j, 0);
    if (at == 0) continue;
    while (j > k) {
      j--;
      release(at + (UNIT << j), j);
    }
    break;
  }
  return at;
}

/** Gives a block of class `k` back. */
export function release(at: i32, k: i32): void {
  if (k == 0) giveUnit(at);
  else push(at, k, 0);
}

/** One of this thread's units, or 0 where it has none and there is no batch. */
function takeUnit(): i32 {
  const m = ownBlock();
  let at = load<i32>(m + M_FREE);
  let n = load<i32>(m + M_FREES);
  if (at == 0) {
    at = load<i32>(m + M_BATCH);
    if (at != 0) store<i32>(m + M_BATCH, 0);
    else at = pop(0, B_NEXT);
    if (at == 0) return 0;
    n = BATCH;
  }
  store<i32>(m + M_FREE, load<i32>(at));
  store<i32>(m + M_FREES, n - 1);
  return at;
}

/** One more of this thread's units. */
function giveUnit(at: i32): void {
  const m = ownBlock();
  let first = load<i32>(m + M_FREE);
  let n = load<i32>(m + M_FREES);
  if (n == BATCH) {
    const other = load<i32>(m + M_BATCH);
    store<i32>(m + M_BATCH, first);
    if (other != 0) push(other, 0, B_NEXT);
    first = 0;
    n = 0;
  }
  store<i32>(at, first);
  store<i32>(m + M_FREE, at);
  store<i32>(m + M_FREES, n + 1);
}

/** The thread with the block `m` has ended: its units are this one's. */
export function inherit(m: i32): void {
  const batch = load<i32>(m + M_BATCH);
  store<i32>(m + M_BATCH, 0);
  if (batch != 0) push(batch, 0, B_NEXT);
  let at = load<i32>(m + M_FREE);
  store<i32>(m + M_FREE, 0);
  store<i32>(m + M_FREES, 0);
  while (at != 0) {
    const next = load<i32>(at);
    giveUnit(at);
    at = next;
  }
}

/** What stands first in list `k`, whose elements are linked through their word `link`, or 0. */
function pop(k: i32, link: i32): i32 {
  const list = G_FREE + (k << 3);
  while (true) {
    const head = atomic.load<i64>(list);
    const at = <i32>(head & 0xffffffff);
    if (at == 0) return 0;
    // May be read from a block that somebody else has just taken: then the exchange fails.
    const next = <i64>(<u32>atomic.load<i32>(at + link));
    const tag = (head >> 32) + 1;
    if (atomic.cmpxchg<i64>(list, head, (tag << 32) | next) == head) return at;
  }
}

function push(at: i32, k: i32, link: i32): void {
  const list = G_FREE + (k << 3);
  while (true) {
    const head = atomic.load<i64>(list);
    atomic.store<i32>(at + link, <i32>(head & 0xffffffff));
    const tag = (head >> 32) + 1;
    if (atomic.cmpxchg<i64>(list, head, (tag << 32) | <i64>(<u32>at)) == head) return;
  }
}

/** A block of class `k` that was never used, or 0. */
function fresh(k: i32): i32 {
  const units = 1 << k;
  while (true) {
    const first = atomic.load<i32>(G_ARENA_NEXT);
    if (first + units > atomic.load<i32>(G_ARENA_END)) return 0;
    if (atomic.cmpxchg<i32>(G_ARENA_NEXT, first, first + units) == first) return ARENA + first * UNIT;
  }
}
