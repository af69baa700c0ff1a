/**
 * Shared objects: channels, and whatever else goroutines of several threads wait for. One lock each; waiters are records in
 * one of two queues, first come first. A waiter of a select is passed over once another of its cases has fired.
 *
 *     O_RECV_FIRST ⇄ … ⇄ O_RECV_LAST      R_QNEXT towards the last, R_QPREV towards the first
 */
import {
  CELL,
  CLOSED,
  FULL,
  NO_ROOM,
  O_BUFFER,
  O_CAP,
  O_CLOSED,
  O_COUNT,
  O_HEAD,
  O_LOCK,
  O_RECV_FIRST,
  O_ROOM,
  O_SEND_FIRST,
  O_VALUE,
  OK,
  QUEUED,
  R_CELL,
  R_FIRED,
  R_INDEX,
  R_OBJECT,
  R_OK,
  R_QNEXT,
  R_QPREV,
  R_QUEUED,
  R_SELECT,
} from "../src/shared/layout";
import { lock, unlock } from "./lock";
import { post } from "./sched";

const RECV = O_RECV_FIRST;
const SEND = O_SEND_FIRST;

// ---- queues, under the object's lock

function append(o: i32, q: i32, r: i32): void {
  const last = load<i32>(o + q + 4);
  store<i32>(r + R_OBJECT, o);
  store<i32>(r + R_QNEXT, 0);
  store<i32>(r + R_QPREV, last);
  if (last == 0) store<i32>(o + q, r);
  else store<i32>(last + R_QNEXT, r);
  store<i32>(o + q + 4, r);
  store<i32>(r + R_QUEUED, q);
}

function unlink(o: i32, r: i32): void {
  const q = load<i32>(r + R_QUEUED);
  const next = load<i32>(r + R_QNEXT);
  const prev = load<i32>(r + R_QPREV);
  if (prev == 0) store<i32>(o + q, next);
  else store<i32>(prev + R_QNEXT, next);
  if (next == 0) store<i32>(o + q + 4, prev);
  else store<i32>(next + R_QPREV, prev);
  store<i32>(r + R_QUEUED, 0);
}

/** Takes out the first waiter of `q` that has not been fired by another case, and is not of the select `own`. */
function claim(o: i32, q: i32, own: i32): i32 {
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
function waits(o: i32, q: i32, own: i32): bool {
  let r = load<i32>(o + q);
  while (r != 0) {
    const select = load<i32>(r + R_SELECT);
    if (select == 0 || (select != own && atomic.load<i32>(select + R_FIRED) == 0)) return true;
    r = load<i32>(r + R_QNEXT);
  }
  return false;
}

function copyCell(to: i32, from: i32): void {
  store<i64>(to, load<i64>(from));
  store<i64>(to + 8, load<i64>(from + 8));
}

function cellAt(o: i32, i: i32): i32 {
  let at = load<i32>(o + O_HEAD) + i;
  const room = load<i32>(o + O_ROOM);
  if (at >= room) at -= room;
  return load<i32>(o + O_BUFFER) + at * CELL;
}

// ---- channels

/** Tries to send the cell of `w`; the lock is held. The receiver to be told is left in `woken`. */
let woken: i32 = 0;

function trySend(o: i32, w: i32): i32 {
  if (load<i32>(o + O_CLOSED) != 0) return CLOSED;
  const r = claim(o, RECV, load<i32>(w + R_SELECT));
  if (r != 0) {
    copyCell(r + R_CELL, w + R_CELL);
    store<i32>(r + R_OK, 1);
    woken = r;
    return OK;
  }
  const count = load<i32>(o + O_COUNT);
  if (count >= load<i32>(o + O_CAP)) return FULL;
  if (count >= load<i32>(o + O_ROOM)) return NO_ROOM;
  copyCell(cellAt(o, count), w + R_CELL);
  store<i32>(o + O_COUNT, count + 1);
  return OK;
}

function tryRecv(o: i32, w: i32): i32 {
  const count = load<i32>(o + O_COUNT);
  if (count > 0) {
    copyCell(w + R_CELL, cellAt(o, 0));
    const s = claim(o, SEND, load<i32>(w + R_SELECT));
    const head = load<i32>(o + O_HEAD) + 1;
    store<i32>(o + O_HEAD, head >= load<i32>(o + O_ROOM) ? 0 : head);
    if (s == 0) store<i32>(o + O_COUNT, count - 1);
    else {
      copyCell(cellAt(o, count - 1), s + R_CELL);
      store<i32>(s + R_OK, 1);
      woken = s;
    }
    return OK;
  }
  const s = claim(o, SEND, load<i32>(w + R_SELECT));
  if (s != 0) {
    copyCell(w + R_CELL, s + R_CELL);
    store<i32>(s + R_OK, 1);
    woken = s;
    return OK;
  }
  return load<i32>(o + O_CLOSED) != 0 ? CLOSED : FULL;
}

/** Sends the cell of `w`. `queue`: waits in `w` if nobody takes it. NO_ROOM: the buffer is to be made larger first. */
export function send(o: i32, w: i32, queue: bool): i32 {
  lock(o + O_LOCK);
  woken = 0;
  let code = trySend(o, w);
  const r = woken;
  if (code == FULL && queue) {
    append(o, SEND, w);
    code = QUEUED;
  }
  unlock(o + O_LOCK);
  if (r != 0) post(r);
  return code;
}

/** Receives into the cell of `w`. */
export function recv(o: i32, w: i32, queue: bool): i32 {
  lock(o + O_LOCK);
  woken = 0;
  let code = tryRecv(o, w);
  const s = woken;
  if (code == FULL && queue) {
    append(o, RECV, w);
    code = QUEUED;
  }
  unlock(o + O_LOCK);
  if (s != 0) post(s);
  return code;
}

/** Puts `w` in a queue, ready or not: for waiters that are there when a channel becomes shared. */
export function enqueue(o: i32, w: i32, sends: bool): void {
  lock(o + O_LOCK);
  append(o, sends ? SEND : RECV, w);
  unlock(o + O_LOCK);
}

/** Gives the buffer room for `room` cells at `to`; the address of the old one. Nothing happens if it has as many already. */
export function grow(o: i32, to: i32, room: i32): i32 {
  lock(o + O_LOCK);
  const old = load<i32>(o + O_BUFFER);
  const had = load<i32>(o + O_ROOM);
  if (had >= room) {
    unlock(o + O_LOCK);
    return to;
  }
  const head = load<i32>(o + O_HEAD);
  const count = load<i32>(o + O_COUNT);
  const first = head + count > had ? had - head : count;
  memory.copy(to, old + head * CELL, first * CELL);
  memory.copy(to + first * CELL, old, (count - first) * CELL);
  store<i32>(o + O_HEAD, 0);
  store<i32>(o + O_BUFFER, to);
  store<i32>(o + O_ROOM, room);
  unlock(o + O_LOCK);
  return old;
}

/** Closes; false if it was closed already. Every waiter is told. */
export function close(o: i32): bool {
  lock(o + O_LOCK);
  if (load<i32>(o + O_CLOSED) != 0) {
    unlock(o + O_LOCK);
    return false;
  }
  store<i32>(o + O_CLOSED, 1);
  unlock(o + O_LOCK);
  // Nobody queues any more.
  releaseAll(o, RECV);
  releaseAll(o, SEND);
  return true;
}

function releaseAll(o: i32, q: i32): void {
  while (true) {
    lock(o + O_LOCK);
    const r = claim(o, q, 0);
    if (r != 0) store<i32>(r + R_OK, 0);
    unlock(o + O_LOCK);
    if (r == 0) return;
    post(r);
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

/** Marks the select of `w` as fired, for a case outside the region (a time); false if a case has fired. */
export function fire(w: i32): bool {
  return atomic.cmpxchg<i32>(w + R_FIRED, 0, 1) == 0;
}

/** Whether a receive, or a send, would go through now. */
export function ready(o: i32, sends: bool): bool {
  lock(o + O_LOCK);
  let is = load<i32>(o + O_CLOSED) != 0;
  if (!is) {
    if (sends) is = load<i32>(o + O_COUNT) < load<i32>(o + O_CAP) || waits(o, RECV, 0);
    else is = load<i32>(o + O_COUNT) > 0 || waits(o, SEND, 0);
  } else if (!sends) is = true;
  unlock(o + O_LOCK);
  return is;
}

// ---- select

/**
 * One select: its `n` cases are words from `list` on, each a record that says its object (0: never ready) and, in R_OK, whether
 * it sends; behind them, n more in the order to look at them, and n in the order of the objects' addresses. All locks are held
 * at once, so that a select sees all its channels at one moment. Returns the position of the record that fired and CLOSED or OK
 * in bits 24 up; QUEUED is -1, and with `queue` false it waits for nothing.
 */
export function select(list: i32, n: i32, queue: bool): i32 {
  const order = list + (n << 2);
  const sorted = order + (n << 2);
  let before: i32 = 0;
  for (let i: i32 = 0; i < n; i++) {
    const o = load<i32>(load<i32>(sorted + (i << 2)) + R_OBJECT);
    if (o != 0 && o != before) lock(o + O_LOCK);
    before = o;
  }
  woken = 0;
  let chosen: i32 = -1;
  let code: i32 = FULL;
  for (let i: i32 = 0; i < n; i++) {
    const w = load<i32>(order + (i << 2));
    const o = load<i32>(w + R_OBJECT);
    if (o == 0) continue;
    code = load<i32>(w + R_OK) != 0 ? trySend(o, w) : tryRecv(o, w);
    if (code != FULL) {
      chosen = i;
      break;
    }
  }
  const other = woken;
  if (chosen < 0 && queue) {
    for (let i: i32 = 0; i < n; i++) {
      const w = load<i32>(list + (i << 2));
      const o = load<i32>(w + R_OBJECT);
      if (o != 0) append(o, load<i32>(w + R_OK) != 0 ? SEND : RECV, w);
    }
  }
  before = 0;
  for (let i: i32 = 0; i < n; i++) {
    const o = load<i32>(load<i32>(sorted + (i << 2)) + R_OBJECT);
    if (o != 0 && o != before) unlock(o + O_LOCK);
    before = o;
  }
  if (other != 0) post(other);
  return chosen < 0 ? -1 : (code << 24) | chosen;
}

// ---- counters: wait groups

/** Adds to the counter. The new value; -1 if it would be negative, and nothing is added. At 0 every waiter is told. */
export function add(o: i32, n: i32): i32 {
  lock(o + O_LOCK);
  const count = load<i32>(o + O_COUNT) + n;
  if (count >= 0) store<i32>(o + O_COUNT, count);
  unlock(o + O_LOCK);
  if (count < 0) return -1;
  if (count == 0) releaseAll(o, RECV);
  return count;
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

// ---- units: mutexes, semaphores

/** Takes `n` units if they are free and nobody waits; else, with a record `w`, waits in it. */
export function acquireUnits(o: i32, w: i32, n: i32): i32 {
  lock(o + O_LOCK);
  const free = load<i32>(o + O_COUNT);
  let code: i32 = FULL;
  if (free >= n && load<i32>(o + RECV) == 0) {
    store<i32>(o + O_COUNT, free - n);
    code = OK;
  } else if (w != 0) {
    append(o, RECV, w);
    code = QUEUED;
  }
  unlock(o + O_LOCK);
  return code;
}

/** Gives `n` units back, and serves who waits; false if there would be more than there are. */
export function releaseUnits(o: i32, n: i32): bool {
  lock(o + O_LOCK);
  const free = load<i32>(o + O_COUNT) + n;
  const is = free <= load<i32>(o + O_CAP);
  if (is) store<i32>(o + O_COUNT, free);
  unlock(o + O_LOCK);
  if (is) serve(o);
  return is;
}

/** Hands free units to those at the front for whom there is enough. */
export function serve(o: i32): void {
  while (true) {
    lock(o + O_LOCK);
    const r = load<i32>(o + RECV);
    const free = load<i32>(o + O_COUNT);
    const is = r != 0 && load<i32>(r + R_INDEX) <= free;
    if (is) {
      store<i32>(o + O_COUNT, free - load<i32>(r + R_INDEX));
      unlink(o, r);
      store<i32>(r + R_OK, 1);
    }
    unlock(o + O_LOCK);
    if (!is) return;
    post(r);
  }
}

// ---- whole numbers of 53 bits, in the word at O_VALUE

/** The largest whole number that a double holds exactly. */
const LARGEST: i64 = 9007199254740991;

export function numberLoad(o: i32): f64 {
  return <f64>atomic.load<i64>(o + O_VALUE);
}

export function numberSwap(o: i32, n: f64): f64 {
  return <f64>atomic.xchg<i64>(o + O_VALUE, <i64>n);
}

export function numberCompareAndSwap(o: i32, old: f64, n: f64): bool {
  return atomic.cmpxchg<i64>(o + O_VALUE, <i64>old, <i64>n) == <i64>old;
}

/** Adds; the new value, or NaN where it would be too large, and nothing is added. */
export function numberAdd(o: i32, n: f64): f64 {
  while (true) {
    const old = atomic.load<i64>(o + O_VALUE);
    const sum = old + <i64>n;
    if (sum > LARGEST || sum < -LARGEST) return NaN;
    if (atomic.cmpxchg<i64>(o + O_VALUE, old, sum) == old) return <f64>sum;
  }
}
