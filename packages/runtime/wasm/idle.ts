/** Lists, under G_LOCK: Ps that nobody uses, threads that sleep, threads that want a P. */
import {
  G_MIDLE,
  G_NMIDLE,
  G_NPIDLE,
  G_NPROCS,
  G_PIDLE,
  G_WANT,
  G_WANT_HEAD,
  G_WANT_TAIL,
  M_HANDED,
  M_IS_IDLE,
  M_LINK,
  M_WANT_NEXT,
  M_WANTS,
  P_LINK,
  P_OWNER,
} from "../src/shared/layout";
import { clear, pAt } from "./runq";
import { mAt } from "./wake";

export function idlePut(p: i32): void {
  const at = pAt(p);
  store<i32>(at + P_OWNER, 0);
  if (p >= atomic.load<i32>(G_NPROCS)) {
    clear(p);
    return;
  }
  store<i32>(at + P_LINK, load<i32>(G_PIDLE));
  store<i32>(G_PIDLE, p + 1);
  atomic.store<i32>(G_NPIDLE, load<i32>(G_NPIDLE) + 1);
}

/** An idle P for `m`, number + 1, or 0. */
export function idleTake(m: i32): i32 {
  const p = load<i32>(G_PIDLE);
  if (p == 0) return 0;
  const at = pAt(p - 1);
  store<i32>(G_PIDLE, load<i32>(at + P_LINK));
  atomic.store<i32>(G_NPIDLE, load<i32>(G_NPIDLE) - 1);
  store<i32>(at + P_OWNER, m + 1);
  return p;
}

/** Puts `m` in the idle list: the last one is woken first, and main, which serves the event loop of the program, where there is no other. */
export function enterIdle(m: i32): void {
  const at = mAt(m);
  if (load<i32>(at + M_IS_IDLE) != 0) return;
  store<i32>(at + M_IS_IDLE, 1);
  atomic.store<i32>(G_NMIDLE, load<i32>(G_NMIDLE) + 1);
  let before: i32 = G_MIDLE;
  if (m == 0) while (load<i32>(before) != 0) before = mAt(load<i32>(before) - 1) + M_LINK;
  store<i32>(at + M_LINK, load<i32>(before));
  store<i32>(before, m + 1);
}

/** Takes `m` out of the idle list, wherever it stands. */
export function leaveIdle(m: i32): void {
  const at = mAt(m);
  if (load<i32>(at + M_IS_IDLE) == 0) return;
  store<i32>(at + M_IS_IDLE, 0);
  atomic.store<i32>(G_NMIDLE, load<i32>(G_NMIDLE) - 1);
  let before: i32 = G_MIDLE;
  while (load<i32>(before) != m + 1) before = mAt(load<i32>(before) - 1) + M_LINK;
  store<i32>(before, load<i32>(at + M_LINK));
}

export function leaveWanting(m: i32): void {
  const at = mAt(m);
  if (load<i32>(at + M_WANTS) == 0) return;
  store<i32>(at + M_WANTS, 0);
  atomic.store<i32>(G_WANT, load<i32>(G_WANT) - 1);
  let before: i32 = G_WANT_HEAD;
  let last: i32 = 0;
  while (load<i32>(before) != m + 1) {
    last = load<i32>(before);
    before = mAt(last - 1) + M_WANT_NEXT;
  }
  const next = load<i32>(at + M_WANT_NEXT);
  store<i32>(before, next);
  if (next == 0) store<i32>(G_WANT_TAIL, last);
}

/** The P `p`, which nobody uses any more, goes to who wants one, or becomes idle. The thread to wake, number + 1, or 0. */
export function pass(p: i32): i32 {
  const first = load<i32>(G_WANT_HEAD);
  if (first == 0 || p >= atomic.load<i32>(G_NPROCS)) {
    idlePut(p);
    return 0;
  }
  const m = first - 1;
  leaveWanting(m);
  leaveIdle(m);
  store<i32>(pAt(p) + P_OWNER, first);
  atomic.store<i32>(mAt(m) + M_HANDED, p + 1);
  return first;
}
