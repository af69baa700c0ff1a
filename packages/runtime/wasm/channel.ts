/** Shared channels, and select over them. A value is a cell: in a record, or in the buffer, a ring. */
import {
  CAME,
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
  O_ROOM,
  OK,
  QUEUED,
  R_CELL,
  R_FIRED,
  R_OBJECT,
  R_OK,
  R_QNEXT,
  R_QPREV,
  R_SELECT,
} from "../src/shared/layout";
import { lock, unlock } from "./lock";
import { post } from "./wake";
import { RECV, SEND, append, claim, postAll, prepend, waits, releaseAll } from "./queue";

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
  // Up to 2 ** 32 - 1: without a sign.
  if (<u32>count >= <u32>load<i32>(o + O_CAP)) return FULL;
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
    const s = <u32>count > <u32>load<i32>(o + O_CAP) ? 0 : claim(o, SEND, load<i32>(w + R_SELECT));
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

/**
 * Gives the buffer, which has had room for `had` cells, room for `room` at `to`; the address of the old one. Nothing happens if another thread has
 * been here meanwhile.
 */
export function grow(o: i32, to: i32, had: i32, room: i32): i32 {
  lock(o + O_LOCK);
  const old = load<i32>(o + O_BUFFER);
  if (load<i32>(o + O_ROOM) != had || had >= room) {
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

/** Marks the select of `w` as fired, for a case outside the region (a time); false if a case has fired. */
export function fire(w: i32): bool {
  return atomic.cmpxchg<i32>(w + R_FIRED, 0, 1) == 0;
}

/** Whether a receive, or a send, would go through now. */
export function ready(o: i32, sends: bool): bool {
  lock(o + O_LOCK);
  let is = load<i32>(o + O_CLOSED) != 0;
  if (!is) {
    if (sends) is = <u32>load<i32>(o + O_COUNT) < <u32>load<i32>(o + O_CAP) || waits(o, RECV, 0);
    else is = load<i32>(o + O_COUNT) > 0 || waits(o, SEND, 0);
  } else if (!sends) is = true;
  unlock(o + O_LOCK);
  return is;
}

/**
 * One select: its `n` cases are words from `list` on, in random order, each a record that says its object (0: never ready) and, in
 * R_OK, whether it sends; behind them, the same in the order of the objects' addresses. All locks are held at once, so that a
 * select sees all its channels at one moment. It looks and queues in random order: of two cases on one channel each has its chance.
 * Returns the position of the record that fired and CLOSED or OK in bits 24 up; QUEUED is -1, and with `queue` false it waits for
 * nothing.
 */
export function select(list: i32, n: i32, queue: bool): i32 {
  const sorted = list + (n << 2);
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
    const w = load<i32>(list + (i << 2));
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

/**
 * Values that came for nobody, in records from `r` on, linked by R_QNEXT, the oldest first, go to receivers that wait, or
 * before all others in the buffer, which has room for more than the channel's capacity if need be. The first that is left: it is to be made
 * larger first. `queue`: it cannot be, and they wait as senders do.
 */
export function giveBack(o: i32, r: i32, queue: bool): i32 {
  let first: i32 = 0;
  let last: i32 = 0;
  lock(o + O_LOCK);
  const count = load<i32>(o + O_COUNT);
  const room = load<i32>(o + O_ROOM);
  while (r != 0) {
    const other = count == 0 ? claim(o, RECV, 0) : 0;
    if (other == 0) break;
    copyCell(other + R_CELL, r + R_CELL);
    store<i32>(other + R_QPREV, CAME);
    store<i32>(other + R_OK, 1);
    if (last == 0) first = other;
    else store<i32>(last + R_QNEXT, other);
    last = other;
    r = load<i32>(r + R_QNEXT);
  }
  if (last != 0) store<i32>(last + R_QNEXT, 0);
  let n: i32 = 0;
  for (let at = r; at != 0; at = load<i32>(at + R_QNEXT)) n++;
  if (n != 0 && count + n <= room) {
    const head = load<i32>(o + O_HEAD) - n;
    store<i32>(o + O_HEAD, head < 0 ? head + room : head);
    for (let i: i32 = 0; i < n; i++) {
      copyCell(cellAt(o, i), r + R_CELL);
      r = load<i32>(r + R_QNEXT);
    }
    store<i32>(o + O_COUNT, count + n);
  } else if (r != 0 && queue) prepend(o, SEND, r);
  unlock(o + O_LOCK);
  postAll(first);
  return r;
}
