/**
 * Contexts that have crossed to another thread. Each thread has a context of its own that ends with the one it came from; the
 * object in the region is what they wait on, as receivers wait on a channel that is closed.
 *
 *     origin ─ Outpost (a child in its tree) ─ends─► object: error and cause, closed ─► a watch on each thread ─► its context ends
 *
 * Values cross where their keys mean the same on every thread: strings, numbers, `Symbol.for(…)`, and where they can cross.
 */
import type { Context } from "../context/context.ts";
import { GortError } from "../errors/catalogue.ts";
import { background } from "../context/background.ts";
import { DeadlineCtx } from "../context/deadline.ts";
import { Canceled, DeadlineExceeded } from "../context/errors.ts";
import { CancelCtx, Child, sharing, treeOf } from "../context/tree.ts";
import { shareHook, ValueCtx, valuesOf } from "../context/plain.ts";
import { host } from "../internal/host.ts";
import type { G, Node } from "../scheduler/g.ts";
import { SUDOG, type Sudog } from "../scheduler/waitq.ts";
import { decodeCell, encodeCell } from "./codec.ts";
import { freeObject, newObject, NodeWait } from "./channel.ts";
import { defineKind, keepHandle } from "./handles.ts";
import { CELL, CONTEXT, O_BUFFER, O_CLOSED, O_FAILURE, QUEUED, R_SLOT } from "./layout.ts";
import { allocate, X } from "./region.ts";
import { waitRecord } from "./waits.ts";

/** What is written once, when the context crosses: deadline, whether it can end at all, values. */
type Written = [deadline: number | undefined, ends: boolean, values: [unknown, unknown][]];

function crossing(ctx: Context): [unknown, unknown][] {
  return valuesOf(ctx).filter(
    ([key]) =>
      typeof key === "string" ||
      typeof key === "number" ||
      (typeof key === "symbol" && Symbol.keyFor(key) !== undefined),
  );
}

const objects: WeakMap<Context, number> = new WeakMap();

function share(ctx: Context): number {
  const known = objects.get(ctx);
  if (known !== undefined) return known;
  if (treeOf(ctx)?.clock?.virtual === true)
    throw new GortError("GORT_SHARE", "a context with a deadline on a bubble's clock stays in the bubble");
  const o = newObject(CONTEXT);
  const deadline = ctx.deadline();
  const ends = !(ctx.done() as unknown as { isNil: boolean }).isNil;
  const values: [unknown, unknown][] = [];
  const cell = allocate(CELL);
  for (const [key, value] of crossing(ctx)) {
    const name = typeof key === "symbol" ? [Symbol.keyFor(key)] : key;
    try {
      encodeCell(cell, value, "a value of the context");
      decodeCell(cell);
      values.push([name, value]);
    } catch {
      // It stays behind.
    }
  }
  encodeCell(cell, [deadline?.getTime(), ends, values] satisfies Written, "a context");
  X.I[(o + O_BUFFER) >> 2] = cell;
  objects.set(ctx, o);
  keepHandle(o, ctx);
  if (ends) new Outpost(o).join(ctx);
  return o;
}
sharing.share = share;
shareHook.share = share;

/** In the tree of the origin: tells the other threads that it has ended. */
class Outpost extends Child {
  readonly #o: number;
  constructor(o: number) {
    super();
    this.#o = o;
  }
  override end(err: Error, cause: Error): null {
    const cell = allocate(CELL);
    const kind = err === Canceled ? 0 : err === DeadlineExceeded ? 1 : 2;
    const said = (e: Error): unknown => (e === Canceled ? 0 : e === DeadlineExceeded ? 1 : e);
    try {
      encodeCell(cell, [kind === 2 ? err : kind, said(cause)], "the cause of a context");
    } catch {
      encodeCell(
        cell,
        [kind === 2 ? new Error(String(err)) : kind, new Error(String(cause))],
        "the cause of a context",
      );
    }
    X.I[(this.#o + O_FAILURE) >> 2] = cell;
    X.p.close(this.#o);
    return null;
  }
}

function errorOf(said: unknown): Error {
  return said === 0 ? Canceled : said === 1 ? DeadlineExceeded : (said as Error);
}

/** Waits for the end of the origin. */
class Watcher implements Sudog {
  next: Node = null;
  prev: Node = null;
  status: number = SUDOG;
  v: unknown = undefined;
  readonly #ctx: CancelCtx;
  readonly #o: number;
  constructor(ctx: CancelCtx, o: number) {
    this.#ctx = ctx;
    this.#o = o;
  }
  fire(): G | null {
    const [err, cause] = decodeCell(X.I[(this.#o + O_FAILURE) >> 2] as number, true) as [unknown, unknown];
    this.#ctx.cancel(errorOf(err), errorOf(cause));
    return null;
  }
}

defineKind(CONTEXT, {
  adopt(o: number): object {
    const [deadline, ends, values] = decodeCell(X.I[(o + O_BUFFER) >> 2] as number, true) as Written;
    let parent: Context = background();
    for (const [key, value] of values)
      parent = new ValueCtx(parent, null, Array.isArray(key) ? Symbol.for(key[0] as string) : key, value);
    if (!ends) {
      const plain = new ValueCtx(parent, null, THREAD, true);
      objects.set(plain, o);
      return plain;
    }
    const ctx =
      deadline === undefined
        ? new CancelCtx(parent)
        : new DeadlineCtx(parent, null, host.now() + deadline - host.date(), new Date(deadline));
    objects.set(ctx, o);
    ctx.join(parent);
    const r = waitRecord();
    const watcher = new Watcher(ctx, o);
    const wait = new NodeWait(watcher, r, false);
    X.I[(r + R_SLOT) >> 2] = wait.slot;
    if (X.p.recv(o, r, true) !== QUEUED) wait.abandon();
    if (X.I[(o + O_CLOSED) >> 2] !== 0) watcher.fire();
    return ctx;
  },
  free(o: number): void {
    const { I } = X;
    for (const at of [I[(o + O_BUFFER) >> 2] as number, I[(o + O_FAILURE) >> 2] as number]) {
      if (at === 0) continue;
      decodeCell(at);
      X.p.release(at, 0);
    }
    freeObject(o);
  },
});

/** The key under which a context that never ends is another object on each thread: nobody asks for it. */
const THREAD: object = {};
