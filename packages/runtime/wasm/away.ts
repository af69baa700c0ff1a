/** Threads that do something else: in system calls, in blocking calls. */
import { G_AWAY, G_BLOCKING, G_LOCK, M_AWAY, M_HANDED, M_LINK, M_P } from "../src/shared/layout";
import { leaveIdle, leaveWanting, pass } from "./idle";
import { lock, unlock } from "./lock";
import { anyWork } from "./sched";
import { mAt, unpark } from "./wake";

/** `m` is away, and no parallel goroutine runs there, or back: it is counted, so that another thread may take its place. */
export function setAway(m: i32, is: bool): void {
  const at = mAt(m);
  const n = load<i32>(at + M_AWAY) + (is ? 1 : -1);
  store<i32>(at + M_AWAY, n);
  if (is && n == 1) atomic.add<i32>(G_AWAY, 1);
  if (!is && n == 0) atomic.sub<i32>(G_AWAY, 1);
}

/**
 * `m` is about to block in a system call: its P, also one that it was just handed, goes to who wants one, or becomes idle; and nobody is
 * to hand it one. Whether there is work for others.
 */
export function handOff(m: i32): bool {
  const at = mAt(m);
  lock(G_LOCK);
  leaveWanting(m);
  leaveIdle(m);
  let p = load<i32>(at + M_P);
  if (p == 0) p = load<i32>(at + M_HANDED);
  store<i32>(at + M_P, 0);
  atomic.store<i32>(at + M_HANDED, 0);
  const other = p == 0 ? 0 : pass(p - 1);
  unlock(G_LOCK);
  if (other != 0) unpark(other - 1);
  return other == 0 && anyWork();
}

/** `m`, which runs blocking calls, has none. */
export function putBlocking(m: i32): void {
  lock(G_LOCK);
  store<i32>(mAt(m) + M_LINK, load<i32>(G_BLOCKING));
  store<i32>(G_BLOCKING, m + 1);
  unlock(G_LOCK);
}

/** A thread for a blocking call, number + 1; 0 when none is free. */
export function takeBlocking(): i32 {
  if (atomic.load<i32>(G_BLOCKING) == 0) return 0;
  lock(G_LOCK);
  const m = load<i32>(G_BLOCKING);
  if (m != 0) store<i32>(G_BLOCKING, load<i32>(mAt(m - 1) + M_LINK));
  unlock(G_LOCK);
  return m;
}
