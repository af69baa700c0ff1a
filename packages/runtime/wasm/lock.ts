/**
 * Spin locks that name their owner, so that the death of a thread can be told from a long wait. A thread ends between two calls of
 * the protocol, never within one (threads.ts sees to it): should it all the same, its block says which lock it took with it.
 */
import { M_BASE, M_HELD, M_SIZE } from "../src/shared/layout";

/** This thread's number + 1: what a lock it holds says. */
let owner: i32 = 0;
/** Its block, and where that says which lock it holds. */
let block: i32 = 0;
let held: i32 = 0;

export function setOwner(m: i32): void {
  owner = m + 1;
  block = M_BASE + m * M_SIZE;
  held = block + M_HELD;
}

export function ownBlock(): i32 {
  return block;
}

export function ownerNumber(): i32 {
  return owner;
}

/** How often it is tried before the thread sleeps a little: whoever holds it may have been taken off its core. */
const TRIES = 256;

/** Takes the lock at `at`. What follows up to `unlock` holds no wait and calls nothing that could. */
export function lock(at: i32): void {
  let tries: i32 = 0;
  store<i32>(held, at);
  while (atomic.cmpxchg<i32>(at, 0, owner) != 0) {
    if (++tries < TRIES) continue;
    tries = 0;
    const other = atomic.load<i32>(at);
    if (other != 0) atomic.wait<i32>(at, other, 50000);
  }
}

export function unlock(at: i32): void {
  atomic.store<i32>(at, 0);
  store<i32>(held, 0);
}
