/**
 * Shared objects: channels, and whatever else goroutines of several threads wait for. One lock each; waiters are records in
 * one of two queues, first come first. A waiter of a select is passed over once another of its cases has fired.
 *
 *     O_RECV_FIRST ⇄ … ⇄ O_RECV_LAST      R_QNEXT towards the last, R_QPREV towards the first
 */
import {
  CAME,
  CELL,
  CELL_BLOCK,
  CLOSED,
  FULL,
  G_OBJECTS,
  G_OBJECTS_LOCK,
  H_M,
  H_NEXT,
  H_UNITS,
  MUTEX,
  NO_ROOM,
  O_BUFFER,
  O_CAP,
  O_CLOSED,
  O_COUNT,
  O_HEAD,
  O_HELD,
  O_HOLDER,
  O_HOLDERS,
  O_KIND,
  O_LOCK,
  O_NEXT,
  O_PREV,
  O_RECV_FIRST,
  O_ROOM,
  O_SEND_FIRST,
  O_VALUE,
  OK,
  ONCE,
  QUEUED,
  R_CELL,
  R_FIRED,
  R_INDEX,
  R_M,
  R_OBJECT,
  R_OK,
  R_QNEXT,
  R_QPREV,
  R_QUEUED,
  R_SELECT,
  RWMUTEX,
  SEMAPHORE,
} from "../src/shared/layout";
import { allocate, release } from "./arena";
import { lock, ownerNumber, unlock } from "./lock";
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
    store<i32>(r + R_QPREV, CAME);
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
    // More than there is room for: a value was given back.
    const s = count > load<i32>(o + O_CAP) ? 0 : claim(o, SEND, load<i32>(w + R_SELECT));
    const head = load<i32>(o + O_HEAD) + 1;
    store<i32>(o + O_HEAD, head >= load<i32>(o + O_ROOM) ? 0 : head);
    if (s == 0) store<i32>(o + O_COUNT, count - 1);
    else {
      copyCell(cellAt(o, count - 1), s + R_CELL);
      store<i32>(s + R_QPREV, 0);
      store<i32>(s + R_OK, 1);
      woken = s;
    }
    return OK;
  }
  const s = claim(o, SEND, load<i32>(w + R_SELECT));
  if (s != 0) {
    copyCell(w + R_CELL, s + R_CELL);
    store<i32>(s + R_QPREV, 0);
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

// ---- units: mutexes, semaphores; of an RWMutex a reader takes one, and a writer all
// Who holds how many is known by thread, so that what a thread held when it ended can be given back.

/** Thread `m` (number + 1) holds `n` units more. */
function hold(o: i32, m: i32, n: i32): void {
  const first = load<i32>(o + O_HOLDER);
  if (first == m || first == 0) {
    store<i32>(o + O_HOLDER, m);
    store<i32>(o + O_HELD, load<i32>(o + O_HELD) + n);
    return;
  }
  let h = load<i32>(o + O_HOLDERS);
  while (h != 0 && load<i32>(h + H_M) != m) h = load<i32>(h + H_NEXT);
  if (h == 0) {
    h = allocate(0);
    if (h == 0) return; // without a note it will not be given back should the thread end
    store<i32>(h + H_M, m);
    store<i32>(h + H_UNITS, 0);
    store<i32>(h + H_NEXT, load<i32>(o + O_HOLDERS));
    store<i32>(o + O_HOLDERS, h);
  }
  store<i32>(h + H_UNITS, load<i32>(h + H_UNITS) + n);
}

/** Takes up to `n` units off what `m` holds, or with `m` 0 off what anybody does; how many it took. */
function unhold(o: i32, m: i32, n: i32): i32 {
  let taken: i32 = 0;
  if (load<i32>(o + O_HOLDER) == m || m == 0) {
    const had = load<i32>(o + O_HELD);
    taken = had < n ? had : n;
    store<i32>(o + O_HELD, had - taken);
    if (had == taken) store<i32>(o + O_HOLDER, 0);
  }
  let before: i32 = o + O_HOLDERS;
  let h = load<i32>(before);
  while (h != 0 && taken < n) {
    const next = load<i32>(h + H_NEXT);
    if (load<i32>(h + H_M) == m || m == 0) {
      const had = load<i32>(h + H_UNITS);
      const more = had < n - taken ? had : n - taken;
      taken += more;
      store<i32>(h + H_UNITS, had - more);
      if (had == more) {
        store<i32>(before, next);
        release(h, 0);
        h = next;
        continue;
      }
    }
    before = h + H_NEXT;
    h = next;
  }
  return taken;
}

/** Takes `n` units if they are free and nobody waits; else, with a record `w`, waits in it. */
export function acquireUnits(o: i32, w: i32, n: i32): i32 {
  lock(o + O_LOCK);
  const free = load<i32>(o + O_COUNT);
  let code: i32 = FULL;
  if (free >= n && load<i32>(o + RECV) == 0) {
    store<i32>(o + O_COUNT, free - n);
    hold(o, ownerNumber(), n);
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
  if (is) {
    store<i32>(o + O_COUNT, free);
    // Any goroutine may unlock: what the caller's thread does not hold, another does no more.
    const own = unhold(o, ownerNumber(), n);
    if (own < n) unhold(o, 0, n - own);
  }
  unlock(o + O_LOCK);
  if (is) {
    if (load<i32>(o + O_KIND) == RWMUTEX && n == load<i32>(o + O_CAP)) admitReaders(o);
    serve(o);
  }
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
      grant(o, r);
    }
    unlock(o + O_LOCK);
    if (!is) return;
    post(r);
  }
}

/** The waiter `r` gets its units. */
function grant(o: i32, r: i32): void {
  const n = load<i32>(r + R_INDEX);
  store<i32>(o + O_COUNT, load<i32>(o + O_COUNT) - n);
  hold(o, load<i32>(r + R_M) + 1, n);
  unlink(o, r);
  store<i32>(r + R_OK, 1);
}

/** A writer has unlocked: every reader that waits goes first (Go's rule), whatever writers stand between them. */
function admitReaders(o: i32): void {
  while (true) {
    lock(o + O_LOCK);
    let r: i32 = 0;
    if (load<i32>(o + O_COUNT) > 0) {
      r = load<i32>(o + RECV);
      while (r != 0 && load<i32>(r + R_INDEX) != 1) r = load<i32>(r + R_QNEXT);
      if (r != 0) grant(o, r);
    }
    unlock(o + O_LOCK);
    if (r == 0) return;
    post(r);
  }
}

// ---- conditions

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

// ---- all objects

export function enlist(o: i32): void {
  lock(G_OBJECTS_LOCK);
  const first = load<i32>(G_OBJECTS);
  store<i32>(o + O_NEXT, first);
  store<i32>(o + O_PREV, 0);
  if (first != 0) store<i32>(first + O_PREV, o);
  store<i32>(G_OBJECTS, o);
  unlock(G_OBJECTS_LOCK);
}

export function delist(o: i32): void {
  lock(G_OBJECTS_LOCK);
  const next = load<i32>(o + O_NEXT);
  const prev = load<i32>(o + O_PREV);
  if (prev == 0) store<i32>(G_OBJECTS, next);
  else store<i32>(prev + O_NEXT, next);
  if (next != 0) store<i32>(next + O_PREV, prev);
  unlock(G_OBJECTS_LOCK);
}

/** The block of a value that nobody will read. */
function drop(cell: i32): void {
  if (load<i32>(cell) == CELL_BLOCK) release(load<i32>(cell + 8), load<i32>(cell + 12));
}

function leaveQueue(o: i32, q: i32, m: i32): void {
  let r = load<i32>(o + q);
  while (r != 0) {
    const next = load<i32>(r + R_QNEXT);
    if (load<i32>(r + R_M) == m) {
      unlink(o, r);
      // Others may still look at the first record of a select.
      if (load<i32>(r + R_SELECT) == 0) {
        if (q == SEND) drop(r + R_CELL);
        release(r, 0);
      }
    }
    r = next;
  }
}

function isUnits(kind: i32): bool {
  return kind == MUTEX || kind == SEMAPHORE || kind == RWMUTEX;
}

/** Thread `m` has ended: its waiters leave every queue, and the units it held go to who waits for them. */
export function abandon(m: i32): void {
  // Objects come and go under this lock alone.
  lock(G_OBJECTS_LOCK);
  let o = load<i32>(G_OBJECTS);
  while (o != 0) {
    lock(o + O_LOCK);
    leaveQueue(o, RECV, m);
    leaveQueue(o, SEND, m);
    const kind = load<i32>(o + O_KIND);
    const holds = load<i32>(o + O_HOLDER) == m + 1;
    if (isUnits(kind) && load<i32>(o + O_HOLDER) != 0) {
      const n = unhold(o, m + 1, 0x7fffffff);
      store<i32>(o + O_COUNT, load<i32>(o + O_COUNT) + n);
    }
    unlock(o + O_LOCK);
    // Also where it was its waiter that held up others.
    if (isUnits(kind)) {
      if (load<i32>(o + RECV) != 0) serve(o);
    } else if (kind == ONCE && holds) {
      // As if the call had thrown.
      close(o);
    }
    o = load<i32>(o + O_NEXT);
  }
  unlock(G_OBJECTS_LOCK);
}

/**
 * A value that came for a thread that has ended, in its record `r`, goes to the next receiver, or before all others in the buffer,
 * which has room for one more than the channel's capacity if need be. NO_ROOM: it is to be made larger first.
 */
export function giveBack(o: i32, r: i32): i32 {
  lock(o + O_LOCK);
  const count = load<i32>(o + O_COUNT);
  const room = load<i32>(o + O_ROOM);
  const other = count == 0 ? claim(o, RECV, 0) : 0;
  let code: i32 = OK;
  if (other != 0) {
    copyCell(other + R_CELL, r + R_CELL);
    store<i32>(other + R_QPREV, CAME);
    store<i32>(other + R_OK, 1);
  } else if (count >= room) code = NO_ROOM;
  else {
    const head = load<i32>(o + O_HEAD);
    store<i32>(o + O_HEAD, head == 0 ? room - 1 : head - 1);
    copyCell(cellAt(o, 0), r + R_CELL);
    store<i32>(o + O_COUNT, count + 1);
  }
  unlock(o + O_LOCK);
  if (other != 0) post(other);
  return code;
}
