/**
 * The waiters of a shared object: records in one of two queues, first come first, under the object's lock. A waiter of a select is passed
 * over once another of its cases has fired.
 *
 *     O_RECV_FIRST ⇄ … ⇄ O_RECV_LAST      R_QNEXT towards the last, R_QPREV towards the first
 */
import {
  BACK,
  O_LOCK,
  O_RECV_FIRST,
  O_SEND_FIRST,
  R_FIRED,
  R_OBJECT,
  R_OK,
  R_QNEXT,
  R_QPREV,
  R_QUEUED,
  R_SELECT,
} from "../src/shared/layout";
import { lock, unlock } from "./lock";
import { post } from "./wake";

export const RECV = O_RECV_FIRST;
export const SEND = O_SEND_FIRST;

export function append(o: i32, q: i32, r: i32): void {
  const last = load<i32>(o + q + 4);
  store<i32>(r + R_OBJECT, o);
  store<i32>(r + R_QNEXT, 0);
  store<i32>(r + R_QPREV, last);
  if (last == 0) store<i32>(o + q, r);
  else store<i32>(last + R_QNEXT, r);
  store<i32>(o + q + 4, r);
  store<i32>(r + R_QUEUED, q);
}

/** The same before all others, of several that are linked by R_QNEXT. */
export function prepend(o: i32, q: i32, r: i32): void {
  const first = load<i32>(o + q);
  store<i32>(o + q, r);
  let prev: i32 = 0;
  while (r != 0) {
    store<i32>(r + R_OBJECT, o);
    store<i32>(r + R_SELECT, 0);
    store<i32>(r + R_QPREV, prev);
    store<i32>(r + R_QUEUED, q);
    prev = r;
    r = load<i32>(r + R_QNEXT);
  }
  store<i32>(prev + R_QNEXT, first);
  if (first == 0) store<i32>(o + q + 4, prev);
  else store<i32>(first + R_QPREV, prev);
}

export function unlink(o: i32, r: i32): void {
  const q = load<i32>(r + R_QUEUED);
  const next = load<i32>(r + R_QNEXT);
  const prev = load<i32>(r + R_QPREV);
  if (prev == 0) store<i32>(o + q, next);
  else store<i32>(prev + R_QNEXT, next);
  if (next == 0) store<i32>(o + q + 4, prev);
  else store<i32>(next + R_QPREV, prev);
  store<i32>(r + R_QUEUED, 0);
}

/** `r` has left `q`, and nothing has come of it. */
export function inVain(r: i32, q: i32): void {
  store<i32>(r + R_OK, 0);
  store<i32>(r + R_QPREV, q == SEND ? BACK : 0);
}

/** Takes out the first waiter of `q` that has not been fired by another case, and is not of the select `own`. */
export function claim(o: i32, q: i32, own: i32): i32 {
  let r = load<i32>(o + q);
  while (r != 0) {
    const next = load<i32>(r + R_QNEXT);
    const select = load<i32>(r + R_SELECT);
    if (select == 0) {
      unlink(o, r);
      return r;
    }
    if (select != own) {
      unlink(o, r);
      if (atomic.cmpxchg<i32>(select + R_FIRED, 0, 1) == 0) return r;
    }
    r = next;
  }
  return 0;
}

/** Whether `claim` would find somebody, as far as can be said without trying. */
export function waits(o: i32, q: i32, own: i32): bool {
  let r = load<i32>(o + q);
  while (r != 0) {
    const select = load<i32>(r + R_SELECT);
    if (select == 0 || (select != own && atomic.load<i32>(select + R_FIRED) == 0)) return true;
    r = load<i32>(r + R_QNEXT);
  }
  return false;
}

/**
 * Takes out everybody who waits in `q`, linked by R_QNEXT: the first, for `postAll`. The caller holds the lock under which what they wait for has
 * happened: looked for later, or one by one, who has gone on meanwhile and waits anew (for the next round of a wait group) would be told too.
 */
export function takeAll(o: i32, q: i32): i32 {
  let first: i32 = 0;
  let last: i32 = 0;
  let r = claim(o, q, 0);
  while (r != 0) {
    inVain(r, q);
    if (last == 0) first = r;
    else store<i32>(last + R_QNEXT, r);
    last = r;
    r = claim(o, q, 0);
  }
  if (last != 0) store<i32>(last + R_QNEXT, 0);
  return first;
}

/** Tells everybody who waits in `q` now. */
export function releaseAll(o: i32, q: i32): void {
  lock(o + O_LOCK);
  const first = takeAll(o, q);
  unlock(o + O_LOCK);
  postAll(first);
}

/** Posts what has left its queue, linked by R_QNEXT. A record is its owner's, and used again, as soon as it is posted. */
export function postAll(r: i32): void {
  while (r != 0) {
    const next = load<i32>(r + R_QNEXT);
    post(r);
    r = next;
  }
}

/** Takes `w` out of its queue; false if it has fired already, or is about to be told. */
export function cancel(w: i32): bool {
  const o = load<i32>(w + R_OBJECT);
  lock(o + O_LOCK);
  const queued = load<i32>(w + R_QUEUED) != 0;
  if (queued) unlink(o, w);
  unlock(o + O_LOCK);
  return queued;
}

/** Wakes the first that waits, or all. */
export function signal(o: i32, all: bool): void {
  if (all) {
    releaseAll(o, RECV);
    return;
  }
  lock(o + O_LOCK);
  const r = claim(o, RECV, 0);
  if (r != 0) store<i32>(r + R_OK, 1);
  unlock(o + O_LOCK);
  if (r != 0) post(r);
}
