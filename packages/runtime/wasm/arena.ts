/**
 * The arena: blocks of 64 bytes times a power of two, from free lists that many threads use. A list's head is 64 bits, a tag
 * and a unit: the tag counts up with every change, so that a head that was taken off and put back is seen as another one.
 */
import { ARENA, CLASSES, G_ARENA_END, G_ARENA_NEXT, G_FREE, UNIT } from "../src/shared/layout";

/**
 * The address of a block of class `k`, or 0 when the region is used up. What it holds is whatever it held. When nothing is left that was
 * never used, a larger block is cut in halves: for good, blocks are not joined again.
 */
export function allocate(k: i32): i32 {
  if (k >= CLASSES) return 0;
  let at = pop(k);
  if (at == 0) at = fresh(k);
  for (let j = k + 1; at == 0 && j < CLASSES; j++) {
    at = pop(j);
    if (at == 0) continue;
    while (j > k) {
      j--;
      release(at + (UNIT << j), j);
    }
    break;
  }
  return at;
}

/** A block of class `k` that was given back, or 0. */
function pop(k: i32): i32 {
  const list = G_FREE + (k << 3);
  while (true) {
    const head = atomic.load<i64>(list);
    const at = <i32>(head & 0xffffffff);
    if (at == 0) return 0;
    // May be read from a block that somebody else has just taken: then the exchange fails.
    const next = <i64>(<u32>atomic.load<i32>(at));
    const tag = (head >> 32) + 1;
    if (atomic.cmpxchg<i64>(list, head, (tag << 32) | next) == head) return at;
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

/** Gives a block of class `k` back. */
export function release(at: i32, k: i32): void {
  const list = G_FREE + (k << 3);
  while (true) {
    const head = atomic.load<i64>(list);
    atomic.store<i32>(at, <i32>(head & 0xffffffff));
    const tag = (head >> 32) + 1;
    if (atomic.cmpxchg<i64>(list, head, (tag << 32) | <i64>(<u32>at)) == head) return;
  }
}
