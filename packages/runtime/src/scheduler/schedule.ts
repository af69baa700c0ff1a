/**
 * schedule(): who runs next. Go's order: every 61st slice the global queue; runnext, which inherits the slice; the
 * local queue; a batch of the global one. Timers and the event loop's turn come in when the clock is looked at.
 *
 * The clock costs about 40 ns, more than a switch. It is read every `S.stride` switches (64, fewer when those took
 * over a millisecond), or when sysmon says that a slice (U[0]) or the loop's budget (U[3]) is over.
 */
import { host } from "../internal/host.ts";
import { U } from "../internal/state.ts";
import { runTimers, timers } from "../time/heap.ts";
import type { G } from "./g.ts";
import { S } from "./p.ts";

/** How long goroutines run before the event loop turns, ms. */
export const BUDGET = 10;
/** Goroutines a batch may take from the global queue. */
const BATCH = 128;

/** The next goroutine to run; null when there is none or it is the event loop's turn (then `S.countdown` is <= 0). */
export function schedule(): G | null {
  const runq = S.runq;
  if (--S.countdown <= 0 || U[3] !== 0 || U[0] !== S.armed) {
    if (lookAtClock()) return null;
  }
  const global = S.global;
  let g: G | null;
  // Whoever was preempted just now is at its tail, or alone in it, and has had its slice.
  if (global.size !== 0 && S.schedtick % 61 === 0 && S.preemptTick !== S.schedtick) {
    g = global.get();
  } else {
    g = runq.runnext;
    if (g !== null) {
      runq.runnext = null;
      return g; // inherits the slice: U[0] and the tick stay
    }
    g = runq.get();
    if (g === null) {
      if (global.size !== 0) g = takeBatch();
      else if (S.shared === null) return null;
      else if ((g = S.shared.find()) === null) return null;
    }
  }
  // A new slice. sysmon sees the tick change; until it runs, `armed` makes the first poll ask for it.
  U[1] = S.schedtick = (S.schedtick + 1) | 0;
  return g;
}

function takeBatch(): G | null {
  const global = S.global;
  const runq = S.runq;
  const g = global.get();
  for (let n = Math.min(global.size, BATCH - 1); n > 0; n--) runq.put(global.get() as G);
  return g;
}

/** Runs due timers, ends a slice that is over; true when the event loop should turn. */
function lookAtClock(): boolean {
  const now = host.now();
  const took = now - S.now;
  S.now = now;
  S.nowMs = now | 0;
  S.countdown = took < 1 ? 64 : took < 4 ? 8 : 1;
  if (timers.size !== 0) runTimers(now);
  const over = U[0] !== S.armed;
  U[3] = 0;
  if (over) U[0] = S.armed;
  // Behind the stores: what another thread has to say from here on sets them again.
  const handedOn = S.shared !== null && S.shared.attend(over);
  if (over) {
    // The slice is over. If a chain of runnext was inheriting it, whoever queues behind gets a turn now.
    const runq = S.runq;
    const g = runq.runnext;
    if (g !== null) {
      runq.runnext = null;
      runq.put(g);
    }
  }
  if (now < S.deadline && !handedOn) return false;
  S.countdown = 0;
  return true;
}
