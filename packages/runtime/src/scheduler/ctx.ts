/**
 * Waiting with a context: any wait can be given up when a context ends.
 *
 *     wait parked on w ──► watch(g, ctx) ──► g waits on the Watch, which knows w
 *         w wakes g    → the frame takes the watch off ctx.done() again
 *         ctx ends     → w.cancelWait(g), and g resumes with ctx.err() thrown
 *
 * The watch is a frame above the wait and a node in the done channel's queue.
 */
import type { Context } from "../context/context.ts";
import type { Chan } from "../chan/chan.ts";
import { doneOf, endOf } from "../context/given.ts";
import { undo } from "../internal/entry.ts";
import { R, RUNNING, type Frame } from "../internal/state.ts";
import { REASON_SHIFT, STATUS, THROW, WAITING } from "./status.ts";
import type { G, Node, Waitable } from "./g.ts";
import { throwing } from "./thrown.ts";
import { SUDOG, type Sudog } from "./waitq.ts";

/** The frame above the wait, and what the goroutine waits on. */
export class Watch implements Frame, Waitable {
  readonly r: (f: Frame | null) => unknown = watchFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly node: WatchNode;
  inner: Waitable | null;
  constructor(node: WatchNode, inner: Waitable | null) {
    this.node = node;
    this.inner = inner;
  }
  cancelWait(g: G): void | boolean {
    if (this.inner !== null && this.inner.cancelWait(g) === false) return false;
    this.node.leave();
    return true;
  }
}

/** The node in the queue of `ctx.done()`. */
class WatchNode implements Sudog {
  next: Node = null;
  prev: Node = null;
  status: number = SUDOG;
  v: unknown = undefined;
  g: G | null;
  readonly ctx: Context;
  readonly ch: Chan<never>;
  constructor(g: G, ctx: Context, ch: Chan<never>) {
    this.g = g;
    this.ctx = ctx;
    this.ch = ch;
  }
  /** Called by the channel: it was closed (a done channel carries no values). */
  fire(): G | null {
    const g = this.g;
    this.g = null;
    // Runnable: the wait has just succeeded, and its value must not be lost.
    if (g === null || (g.status & STATUS) !== WAITING) return null;
    if (!g.cancel()) return null;
    g.v = errorOf(this.ctx);
    g.x = THROW;
    return g;
  }

  leave(): void {
    if (this.g === null) return;
    this.g = null;
    this.ch.removeReceiver(this);
  }
}

function watchFrame(f: Frame | null): unknown {
  if (f === null) return "gort.context\n\n";
  (f as Watch).node.leave();
  if (R.x === 1) {
    throwing(R.v, (f as Watch).next);
    throw R.v;
  }
  return R.v;
}

/** Why `ctx`, whose done channel was closed, ended. It may be somebody's own, which need not keep to the rules. */
function errorOf(ctx: Context): unknown {
  try {
    return ctx.err() ?? new Error("gort: the context's done channel was closed, but it has no error");
  } catch (e) {
    return e;
  }
}

/** Throws the error of `ctx` if it has ended; a TypeError if it is no context. */
export function goesOn(ctx: Context, reason: number): void {
  const err = endOf(ctx, reason);
  if (err === undefined) return;
  throwing(err, null);
  throw err;
}

/** What keeps a wait from beginning. */
class Refused {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

/**
 * The done channel of a context, or why it has ended. Asking may run code of the user: the context may be their own, and one that ends now
 * calls the listeners of its signal. The wait is set aside meanwhile: that code is not the goroutine that waits.
 */
function askAside(ctx: Context, reason: number): Chan<never> | Refused {
  const { u, head, tail, left, own, g } = R;
  const first = head.next;
  R.u = RUNNING;
  R.tail = head;
  head.next = null;
  R.left = 0;
  R.own = null;
  R.g = null;
  try {
    const err = endOf(ctx, reason);
    return err === undefined ? doneOf(ctx, reason) : new Refused(err);
  } finally {
    R.u = u;
    R.tail = tail;
    head.next = first;
    R.left = left;
    R.own = own;
    R.g = g;
  }
}

/** `g` has just parked; it gives up when `ctx` ends. Throws if `ctx` has ended, unless the wait is over already. */
export function watch(g: G, ctx: Context): void {
  const refused = tryWatch(g, ctx);
  if (refused === null) return;
  // Served meanwhile, here by what the end of the context has called, or on another thread: what was taken or given for it must be
  // neither lost nor denied.
  if ((g.status & STATUS) !== WAITING) return;
  const w = g.w as Waitable | null;
  if (w !== null && w.cancelWait(g) === false) return;
  g.w = null;
  undo(g);
  throw refused.error;
}

/** The same, with what is to be thrown as the result; `g` waits as before then. */
export function tryWatch(g: G, ctx: Context): Refused | null {
  let ch: Chan<never> | Refused;
  try {
    ch = askAside(ctx, g.status >> REASON_SHIFT);
  } catch (error) {
    return new Refused(error);
  }
  if (ch instanceof Refused) {
    throwing(ch.error, null);
    return ch;
  }
  // Served by what was asked.
  if (ch.isNil || (g.status & STATUS) !== WAITING) return null;
  if (ch.closed) {
    const error = errorOf(ctx);
    throwing(error, null);
    return new Refused(error);
  }
  const node = new WatchNode(g, ctx, ch);
  const frame = new Watch(node, g.w as Waitable | null);
  ch.addReceiver(node);
  g.w = frame;
  R.tail = R.tail.next = frame;
  return null;
}

/** What `g` waits on is another thing from here on: a channel has become shared under it. */
export function rewait(g: G, w: Waitable): void {
  if (g.w instanceof Watch) g.w.inner = w;
  else g.w = w;
}
