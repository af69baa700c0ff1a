/**
 * execute(g): runs one goroutine until it parks, is preempted or ends.
 *
 *     frame (innermost) ─next→ caller ─next→ … ─next→ base
 *        │ r(frame)
 *        ▼
 *      returned v   → v is handed to frame.next
 *      threw e      → e is thrown in frame.next
 *      R.u !== 0    → suspended in place; what it called has unwound into R.head ─next→ … ─next→ R.tail, linked before it
 *
 * Innermost first, one frame at a time: a switch costs the same at any depth, and no native stack grows.
 * poll.ts and stack.ts know the bottom of a goroutine's native stack by this function's name (own.ts).
 */
import { forget } from "../internal/frames.ts";
import { here } from "../internal/here.ts";
import { BASE, own } from "../internal/own.ts";
import { DEEP, FORCED, PARK, PREEMPT, R, type Frame } from "../internal/state.ts";
import { finish } from "./finish.ts";
import { grown } from "./grow.ts";
import { FRESH, FRESH_ONE, PREEMPTED, THROW, VALUE } from "./status.ts";
import type { G } from "./g.ts";
import { S } from "./p.ts";
import { yieldToGlobal } from "./park.ts";
import { interrupted } from "./rejections.ts";
import { leaving } from "./stack.ts";

export function execute(g: G): void {
  const r = R;
  S.switches++;
  let now = g.frame;
  let f: Frame | null = now;
  let v = g.v;
  let x = g.x;
  g.v = undefined;
  r.hot.g = g;
  run: for (;;) {
    try {
      for (;;) {
        if (x < FRESH) {
          if (f === null) break run;
          now = f;
          f = now.next;
          r.v = v;
          r.x = x;
          v = now.r(now);
        } else {
          const start = v as (...args: unknown[]) => unknown;
          const w = g.w;
          const n = x;
          g.w = null;
          g.x = VALUE;
          r.x = VALUE;
          now = null;
          v = n === FRESH ? start() : n === FRESH_ONE ? start(w) : startMany(start, w as unknown[]);
        }
        x = VALUE;
        if (r.u !== 0) {
          // Usually it has parked in the frame it was resumed in, which has saved itself in place.
          if (r.u === PARK && now !== null && r.head.next === null) {
            r.u = 0;
            return;
          }
          f = suspended(g, now, f);
          if (f === null) return;
          v = r.fv;
          r.fv = undefined;
        } else if ((g.status & PREEMPTED) !== 0 && now !== null) forget(now);
        if (f !== null) g.frame = f;
      }
    } catch (thrown) {
      const e = r.u === 0 ? thrown : r.over(thrown);
      v = e;
      x = THROW;
      if (r.u !== 0) resetUnwinding();
      if (e !== r.exit) leaving(e, f, g);
      g.frame = f;
    }
  }
  finish(g, v, x);
}

/** How the engine's profilers, which do not know the name it is given below, call the bottom of a goroutine's stack. */
export const bottom: { readonly name: string; readonly url: string } = {
  name: execute.name,
  url: import.meta.url ?? here,
};
own(execute, BASE);
own(startMany);

/**
 * The frame that was resumed, `now`, has suspended: what it called was captured onto `head`, and `f` are its callers. Links them
 * all, and returns the innermost frame if it is to be resumed at once: the suspension was forced, or the stack has grown.
 */
function suspended(g: G, now: Frame | null, f: Frame | null): Frame | null {
  const { u, head } = R;
  if (now !== null) f = now;
  if (head.next !== null) {
    R.tail.next = f;
    f = head.next;
    head.next = null;
    R.tail = head;
  }
  R.u = 0;
  g.frame = f;
  if (u === FORCED) return f;
  if (u === DEEP) {
    grown(g);
    return f;
  }
  if (u === PREEMPT) {
    S.preemptions++;
    g.status |= PREEMPTED;
    // Timers first: whoever waits for one waits no second slice.
    S.countdown = 0;
    S.preemptTick = S.schedtick;
    interrupted(g);
    yieldToGlobal(g);
  }
  return null;
}

/** An exception thrown over a half-unwound stack (a native frame that was told so): the frames are void. */
function resetUnwinding(): void {
  R.u = 0;
  R.head.next = null;
  R.tail = R.head;
}

function startMany(f: (...args: unknown[]) => unknown, a: unknown[]): unknown {
  switch (a.length) {
    case 2:
      return f(a[0], a[1]);
    case 3:
      return f(a[0], a[1], a[2]);
    default:
      return f.apply(undefined, a);
  }
}
