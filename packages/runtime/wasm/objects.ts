/** All shared objects, and what becomes of them when a thread ends. */
import {
  CONTEXT,
  G_OBJECTS,
  G_OBJECTS_LOCK,
  MUTEX,
  O_CAP,
  O_CLOSED,
  O_COUNT,
  O_HOLDER,
  O_KIND,
  O_LOCK,
  O_NEXT,
  O_PREV,
  O_REFS,
  O_VALUE,
  ONCE,
  R_M,
  R_QNEXT,
  RWMUTEX,
  SEMAPHORE,
  WAITGROUP,
} from "../src/shared/layout";
import { lock, unlock } from "./lock";
import { RECV, SEND, inVain, unlink } from "./queue";
import { close } from "./channel";
import { unhold, serve } from "./units";
import { postTo } from "./wake";

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

/** Whether a context that came from thread `m`, and has not ended, is another thread's or under way. */
export function isOrigin(m: i32): bool {
  let is = false;
  lock(G_OBJECTS_LOCK);
  for (let o = load<i32>(G_OBJECTS); o != 0 && !is; o = load<i32>(o + O_NEXT)) {
    is = load<i32>(o + O_KIND) == CONTEXT && load<i32>(o + O_HOLDER) == m + 1 && load<i32>(o + O_CLOSED) == 0;
    if (is) is = atomic.load<i32>(o + O_REFS) > 1;
  }
  unlock(G_OBJECTS_LOCK);
  return is;
}

/** The waiters of thread `m` leave `q`: main finds them in the thread's inbox. */
function leaveQueue(o: i32, q: i32, m: i32): void {
  let r = load<i32>(o + q);
  while (r != 0) {
    const next = load<i32>(r + R_QNEXT);
    if (load<i32>(r + R_M) == m) {
      unlink(o, r);
      inVain(r, q);
      postTo(m, r);
    }
    r = next;
  }
}

function isUnits(kind: i32): bool {
  return kind == MUTEX || kind == SEMAPHORE || kind == RWMUTEX;
}

/**
 * Thread `m` has ended: its waiters leave every queue (what they would have sent is for main to let go), and the units it held go to who waits for them. What is left to be told is said by main,
 * with the reason: the first wait group that had started goroutines there (how many is in O_CAP) or context that came from there, the next
 * in O_VALUE. The thread's own reference keeps them.
 */
export function abandon(m: i32): i32 {
  let told: i32 = 0;
  // Objects come and go under this lock alone.
  lock(G_OBJECTS_LOCK);
  let o = load<i32>(G_OBJECTS);
  while (o != 0) {
    lock(o + O_LOCK);
    leaveQueue(o, RECV, m);
    leaveQueue(o, SEND, m);
    const kind = load<i32>(o + O_KIND);
    const holds = load<i32>(o + O_HOLDER) == m + 1;
    if (isUnits(kind)) {
      const n = unhold(o, m + 1, 0x7fffffff);
      store<i32>(o + O_COUNT, load<i32>(o + O_COUNT) + n);
    }
    if (kind == WAITGROUP) store<i32>(o + O_CAP, unhold(o, m + 1, 0x7fffffff));
    if ((kind == WAITGROUP && load<i32>(o + O_CAP) != 0) || (kind == CONTEXT && holds)) {
      store<i32>(o + O_VALUE, told);
      told = o;
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
  return told;
}
