/**
 * Shared mutexes and semaphores: units, of which whoever locks takes some. Of an RWMutex a reader takes one, and a writer all.
 * Who holds how many is known by thread, so that what a thread held when it ended can be given back.
 */
import {
  FULL,
  H_M,
  H_NEXT,
  H_UNITS,
  O_CAP,
  O_COUNT,
  O_HELD,
  O_HOLDER,
  O_HOLDERS,
  O_KIND,
  O_LOCK,
  OK,
  QUEUED,
  R_INDEX,
  R_M,
  R_OK,
  R_QNEXT,
  RWMUTEX,
} from "../src/shared/layout";
import { allocate, release } from "./arena";
import { lock, ownerNumber, unlock } from "./lock";
import { post } from "./wake";
import { RECV, append, postAll, unlink } from "./queue";

/** Thread `m` (number + 1) holds `n` units more. */
export function hold(o: i32, m: i32, n: i32): void {
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
export function unhold(o: i32, m: i32, n: i32): i32 {
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

/** Gives `n` units back, and serves who waits; false if so many are not held, or a writer holds what a reader would give back. */
export function releaseUnits(o: i32, n: i32): bool {
  lock(o + O_LOCK);
  const free = load<i32>(o + O_COUNT);
  const cap = load<i32>(o + O_CAP);
  // Their sum may be more than a word holds: an RWMutex has 2 ** 30.
  const is = n <= cap - free && !(free == 0 && n < cap && load<i32>(o + O_KIND) == RWMUTEX);
  if (is) {
    store<i32>(o + O_COUNT, free + n);
    // Any goroutine may unlock: what the caller's thread does not hold, another does no more.
    const own = unhold(o, ownerNumber(), n);
    if (own < n) unhold(o, 0, n - own);
  }
  unlock(o + O_LOCK);
  if (is) {
    if (load<i32>(o + O_KIND) == RWMUTEX && n == cap) admitReaders(o);
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

/** A writer has unlocked: every reader that waits now goes first (Go's rule), whatever writers stand between them; who comes again does not. */
function admitReaders(o: i32): void {
  let first: i32 = 0;
  let last: i32 = 0;
  lock(o + O_LOCK);
  let r = load<i32>(o + RECV);
  while (r != 0 && load<i32>(o + O_COUNT) > 0) {
    const next = load<i32>(r + R_QNEXT);
    if (load<i32>(r + R_INDEX) == 1) {
      grant(o, r);
      if (last == 0) first = r;
      else store<i32>(last + R_QNEXT, r);
      last = r;
    }
    r = next;
  }
  if (last != 0) store<i32>(last + R_QNEXT, 0);
  unlock(o + O_LOCK);
  postAll(first);
}
