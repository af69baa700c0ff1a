/**
 * park and ready: the only two ways a goroutine begins and stops to wait. Everything that blocks is made of them.
 *
 *     const g = current();      may this code park? (throws if not)
 *     queue.push(g);            whoever wakes it finds it here
 *     park(g, REASON, this);    R.u is set: return undefined now, callers capture themselves
 *     …
 *     g.v = value; g.x = VALUE; ready(g);    by the waker, who took it out of the queue
 */
import { GortError } from "../errors/catalogue.ts";
import { enter, undo } from "../internal/entry.ts";
import { PARK, R } from "../internal/state.ts";
import { list } from "./all.ts";
import { bubbleOf, type Bubble } from "./bubble.ts";
import { FLAGS, LISTED, REASON_SHIFT, RUNNABLE, STATUS, WAITING } from "./status.ts";
import type { G, Waitable } from "./g.ts";
import { wake, wakeBehindEvents } from "./wake.ts";
import { S } from "./p.ts";
import { reasonText } from "./reason.ts";

/** The running goroutine, which may park; made now where none runs. Throws a GortError where parking is impossible. */
export function current(): G {
  const g = R.hot.g;
  if (g === null || R.u !== 0 || R.noPreempt !== 0) return another();
  return g;
}

function another(): G {
  if (R.u !== 0) R.nativeFrame();
  if (R.noPreempt !== 0) throw new GortError("GORT_NO_PREEMPT");
  if (R.modules === 0) throw notStarted();
  return enter();
}

/** The error for `go`, `recv`, … outside goroutines: an uncompiled program is told so first. `of`: what is about the caller's own. */
export function notStarted(of?: string): GortError {
  return R.modules === 0 ? new GortError("GORT_NOT_COMPILED") : new GortError("GORT_NO_GOROUTINE", of);
}

/** The same for `goexit`, which ends nothing there. */
export function nothingToEnd(): GortError {
  const cure =
    "an `async` function or a callback is no goroutine: `return` from it, or throw; what calls goexit runs as one, `await go(f).asPromise()`";
  return R.modules === 0 ? notStarted() : new GortError("GORT_NO_GOROUTINE", "goexit", cure);
}

/** Makes `g`, which is running, wait on `w`. The caller has already made sure that somebody will wake it. */
export function park(g: G, reason: number, w: Waitable | null): void {
  if ((g.status & LISTED) === 0) list(g);
  g.status = (g.status & FLAGS) | WAITING | (reason << REASON_SHIFT);
  g.since = S.nowMs;
  g.w = w;
  R.u = PARK;
}

/** `g` was about to wait, and need not: nobody will wake it. A goroutine made for the wait is none. */
export function unpark(g: G): void {
  g.w = null;
  undo(g);
}

/** Makes a waiting goroutine runnable, next on this P. Its `v` and `x` are set, and it is in no queue. */
export function ready(g: G): void {
  if (S.inLoop !== 1) return S.ready(g);
  g.status = (g.status & FLAGS) | RUNNABLE;
  g.w = null;
  S.runq.putNext(g);
}

/** The same outside the loop. */
export function readyOutside(g: G): void {
  wake();
  putReady(g);
}
S.ready = readyOutside;

/** The same, watched: by a tracer, or because there is a bubble. */
export function readyWatched(g: G): void {
  if (S.tracer !== null) S.tracer.readied(g);
  const bubble = bubbleOf(g);
  if (bubble !== null) bubble.readying(g);
  if (bubble === S.bubble) {
    if (S.inLoop === 0) wake();
    putReady(g);
  } else putAcross(g, bubble);
}

/** Into or out of a bubble. */
function putAcross(g: G, bubble: Bubble | null): void {
  const mine = R.hot;
  R.hot = bubble === null ? (S.bubble as Bubble).outer : bubble.hot;
  putReady(g);
  R.hot = mine;
  if (bubble !== null) bubble.arrived();
}

function putReady(g: G): void {
  g.status = (g.status & FLAGS) | RUNNABLE;
  g.w = null;
  S.runq.putNext(g);
}

/** The same for whom a socket's event wakes: they run in the order of the events, not the last one first. Go: netpoll. */
export function netReady(g: G): void {
  if (S.watched !== 0 && netReadyWatched(g)) return;
  if (S.inLoop === 0) wakeBehindEvents();
  g.status = (g.status & FLAGS) | RUNNABLE;
  g.w = null;
  S.runq.put(g);
}

/** True for those that take another way. */
function netReadyWatched(g: G): boolean {
  if (S.bubble !== null || bubbleOf(g) !== null) {
    readyWatched(g);
    return true;
  }
  if (S.tracer !== null) S.tracer.readied(g);
  return false;
}

/** Puts a running goroutine that gives up its slice at the global queue's tail: gosched, preemption. */
export function yieldToGlobal(g: G): void {
  g.status = (g.status & FLAGS) | RUNNABLE;
  g.v = undefined;
  g.x = 0;
  S.runq.putGlobal(g);
  // A callback's goroutine runs outside the loop.
  if (S.inLoop === 0) wake();
}

R.cancelPark = (g: G): string => {
  const what = reasonText(g.status >> REASON_SHIFT);
  if ((g.status & STATUS) === RUNNABLE) {
    // It only gave way, or has been woken already.
    S.runq.remove(g);
  }
  if (!g.cancel()) {
    // Another thread has just ended the wait: what it sends finds nobody, and gives back what it holds.
    (g.w as Waitable).abandon?.();
    g.running();
  }
  return what === "" ? "gosched" : what;
};
