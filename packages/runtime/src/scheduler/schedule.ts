/**
 * schedule(): who runs next. Go's order: every 61st slice the global queue; runnext, which inherits the slice; the
 * local queue; a batch of the global one. Timers and the event loop's turn come in when the clock is looked at.
 *
 * The clock costs about 40 ns, more than a switch. It is read every 64 switches (fewer when those took over a
 * millisecond), or when sysmon says that a slice or the loop's budget is over (U[0]).
 */
import { host } from "../internal/host.ts";
import { R, U } from "../internal/state.ts";
import { runTimers, timers } from "../time/heap.ts";
import { recapture } from "./als.ts";
import type { G } from "./g.ts";
import { CONTEXT, MIXED, S, TRACE } from "./p.ts";
import { lookEarly } from "./sysmon.ts";

/** Looks at the clock after which what every switch writes is made anew, and after which free goroutines are left behind (internal/hot.ts). */
const RENEWED = 16;
const FREED = 1024;

/** The next goroutine to run; null when there is none or it is the event loop's turn (then `S.countdown` is <= 0). */
export function schedule(): G | null {
  if (--S.countdown <= 0 || U[0] !== S.armed) {
    if (lookAtClock(-1)) return null;
  }
  return next();
}

/** The same without a look at the clock: for who looks for work while `schedule` waits for it. */
export function next(): G | null {
  const runq = S.runq;
  let g: G | null;
  // Whoever was preempted just now is at its tail, or alone in it, and has had its slice.
  if (runq.globalSize() !== 0 && S.schedtick % 61 === 0 && S.preemptTick !== S.schedtick) {
    g = runq.getGlobal();
  } else {
    g = runq.getNext();
    if (g !== null) return g; // inherits the slice: U[0] and the tick stay
    g = runq.get();
    if (g === null) {
      if (runq.globalSize() !== 0) {
        g = runq.getBatch();
        if (S.crowded === 2 && runq.globalSize() === 0) {
          S.crowded = 0;
          R.hot = R.hot.renewed(false);
        }
      } else if (S.shared === null) return null;
      else if ((g = S.shared.find()) === null) return null;
    }
  }
  // A new slice. sysmon sees the tick change; until it runs, `armed` makes the first poll ask for it.
  U[1] = S.schedtick = (S.schedtick + 1) | 0;
  return g;
}

/** The same, telling the tracer who has stopped and who starts. It looks at the clock each time. */
export function scheduleTraced(): G | null {
  const now = host.now();
  if (S.tracer !== null && R.g !== null) S.tracer.stopped(R.g, now);
  // Told; another trace may have begun behind the last one's end.
  S.dirty &= ~TRACE;
  if (lookAtClock(now)) return null;
  const g = next();
  if (g !== null && S.tracer !== null) S.tracer.started(g);
  return g;
}

/**
 * Runs due timers, ends a slice that is over; true when the event loop should turn. `read`: the clock, where it has just been read, else
 * -1: reading it in `schedule` took the room there that the engine needs for what is done at every switch (half as fast).
 */
function lookAtClock(read: number): boolean {
  if (S.dirty !== 0) changed(S.dirty);
  R.g = null;
  S.looks = (S.looks + 1) % FREED;
  if (S.looks % RENEWED === 0) R.hot = R.hot.renewed(S.looks === 0);
  const now = read < 0 ? host.now() : read;
  const took = now - S.now;
  S.now = now;
  S.nowMs = now | 0;
  S.countdown = took < 1 ? 64 : took < 4 ? 8 : 1;
  if (timers.size !== 0) runTimers(now);
  const asked = U[0] !== S.armed;
  lookEarly(took);
  U[0] = S.armed;
  // Behind the store: what another thread has to say from here on sets it again.
  const handedOn = S.shared !== null && S.shared.attend(asked);
  if (asked || (now >= S.deadline && S.endless === 0)) {
    // The slice is over, or the loop's budget, which is as long: sysmon begins to count anew with each entry. If a chain of runnext has
    // been inheriting it since the last time, it is preempted: whoever queues gets a turn now. Otherwise the order stays.
    if (S.schedtick === S.endtick) {
      const runq = S.runq;
      const g = runq.getNext();
      if (g !== null) runq.putGlobal(g);
    }
    S.endtick = S.schedtick;
  }
  if (now < S.deadline && !handedOn) return false;
  S.countdown = 0;
  return true;
}

/** What the goroutine that has just stopped has changed under us. */
function changed(what: number): void {
  S.dirty = 0;
  if ((what & CONTEXT) !== 0) {
    // enterWith: it keeps the context, and the loop leaves it.
    S.als = MIXED;
    if (R.g !== null) recapture(R.g);
  }
  // A trace has begun, and the loop is left for that.
  if ((what & TRACE) !== 0 && S.tracer !== null && R.g !== null) S.tracer.stopped(R.g, host.now());
}
