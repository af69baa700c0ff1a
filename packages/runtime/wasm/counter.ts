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
  lock(o + O_LOCK);
  const count = load<i32>(o + O_COUNT) + n;
  if (count >= 0) {
    store<i32>(o + O_COUNT, count);
    if (own && n > 0) hold(o, ownerNumber(), n);
    if (own && n < 0) unhold(o, ownerNumber(), -n);
  }
  const first = count == 0 ? takeAll(o, RECV) : 0;
  unlock(o + O_LOCK);
  postAll(first);
  return count < 0 ? -1 : count;
}

/** Waits in `w` until the counter is 0; OK if it is. */
export function waitZero(o: i32, w: i32): i32 {
  lock(o + O_LOCK);
  let code: i32 = OK;
  if (load<i32>(o + O_COUNT) != 0) {
    append(o, RECV, w);
    code = QUEUED;
  }
  unlock(o + O_LOCK);
  return code;
}
