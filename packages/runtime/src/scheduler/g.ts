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
import type { Bubble } from "./bubble.ts";
import { goroutineName, join, toPromise } from "./goroutine.ts";

// Status: the low four bits. Go's numbers; the running one is R.g, and RUNNABLE.
export const IDLE = 0;
export const RUNNABLE = 1;
export const SYSCALL = 3;
export const WAITING = 4;
export const DEAD = 6;
export const STATUS = 0b1111;

// Flags: kept over changes of status.
/** Somebody holds the handle: an exception waits for `join`. */
export const KEPT = 0b1_0000;
/** Entered from a promise, timer or event: never preempted. */
export const CALLBACK = 0b10_0000;
/** Its end ends the program. */
export const MAIN = 0b100_0000;
/** It has parked once: it is in the list of all goroutines. */
export const LISTED = 0b1000_0000;
/** Nobody has been given the handle: if it ends without having parked, nothing knows it, and it is another goroutine next. */
export const LOOSE = 0b1_0000_0000;
/** It has been preempted: what its frames saved may be old to the collector (frames.ts). */
export const PREEMPTED = 0b10_0000_0000;
export const FLAGS = 0b11_1111_0000;

/** The wait reason stands above the flags. */
export const REASON_SHIFT = 10;

// Values of `x`.
/** `v` is a value. */
export const VALUE = 0;
/** `v` is an exception. */
export const THROW = 1;
/** `x` >= FRESH: not started. The function takes nothing, `w`, or the elements of `w`. */
export const FRESH = 2;
export const FRESH_ONE = 3;
export const FRESH_MANY = 4;

/** What a goroutine waits on. */
export interface Waitable {
  /** Takes `g` out of whatever would wake it, losing nothing. False: it is too late, the wait has succeeded and will wake it. */
  cancelWait(g: G): void | boolean;
  /** After that: the goroutine goes on without the outcome of the wait. */
  abandon?(): void;
}

/** What few goroutines have. */
export class GExtra {
  name: string = "";
  labels: Readonly<Record<string, string>> | null = null;
  /** Goroutines in `join`, first come first. */
  joiners: G[] | null = null;
  resolve: ((value: unknown) => void) | null = null;
  reject: ((error: unknown) => void) | null = null;
  promise: Promise<unknown> | null = null;
  /** The async body that blocked, which has no frame and awaits the goroutine: see frames.ts, `bodyAt`. Null where none did. */
  body: string | null = null;
  /** lockOSThread minus unlockOSThread. */
  locked: number = 0;
  /** A parallel goroutine that has started: it shares no heap with the others of this thread. */
  parallel: boolean = false;
  /** The record of a parallel goroutine: what its end is told through, or 0. */
  task: number = 0;
  /** Hears of the end of a parallel goroutine by its handle, before who joins it; whether its error is to be kept with it. */
  member: { left(g: G, v: unknown, x: number): boolean } | null = null;
  /** The bubble it is in, by {@link bubbleOf}: what a bubble is stays out of the declarations of the API. */
  bubble: object | null = null;
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

/** The extras of `g`, made on first use. */
export function extra(g: G): GExtra {
  return (g.ext ??= new GExtra());
}

/** A goroutine has the labels that its creator had then, and is in its bubble. */
export function inheritExtra(creator: GExtra, g: G): void {
  if (creator.labels !== null) extra(g).labels = creator.labels;
  if (creator.bubble !== null) (creator.bubble as Bubble).join(g);
}
