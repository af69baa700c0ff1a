/**
 * The tree: contexts that can end, and what ends with them.
 *
 *     CancelCtx ─ first ⇄ Child ⇄ … ⇄ Child ─ last     a CancelCtx, or a function of contextAfterFunc
 *
 * Invariants:
 * - a child is linked exactly while it and its parent go on: ended, or ended by its parent, it is in no list;
 * - ending allocates nothing for a child: the lists of the ended are spliced into one list of those still to end, so depth costs
 *   no stack either;
 * - code of the user (listeners of a signal) runs when the whole tree has ended.
 *
 * A parent that is not of this folder (somebody's own Context) is watched through its done channel; no goroutine is needed.
 */
import { Chan } from "../chan/chan.ts";
import type { RecvChan } from "../chan/ends.ts";
import { b } from "../internal/barrier.ts";
import { R } from "../internal/state.ts";
import { born, bornOf } from "../scheduler/bubble.ts";
import type { Node } from "../scheduler/g.ts";
import { SUDOG, type Sudog } from "../scheduler/waitq.ts";
import type { Context } from "./context.ts";
import { Canceled } from "./errors.ts";
import { doneOf } from "./given.ts";
import { Plain, ValueCtx, valueOf } from "./plain.ts";

/** Contexts on other threads: set by shared/contexts.ts, which this file cannot import. */
export const sharing: { share: (ctx: Context) => number } = {
  share: () => {
    throw new Error("gort: the threads are not loaded");
  },
};

/** What ends a context without a word: a time, and what another thread has said and nobody has told this one yet. */
export interface Ending {
  /** Ends the context if it is over. */
  check(): void;
  /** The same without a look at the time. */
  hear(): void;
  /** The nearest that another thread may have ended. */
  readonly remote: Ending | null;
  /** Its time is a bubble's. */
  readonly virtual: boolean;
  /** When, on the clock of `host.now`; Infinity: at no time. */
  readonly when: number;
  /** What its `cause()` is then. */
  readonly timeCause: Error;
}

/** In the list of a parent. */
export abstract class Child {
  next: Child | null = null;
  prev: Child | null = null;
  /** The list it is in. */
  in: CancelCtx | null = null;
  /** The same for a parent that is somebody's own. */
  watch: Foreign | null = null;

  /** Its parent has ended, or it does by itself; it is in no list. Gives the first of those that end with it. Runs no code of the user. */
  abstract end(err: Error, cause: Error): Child | null;

  /** Takes it out of its parent's list. */
  leave(): void {
    const parent = this.in;
    if (parent !== null) {
      const { next, prev } = this;
      if (prev === null) parent.first = next;
      else prev.next = next;
      if (next === null) parent.last = prev;
      else next.prev = prev;
      this.in = this.next = this.prev = null;
    } else if (this.watch !== null) {
      this.watch.leave();
      this.watch = null;
    }
  }

  /** Ends it as `parent`, which is somebody's own and has ended. */
  endWith(parent: Context): void {
    const err = parent.err() ?? Canceled;
    endAll(this, err, parent.cause() ?? err);
  }

  /** Puts it under `parent`, or ends it if that has ended. */
  join(parent: Context): void {
    const tree = treeOf(parent);
    const above = tree ?? parent;
    // Somebody's own might block.
    const err = b(above.err(), "err of a context");
    if (err !== undefined) {
      endAll(this, err, above.cause() ?? err);
    } else if (tree !== null) {
      const last = tree.last;
      this.in = tree;
      this.prev = last;
      if (last === null) tree.first = this;
      else last.next = this;
      tree.last = this;
    } else {
      const ch = doneOf(parent, "context");
      // It may have ended between the two questions: its time has come.
      if (ch.closed) this.endWith(parent);
      else if (!ch.isNil) this.watch = new Foreign(this, parent, ch);
    }
  }
}

/** Waits in the done channel of somebody's own context. */
class Foreign implements Sudog {
  next: Node = null;
  prev: Node = null;
  status: number = SUDOG;
  v: unknown = undefined;
  readonly child: Child;
  readonly parent: Context;
  readonly ch: Chan<never>;
  constructor(child: Child, parent: Context, ch: Chan<never>) {
    this.child = child;
    this.parent = parent;
    this.ch = ch;
    ch.addReceiver(this);
  }
  fire(): null {
    this.child.watch = null;
    this.child.endWith(this.parent);
    return null;
  }
  leave(): void {
    this.ch.removeReceiver(this);
  }
}

/** Trees that are being ended, one within the other where somebody's own context stands between; the signals to abort then. */
const ending: { depth: number; signals: CancelCtx[]; asked: [CancelCtx, Error, Error][] } = {
  depth: 0,
  signals: [],
  asked: [],
};

/** Ends `first`, which has left its list, and all below it: parents before children, older ones first. */
function endAll(first: Child, err: Error, cause: Error): void {
  ending.depth++;
  let c: Child | null = first;
  while (c !== null) {
    c.in = c.prev = null;
    const below = c.end(err, cause);
    const next: Child | null = c.next;
    c.next = null;
    if (below === null) c = next;
    else {
      // `end` has left the last of them in the `prev` of the first.
      (below.prev as Child).next = next;
      c = below;
    }
  }
  if (--ending.depth === 0 && ending.signals.length + ending.asked.length > 0) afterwards();
}

/** The tree has ended: what had to wait until it was whole. */
function afterwards(): void {
  const { signals, asked } = ending;
  ending.signals = [];
  ending.asked = [];
  for (const [c, err, cause] of asked) c.cancel(err, cause);
  // A listener is an event handler like any other: it may block, and is not the goroutine that cancels.
  const g = R.g;
  R.g = null;
  for (const c of signals) c.abort();
  R.g = g;
}

/** The nearest context that can end: `ctx` itself or an ancestor. Null when there is none, or only above somebody's own. */
export function treeOf(ctx: Context): CancelCtx | null {
  return ctx instanceof CancelCtx ? ctx : ctx instanceof Plain ? ctx.tree : null;
}

/** Who knows the deadline of a child of `parent`. */
function timedOf(parent: Context): Context {
  const base = parent instanceof ValueCtx ? parent.base : parent;
  return base instanceof CancelCtx ? base.timed : base;
}

/** What `done` gives where the context has ended before anybody asked. */
const ended: Chan<never> = new Chan<never>(0);
ended.close();

/** A context that can end. To be joined to its parent once it is made. */
export class CancelCtx extends Child implements Context {
  first: Child | null = null;
  last: Child | null = null;
  readonly parent: Context;
  /** The nearest that has a deadline of its own, or is no context of this file: who knows the deadline. */
  timed: Context;
  /** The nearest that ends by itself, this one included: whether it is over is a question to the clock. */
  clock: Ending | null;
  #err: Error | undefined = undefined;
  #cause: Error | undefined = undefined;
  #done: Chan<never> | null = null;
  #controller: AbortController | null = null;

  constructor(parent: Context) {
    super();
    this.parent = parent;
    this.timed = timedOf(parent);
    this.clock = treeOf(parent)?.clock ?? null;
    born(this);
  }

  done(): RecvChan<never> {
    if (this.#done === null) this.#done = this.err() === undefined ? bornOf(new Chan<never>(0), this) : ended;
    else if (this.clock !== null && this.#err === undefined) this.clock.hear();
    return this.#done;
  }

  err(): Error | undefined {
    if (this.#err === undefined && this.clock !== null) this.clock.check();
    return this.#err;
  }

  cause(): Error | undefined {
    this.err();
    return this.#cause;
  }

  deadline(): Date | undefined {
    return this.timed.deadline();
  }

  value(key: unknown): unknown {
    return valueOf(this, key);
  }

  get $above(): Context {
    return this.parent;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.err() !== undefined) this.abort();
    }
    return this.#controller.signal;
  }

  /** Ends it and what is below. Nothing happens if it has ended. */
  cancel(err: Error, cause: Error): void {
    if (this.#err !== undefined) return;
    if (ending.depth > 0) {
      // Somebody's own context, asked for its error, cancels another: it may stand among those still to end.
      ending.asked.push([this, err, cause]);
      return;
    }
    this.leave();
    endAll(this, err, cause);
  }

  override end(err: Error, cause: Error): Child | null {
    if (this.#err !== undefined) return null;
    this.#err = err;
    this.#cause = cause;
    this.release();
    // Code without types may have closed it.
    if (this.#done !== null && !this.#done.closed) this.#done.close();
    if (this.#controller !== null) ending.signals.push(this);
    const below = this.first;
    if (below !== null) below.prev = this.last;
    this.first = this.last = null;
    return below;
  }

  /** Lets go of what would have ended it. */
  release(): void {}

  abort(): void {
    this.#controller?.abort(this.#cause);
  }

  /** The address of its object; made when it first crosses to another thread. */
  $share(): number {
    return sharing.share(this);
  }

  [Symbol.dispose](): void {
    this.cancel(Canceled, Canceled);
  }

  override toString(): string {
    return `${String(this.parent)}.WithCancel`;
  }
}
