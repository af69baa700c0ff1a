/** Shared wait groups: a count, and who waits for 0. */
import { O_COUNT, O_LOCK, OK, QUEUED } from "../src/shared/layout";
import { lock, ownerNumber, unlock } from "./lock";
import { RECV, append, postAll, takeAll } from "./queue";
import { hold, unhold } from "./units";

/**
 * Adds to the counter. The new value; -1 if it would be negative, and nothing is added. At 0 every waiter is told. `own`: for goroutines of
 * this thread, which are lost should it end.
 */
export function add(o: i32, n: i32, own: bool): i32 {
  // Where it is above 0 and stays so nobody can be told anything: from 0 and to 0 it is taken under the lock alone.
  if (!own) {
    const above = change(o, n, 1);
    if (above > 0) return above;
  }
  lock(o + O_LOCK);
  const count = change(o, n, 0);
  if (count >= 0) {
    if (own && n > 0) hold(o, ownerNumber(), n);
    if (own && n < 0) unhold(o, ownerNumber(), -n);
  }
  const first = count == 0 ? takeAll(o, RECV) : 0;
  unlock(o + O_LOCK);
  postAll(first);
  return count;
}

/** Adds if the counter is not below `least`, neither before nor after: the new value, or -1. */
function change(o: i32, n: i32, least: i32): i32 {
  while (true) {
    const was = atomic.load<i32>(o + O_COUNT);
    const count = was + n;
    if (was < least || count < least) return -1;
    if (atomic.cmpxchg<i32>(o + O_COUNT, was, count) == was) return count;
  }
}

/** Waits in `w` until the counter is 0; OK if it is. */
export function waitZero(o: i32, w: i32): i32 {
  lock(o + O_LOCK);
  let code: i32 = OK;
  if (atomic.load<i32>(o + O_COUNT) != 0) {
    append(o, RECV, w);
    code = QUEUED;
  }
  unlock(o + O_LOCK);
  return code;
}
