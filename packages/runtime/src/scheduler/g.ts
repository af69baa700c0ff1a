/**
 * G: one goroutine. It is its own handle (`Goroutine`), its own node in a wait queue, and its own node in the global
 * run queue, so that starting, parking and waking one allocates nothing else.
 *
 * Invariants:
 * - a G is in at most one queue at a time (`next`, `prev`): a wait queue while WAITING, a run queue while RUNNABLE;
 *   in none, both are null;
 * - a G is in the list of all goroutines (`anext`, `aprev`) from its first park until it is DEAD (all.ts);
 * - before its first run `x` >= FRESH, `v` is the function, `w` its argument or arguments;
 * - while it waits, `w` is what it waits on, which can undo the wait;
 * - once it runs again `x` and `v` are the outcome of the wait; once DEAD, the outcome of the function;
 * - one that nobody can have kept is used again for another goroutine (LOOSE, Hot.free): most of a crowd never park.
 *
 * All fields are set here, in one order, by nobody else first: 144 bytes.
 */
import type { AsyncResource } from "node:async_hooks";
import { inspect } from "node:util";
import type { Frame } from "../internal/state.ts";
import type { Context } from "../context/context.ts";
import type { GExtra } from "./extra.ts";
import { goroutineName, join, toPromise } from "./goroutine.ts";
import { FLAGS, LOOSE, RUNNABLE, VALUE } from "./status.ts";

/** What a goroutine waits on. */
export interface Waitable {
  /** Takes `g` out of whatever would wake it, losing nothing. False: it is too late, the wait has succeeded and will wake it. */
  cancelWait(g: G): void | boolean;
  /** After that: the goroutine goes on without the outcome of the wait. */
  abandon?(): void;
}

/** The handle of a goroutine, as `go` returns it. */
export interface Goroutine<R = unknown> {
  /** A number no other goroutine of this process has; main is 1. */
  readonly id: number;
  /** The name given by {@link setName}, or the name of its function. */
  readonly name: string;
  /**
   * Parks the caller until the goroutine has ended; returns its result or throws what it threw.
   * @param ctx stop waiting when it ends (throws its error)
   */
  join(ctx?: Context): R;
  /** The same for ordinary async code. */
  asPromise(): Promise<R>;
}

/** A node of a wait queue: a G (status > 0), or a sudog (status < 0) where one goroutine waits in several queues. */
export interface WaitNode {
  next: Node;
  prev: Node;
  status: number;
  v: unknown;
}
export type Node = WaitNode | null;

export class G implements Goroutine, WaitNode {
  id: number;
  /** Status, flags, wait reason. */
  status: number;
  /** When the wait began: whole milliseconds of the loop's clock (read once per event-loop entry). */
  since: number;
  /**
   * Innermost captured frame. Before the first run: frames the runtime put under the function. While it runs: the frame
   * that was resumed last; its callers are on the heap, not on the native stack.
   */
  frame: Frame | null;
  v: unknown;
  x: number;
  w: unknown;
  next: Node;
  prev: Node;
  anext: G | null;
  aprev: G | null;
  /** The creator's id; 0 if code outside any goroutine. */
  parent: number;
  /** `"function\nfile:line:col"` of the creation, or null. */
  site: string | null;
  /** The AsyncLocalStorage context; undefined when no store is set. */
  als: AsyncResource | undefined;
  ext: GExtra | null;

  constructor(
    id: number,
    flags: number,
    f: unknown,
    x: number,
    w: unknown,
    parent: number,
    site: string | null,
    als: AsyncResource | undefined,
  ) {
    this.id = id;
    this.status = flags | RUNNABLE;
    this.since = 0;
    this.frame = null;
    this.v = f;
    this.x = x;
    this.w = w;
    this.next = null;
    this.prev = null;
    this.anext = null;
    this.aprev = null;
    this.parent = parent;
    this.site = site;
    this.als = als;
    this.ext = null;
  }

  /** Makes a free one (Hot.free) another goroutine: what is not set here is as it was in a new one. */
  again(
    id: number,
    f: unknown,
    x: number,
    w: unknown,
    parent: number,
    site: string | null,
    als: AsyncResource | undefined,
  ): void {
    this.id = id;
    this.status = LOOSE | RUNNABLE;
    this.v = f;
    this.x = x;
    this.w = w;
    this.next = null;
    this.parent = parent;
    this.site = site;
    this.als = als;
  }

  get name(): string {
    return goroutineName(this);
  }

  join(ctx?: Context): unknown {
    return join(this, ctx);
  }

  asPromise(): Promise<unknown> {
    return toPromise(this);
  }

  /** Undoes the wait this goroutine is in: it is running again, and nobody will wake it. False: it is too late. */
  cancel(): boolean {
    const w = this.w as Waitable | null;
    if (w !== null && w.cancelWait(this) === false) return false;
    this.running();
    return true;
  }

  /** It does not wait after all. */
  running(): void {
    this.w = null;
    this.status = (this.status & FLAGS) | RUNNABLE;
    this.v = undefined;
    this.x = VALUE;
  }

  /** For inspectors: a goroutine prints as what it is, not as a graph of all the others. */
  toString(): string {
    return `goroutine ${this.id}`;
  }
}

Object.defineProperty(G.prototype, inspect.custom, {
  value(this: G): string {
    return `Goroutine { id: ${this.id}, name: '${this.name}' }`;
  },
});
