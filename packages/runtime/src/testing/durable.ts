/**
 * Durably blocked: only another goroutine of the bubble, or its clock, can wake it. Whoever waits for anything else (a promise, a socket,
 * another thread, a channel made outside) holds the clock.
 */
import { Chan } from "../chan/chan.ts";
import { Select } from "../chan/selector.ts";
import { bubbleOf, type Bubble } from "../scheduler/bubble.ts";
import { Watch } from "../scheduler/ctx.ts";
import { REASON_SHIFT } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { Joining } from "../scheduler/goroutine.ts";
import * as reason from "../scheduler/reason.ts";
import { Sleeper } from "../time/sleep.ts";

/** Go's for "the caller of synctest.Test" and "the caller of synctest.Wait". */
export const BUBBLE_RUN: number = reason.waitReason("synctest.Run");
export const BUBBLE_WAIT: number = reason.waitReason("synctest.Wait");

const reasons: ReadonlySet<number> = new Set([
  reason.CHAN_RECEIVE,
  reason.CHAN_SEND,
  reason.CHAN_RECEIVE_NIL,
  reason.CHAN_SEND_NIL,
  reason.SELECT,
  reason.SELECT_NO_CASES,
  reason.SLEEP,
  reason.JOIN,
  reason.MUTEX,
  reason.RWMUTEX_R,
  reason.RWMUTEX_W,
  reason.WAITGROUP,
  reason.COND,
  reason.ONCE,
  reason.SEMAPHORE,
  reason.GROUP_GO,
  reason.GROUP_WAIT,
  reason.SINGLEFLIGHT,
  BUBBLE_WAIT,
]);

/** `g` waits; only for what its bubble `b` has? */
export function isDurable(g: G, b: Bubble): boolean {
  return reasons.has(g.status >> REASON_SHIFT) && isWithin(g.w, b);
}

function isWithin(w: unknown, b: Bubble): boolean {
  if (w === null) return true; // a nil channel, a select without cases
  if (w instanceof Chan) return w.isNil || (!w.isShared && b.owns(w));
  if (w instanceof Select) return w.channels().every((ch) => isWithin(ch, b));
  if (w instanceof Watch) return isWithin(w.node.ch, b) && isWithin(w.inner, b);
  if (w instanceof Sleeper) return w.clock === b.clock;
  if (w instanceof Joining) return bubbleOf(w.target) === b;
  // Locks and wait groups count as its own; those that other threads have too wait by a record, which is told.
  return (w as { told?: unknown }).told === undefined;
}
