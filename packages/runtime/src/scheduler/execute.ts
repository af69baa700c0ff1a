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
import { BASE, own } from "../internal/own.ts";
import { FORCED, PREEMPT, R, type Frame } from "../internal/state.ts";
import { recapture } from "./als.ts";
import { finish } from "./finish.ts";
import { FLAGS, FRESH, FRESH_ONE, RUNNING, THROW, VALUE, type G } from "./g.ts";
import { S } from "./p.ts";
import { yieldToGlobal } from "./park.ts";
import { leaving } from "./stack.ts";

export function execute(g: G): void {
  const r = R;
  S.switches++;
  let now: Frame | null = null;
  let f = g.frame;
  let v = g.v;
  let x = g.x;
  g.v = undefined;
  g.status = (g.status & FLAGS) | RUNNING;
  r.g = g;
  run: for (;;) {
    try {
      for (;;) {
        if (x < FRESH) {
          if (f === null) break run;
          now = f;
          f = now.next;
          g.frame = now;
          r.v = v;
          r.x = x;
          v = now.r(now);
        } else {
          const start = v as (...args: unknown[]) => unknown;
          const w = g.w;
          const n = x;
          g.w = null;
          g.x = x = VALUE;
          r.x = VALUE;
          v = n === FRESH ? start() : n === FRESH_ONE ? start(w) : startMany(start, w as unknown[]);
        }
        x = VALUE;
        if (r.u !== 0) {
          const u = r.u;
          const head = r.head;
          // The frame that was resumed has saved itself in place; what it called was captured onto `head`.
          if (now !== null) f = now;
          if (r.tail !== head) {
            r.tail.next = f;
            f = head.next;
            head.next = null;
            r.tail = head;
          }
          r.u = 0;
          if (u === FORCED) {
            v = r.fv;
            r.fv = undefined;
            continue;
          }
          if (S.dirty !== 0) recapture(g);
          if (u === PREEMPT) {
            S.preemptions++;
            // Timers first: whoever waits for one waits no second slice.
            S.countdown = 0;
            S.preemptTick = S.schedtick;
            yieldToGlobal(g);
          }
          g.frame = f;
          r.g = null;
          return;
        }
      }
    } catch (thrown) {
      const e = r.u === 0 ? thrown : r.over(thrown);
      v = e;
      x = THROW;
      if (r.u !== 0) resetUnwinding();
      if (e !== r.exit) leaving(e, f, g);
    }
  }
  finish(g, v, x);
}
own(execute, BASE);
own(startMany);

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
