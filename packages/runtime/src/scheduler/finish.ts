/** The end of a goroutine: out of the list, its outcome to whoever waits for it, an unwatched exception fatal. */
import { R } from "../internal/state.ts";
import { DEAD, FLAGS, KEPT, LISTED, LOOSE, MAIN, STATUS, THROW, VALUE, WAITING } from "./status.ts";
import type { G, Waitable } from "./g.ts";
import type { GExtra } from "./extra.ts";
import { unlist } from "./all.ts";
import { bubbleOf } from "./bubble.ts";
import { uncaught } from "./fatal.ts";
import { letGo } from "./due.ts";
import { S } from "./p.ts";
import { nothingToEnd, ready } from "./park.ts";
import { keepFailure } from "./unjoined.ts";

/** A goroutine that was made and never ran. */
export function forget(g: G): void {
  drop(g);
  S.created--;
}

function drop(g: G): void {
  if ((g.status & LISTED) !== 0) unlist(g);
  bubbleOf(g)?.left(g);
  S.count--;
  g.status = (g.status & FLAGS) | DEAD;
}

/** A goroutine that will never run again: out of what it waits for. It is in no run queue. Who asks for its outcome is thrown `error`. */
export function abandon(g: G, error: unknown): void {
  if ((g.status & STATUS) === WAITING && !g.cancel()) (g.w as Waitable).abandon?.();
  const { ext } = g;
  drop(g);
  g.frame = null;
  g.w = null;
  g.v = error;
  g.x = THROW;
  if (ext === null) return;
  wakeJoiners(ext, error, THROW);
  // Nobody need have asked.
  ext.promise?.catch(() => {});
  settle(g, ext, error, THROW, false);
}

/** The goroutine's function returned `v` or threw it (`x`). */
export function finish(g: G, v: unknown, x: number): void {
  if (S.tracer !== null) S.tracer.ended(g);
  const hot = R.hot;
  hot.g = null;
  if ((g.status & LISTED) !== 0) unlist(g);
  S.count--;
  g.status = (g.status & FLAGS) | DEAD;
  g.frame = null;
  g.als = undefined;
  if (x !== VALUE || g.ext !== null) {
    finishSlow(g, v, x);
    return;
  }
  g.x = VALUE;
  if ((g.status & FLAGS) === LOOSE && S.tracer === null) {
    g.v = undefined;
    g.next = hot.free;
    hot.free = g;
  } else g.v = v;
}

function finishSlow(g: G, v: unknown, x: number): void {
  const ext = g.ext;
  bubbleOf(g)?.left(g);
  const exited = x === THROW && v === R.exit;
  if (exited) {
    v = undefined;
    x = VALUE;
  }
  if (ext !== null && ext.locked > 0 && S.shared !== null) S.shared.sleep.retire();
  if (ext !== null && ext.parallel) {
    if (elsewhere.ended(g, v, x, exited)) return;
    // As if it had run elsewhere.
    const copied = elsewhere.copy(g, v, x);
    v = copied.v;
    x = copied.x;
  }
  settleHandle(g, v, x, exited);
}

/** What shared/ does with the outcome of a parallel goroutine: true if its handle is another thread's. */
export const elsewhere: {
  ended: (g: G, v: unknown, x: number, exited: boolean) => boolean;
  copy: (g: G, v: unknown, x: number) => { v: unknown; x: number };
} = { ended: () => false, copy: (_, v, x) => ({ v, x }) };

/** The outcome has come to where the handle is. */
export function settleHandle(g: G, v: unknown, x: number, exited: boolean): void {
  const ext = g.ext;
  g.status = (g.status & FLAGS) | DEAD;
  g.v = v;
  g.x = x;
  if (ext !== null) {
    if (ext.member !== null && !ext.member.left(g, v, x)) return;
    if (wakeJoiners(ext, v, x) | settle(g, ext, v, x, exited)) return;
  }
  if (x !== THROW) return;
  const bubble = bubbleOf(g);
  if (bubble !== null) bubble.failed(g, v, (g.status & KEPT) !== 0);
  else if ((g.status & KEPT) !== 0) keepFailure(g, v);
  else uncaught(g, v);
}

/** 1 when somebody was waiting. */
function wakeJoiners(ext: GExtra, v: unknown, x: number): number {
  const joiners = ext.joiners;
  if (joiners === null) return 0;
  ext.joiners = null;
  for (const waiter of joiners) {
    waiter.v = v;
    waiter.x = x;
    ready(waiter);
  }
  return joiners.length > 0 ? 1 : 0;
}

/** 1 when there is a promise. */
function settle(g: G, ext: GExtra, v: unknown, x: number, exited: boolean): number {
  const { resolve, reject } = ext;
  if (resolve === null || reject === null) return 0;
  ext.resolve = ext.reject = null;
  if (--S.mains === 0) letGo();
  if (exited && (g.status & MAIN) !== 0) {
    // Go: the program goes on until the others are done, and that is then a deadlock. The promise stays pending.
    S.exited++;
    return 1;
  }
  // An async body waits for what it has called: that had no goroutine to end, and the body would go on with `undefined`.
  if (exited && ext.body !== null) reject(nothingToEnd());
  else if (x === THROW) reject(v);
  else resolve(v);
  return 1;
}
