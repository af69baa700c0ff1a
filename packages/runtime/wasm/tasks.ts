/** What a thread has: the parallel goroutines that run on it, and what becomes of its place when it ends. */
import {
  DEAD,
  DEEP,
  G_AWAY,
  G_BLOCKING,
  G_BUSY,
  G_LOCK,
  GONE,
  M_ALIVE,
  M_AWAY,
  M_BEGUN,
  M_HANDED,
  M_HELD,
  M_LINK,
  M_P,
  M_PARK,
  M_STATE,
  M_TASKS,
  M_U,
  T_NEXT,
  T_PREV,
} from "../src/shared/layout";
import { inherit } from "./arena";
import { leaveIdle, leaveWanting, pass } from "./idle";
import { lock, ownerNumber, unlock } from "./lock";
import { stopSpinning } from "./sched";
import { mAt, unpark } from "./wake";

/** The parallel goroutine of `r` runs on this thread from here on. */
export function started(r: i32): void {
  const at = mAt(ownerNumber() - 1);
  const first = load<i32>(at + M_TASKS);
  store<i32>(r + T_NEXT, first);
  store<i32>(r + T_PREV, 0);
  if (first != 0) store<i32>(first + T_PREV, r);
  atomic.store<i32>(at + M_TASKS, r);
  store<i32>(at + M_BEGUN, load<i32>(at + M_BEGUN) + 1);
}

/** It has ended. */
export function stopped(r: i32): void {
  const at = mAt(ownerNumber() - 1);
  const next = load<i32>(r + T_NEXT);
  const prev = load<i32>(r + T_PREV);
  store<i32>(at + M_BEGUN, load<i32>(at + M_BEGUN) - 1);
  if (prev == 0) atomic.store<i32>(at + M_TASKS, next);
  else store<i32>(prev + T_NEXT, next);
  if (next != 0) store<i32>(next + T_PREV, prev);
}

/**
 * Thread `m` has ended. It leaves all lists, its Ps go to others, it is not waited for; its goroutines and waits are recovery.ts's.
 * False: it has taken a lock with it, and nothing can be said of what that guards.
 */
export function bury(m: i32): bool {
  const at = mAt(m);
  const held = load<i32>(at + M_HELD);
  if (held != 0 && atomic.load<i32>(held) == m + 1) return false;
  atomic.store<i32>(at + M_STATE, DEAD);
  lock(G_LOCK);
  leaveIdle(m);
  leaveWanting(m);
  let before: i32 = G_BLOCKING;
  while (load<i32>(before) != 0 && load<i32>(before) != m + 1) before = mAt(load<i32>(before) - 1) + M_LINK;
  if (load<i32>(before) == m + 1) store<i32>(before, load<i32>(at + M_LINK));
  const own = load<i32>(at + M_P);
  const handed = load<i32>(at + M_HANDED);
  store<i32>(at + M_P, 0);
  atomic.store<i32>(at + M_HANDED, 0);
  const first = own != 0 ? pass(own - 1) : 0;
  const second = handed != 0 ? pass(handed - 1) : 0;
  unlock(G_LOCK);
  if (first != 0) unpark(first - 1);
  if (second != 0) unpark(second - 1);
  stopSpinning(m);
  if (load<i32>(at + M_AWAY) != 0) atomic.sub<i32>(G_AWAY, 1);
  store<i32>(at + M_AWAY, 0);
  // sysmon need not look there any more.
  store<i32>(at + M_U + 8, 0);
  store<i32>(at + M_ALIVE, 0);
  inherit(at);
  if (atomic.xchg<i32>(at + M_PARK, GONE) != DEEP) atomic.sub<i32>(G_BUSY, 1);
  return true;
}
