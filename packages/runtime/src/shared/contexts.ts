/**
 * Contexts that have crossed to another thread. Each thread has a context of its own that ends with the one it came from; the
 * object in the region is what they wait on, as receivers wait on a channel that is closed.
 *
 *     origin ─ Outpost (a child in its tree) ─ends─► object: error and cause, closed ─► a watch on each thread ─► its context ends
 *
 * Values cross where their keys mean the same on every thread: strings, numbers, `Symbol.for(…)`, and where they can cross.
 */
import type { Context } from "../context/context.ts";
import { asText, GortError } from "../errors/catalogue.ts";
import { background } from "../context/background.ts";
import { DeadlineCtx } from "../context/deadline.ts";
import { Canceled, DeadlineExceeded } from "../context/errors.ts";
import { CancelCtx, Child, sharing, treeOf, type Ending } from "../context/tree.ts";
import { shareHook, ValueCtx, valuesOf } from "../context/plain.ts";
import { host } from "../internal/host.ts";
import type { G, Node } from "../scheduler/g.ts";
import { SUDOG, type Sudog } from "../scheduler/waitq.ts";
import { decodeCell, dropCell, encodeKept } from "./codec.ts";
import { defineKind, keepHandle } from "./handles.ts";
import { CELL, CONTEXT, O_BUFFER, O_CLOSED, O_FAILURE, O_HOLDER, QUEUED, R_SLOT } from "./layout.ts";
import { freeObject, newObject } from "./objects.ts";
import { allocate, X } from "./region.ts";
import { NodeWait } from "./waiters.ts";
import { waitRecord } from "./waits.ts";

/** What is written once, when the context crosses: deadline, whether it can end at all, values. */
type Written = [deadline: Deadline | undefined, ends: boolean, values: [unknown, unknown][]];
/** For people; on the clock of all threads, if it is known; and the cause it ends with. */
type Deadline = [date: number, when: number | undefined, cause: unknown];

/** The clock of all threads, ms. That of `host.now` begins with the thread. */
const ticks = (): number => Number(process.hrtime.bigint()) / 1e6;
/** How much later a thread ends what another thread's time ends, ms: not before that does. */
const LATER = 0.1;
let ahead = NaN;

/** What `ticks` is ahead of `host.now`: of some pairs the one that was taken in the shortest time. */
function difference(): number {
  if (!Number.isNaN(ahead)) return ahead;
  let best = Infinity;
  for (let i = 0; i < 8; i++) {
    const before = host.now();
    const at = ticks();
    const after = host.now();
    if (after - before >= best) continue;
    best = after - before;
    ahead = at - (before + after) / 2;
  }
  return ahead;
}

/** `e`, or what is left of it where that cannot cross. */
function sayable(e: Error): unknown {
  if (e === Canceled) return 0;
  if (e === DeadlineExceeded) return 1;
  const cell = allocate(CELL);
  try {
    encodeKept(cell, e, "the cause of a context");
    dropCell(cell);
    return e;
  } catch {
    return new Error(asText(e));
  } finally {
    X.p.release(cell, 0);
  }
}

function deadlineOf(ctx: Context): Deadline | undefined {
  const date = ctx.deadline()?.getTime();
  if (date === undefined) return undefined;
  const clock = treeOf(ctx)?.clock;
  if (clock === null || clock === undefined || clock.when === Infinity) return [date, undefined, 1];
  return [date, clock.when + difference(), sayable(clock.timeCause)];
}

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
  // A value of it may refer to it.
  objects.set(ctx, o);
  keepHandle(o, ctx);
  const ends = !(ctx.done() as unknown as { isNil: boolean }).isNil;
  const values: [unknown, unknown][] = [];
  const cell = allocate(CELL);
  for (const [key, value] of crossing(ctx)) {
    const name = typeof key === "symbol" ? [Symbol.keyFor(key)] : key;
    try {
      encodeKept(cell, value, "a value of the context");
      dropCell(cell);
      values.push([name, value]);
    } catch {
      // It stays behind.
    }
  }
  encodeKept(cell, [deadlineOf(ctx), ends, values] satisfies Written, "a context");
  X.I[(o + O_BUFFER) >> 2] = cell;
  if (ends) {
    X.I[(o + O_HOLDER) >> 2] = X.m + 1;
    new Outpost(o).join(ctx);
  }
  return o;
}

/** The thread that `o` came from has ended: nothing can end it any more, and whoever waits for that is told. */
export function failContext(o: number, error: GortError): void {
  const { I } = X;
  if (I[(o + O_FAILURE) >> 2] === 0) {
    const cell = allocate(CELL);
    encodeKept(cell, [0, error], "the cause of a context");
    I[(o + O_FAILURE) >> 2] = cell;
  }
  X.p.close(o);
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
      encodeKept(cell, [kind === 2 ? err : kind, said(cause)], "the cause of a context");
    } catch {
      encodeKept(
        cell,
        [kind === 2 ? new Error(asText(err)) : kind, new Error(asText(cause))],
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

function until(parent: Context, date: number, when: number | undefined, cause: unknown): DeadlineCtx {
  const here = when === undefined ? host.now() + date - host.date() : when - difference() + LATER;
  return new DeadlineCtx(parent, null, here, new Date(date), errorOf(cause));
}

/**
 * The clock of a context from another thread. That it has ended there stands in the region before anybody can say so, and comes through the
 * inbox: who was told by a value it has received looks here.
 */
class Remote implements Ending {
  readonly virtual = false;
  readonly #watcher: Watcher;
  readonly #o: number;
  readonly #own: Ending | null;
  constructor(watcher: Watcher, o: number, own: Ending | null) {
    this.#watcher = watcher;
    this.#o = o;
    this.#own = own;
  }
  get when(): number {
    return this.#own?.when ?? Infinity;
  }
  get timeCause(): Error {
    return this.#own?.timeCause ?? DeadlineExceeded;
  }
  check(): void {
    this.hear();
    this.#own?.check();
  }
  get remote(): this {
    return this;
  }
  hear(): void {
    if (X.I[(this.#o + O_CLOSED) >> 2] !== 0) this.#watcher.fire();
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
    const ctx = deadline === undefined ? new CancelCtx(parent) : until(parent, ...deadline);
    objects.set(ctx, o);
    ctx.join(parent);
    const r = waitRecord();
    const watcher = new Watcher(ctx, o);
    ctx.clock = new Remote(watcher, o, ctx.clock);
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
      dropCell(at);
      X.p.release(at, 0);
    }
    freeObject(o);
  },
});

/** The key under which a context that never ends is another object on each thread: nobody asks for it. */
const THREAD: object = {};
