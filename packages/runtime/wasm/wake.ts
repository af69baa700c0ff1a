/** Waking a thread, and what it is sent: its inbox. */
import {
  DEEP,
  DOZE,
  G_BUSY,
  G_ORPHANS,
  GONE,
  M_BASE,
  M_INBOX,
  M_LOOP,
  M_PARK,
  M_SIZE,
  M_TOLD,
  M_U,
  POLL,
  NOTIFIED,
  R_M,
  R_NEXT,
  RUNNING,
} from "../src/shared/layout";
import { ownerNumber } from "./lock";

/** Main's poll words are not in the region: compiled code held them before it was made. */
export declare function attention(m: i32): void;

export function mAt(m: i32): i32 {
  return M_BASE + m * M_SIZE;
}

/** Wakes `m` if it sleeps; true if this call did. */
export function unpark(m: i32): bool {
  const at = mAt(m);
  while (true) {
    const was = atomic.load<i32>(at + M_PARK);
    if (was == RUNNING || was == NOTIFIED || was == GONE) return false;
    // Counted before it can run and go to sleep again.
    if (was == DEEP) atomic.add<i32>(G_BUSY, 1);
    if (atomic.cmpxchg<i32>(at + M_PARK, was, NOTIFIED) == was) {
      // Main sleeps in its event loop, however deep.
      if (was == DOZE || (was == DEEP && m != 0)) {
        atomic.notify(at + M_PARK, 1);
      } else {
        atomic.add<i32>(at + M_LOOP, 1);
        atomic.notify(at + M_LOOP, 1);
      }
      return true;
    }
    if (was == DEEP) atomic.sub<i32>(G_BUSY, 1);
  }
}

/** Has `m` look at what it was told, soon: if it runs, between two goroutines or at the next poll of the one it runs. */
export function tell(m: i32): void {
  // Before it is seen to run: who is about to sleep says so, and then looks at this.
  atomic.store<i32>(mAt(m) + M_TOLD, 1);
  nudge(m);
}

/** The same for what is in its inbox, where it looks before it sleeps. */
function nudge(m: i32): void {
  if (unpark(m)) return;
  if (atomic.load<i32>(mAt(m) + M_PARK) == GONE) {
    atomic.store<i32>(G_ORPHANS, 1);
    tell(0);
    return;
  }
  if (m == 0) {
    attention(0);
    return;
  }
  const u = mAt(m) + M_U;
  atomic.store<i32>(u + 36, 1);
  atomic.store<i32>(u, POLL);
}

/** Puts `r` in the inbox of its thread, and has it look. */
export function post(r: i32): void {
  postTo(load<i32>(r + R_M), r);
}

/** The same, for a thread that it does not belong to. */
export function postTo(m: i32, r: i32): void {
  const at = mAt(m) + M_INBOX;
  while (true) {
    const head = atomic.load<i32>(at);
    atomic.store<i32>(r + R_NEXT, head);
    if (atomic.cmpxchg<i32>(at, head, r) == head) break;
  }
  if (m + 1 != ownerNumber()) nudge(m);
}

/** Everything in this thread's inbox, newest first. */
export function takeInbox(m: i32): i32 {
  const at = mAt(m) + M_INBOX;
  if (atomic.load<i32>(at) == 0) return 0;
  return atomic.xchg<i32>(at, 0);
}

/** Looks at the inbox `n` times, some nanoseconds each; whether something has come. */
export function linger(m: i32, n: i32): bool {
  const at = mAt(m) + M_INBOX;
  for (let i: i32 = 0; i < n; i++) if (atomic.load<i32>(at) != 0) return true;
  return false;
}
