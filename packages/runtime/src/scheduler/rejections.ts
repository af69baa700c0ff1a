/**
 * Rejections that a preempted goroutine may still catch. Node reports a promise that was rejected and has no handler once the code that
 * runs has come to its end. A preemption lets the event loop turn in the middle of it, and what the goroutine was about to catch would
 * end the process.
 *
 *     preempted ──► cut ──► Node reports it ──► held ──► everyone who was cut has parked or ended ──► rejected anew ──► Node reports it
 *                                                 └────► handled: nobody is told
 *
 * Which goroutine rejected it Node does not say: it is held for all that were cut in the same turn of the event loop, for PATIENCE at most,
 * so that one that computes without an end keeps no other's failure. Node reports by `process.emit`, which is therefore ours from the first
 * preemption on; with `--unhandled-rejections=strict` it does not ask there first.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { types } from "node:util";
import { RUNNABLE, STATUS, type G } from "./g.ts";
import { S } from "./p.ts";
import { attach, detach, type Tracer } from "./tracer.ts";

/** How long a goroutine may compute until what nobody has handled by then is reported, in milliseconds. */
const PATIENCE = 10_000;

class Held {
  readonly promise: Promise<unknown>;
  /** Whose stretch of code is not over. Empty: Node is about to report it anew. */
  readonly cut: Set<G>;
  /** Rejects a promise with the reason, in the async context of the first. */
  readonly again: () => Promise<never>;
  /** By this thread's clock, ms. */
  readonly until: number;

  constructor(reason: unknown, promise: Promise<unknown>, cut: Iterable<G>, until: number) {
    this.promise = promise;
    this.cut = new Set(cut);
    this.until = until;
    const inContext = AsyncLocalStorage.snapshot();
    this.again = () => inContext(() => Promise.reject(reason));
  }
}

/** Whether `process.emit` is ours. */
let ours = false;
const held: Map<Promise<unknown>, Held> = new Map();
/** The promises that were rejected anew, and for which ones. */
const anew: WeakMap<Promise<unknown>, Promise<unknown>> = new WeakMap();

/** The event loop is going to turn while `g` is in the middle of its code. */
export function interrupted(g: G): void {
  S.cut.add(g);
  if (!ours) takeEmit();
}

type Emit = (this: NodeJS.Process, event: string | symbol, ...args: unknown[]) => boolean;

function takeEmit(): void {
  ours = true;
  const emit = process.emit as Emit;
  process.emit = function (this: NodeJS.Process, event: string | symbol, ...args: unknown[]): boolean {
    if (event === "unhandledRejection" && types.isPromise(args[1])) {
      const [reason, rejected] = args as [unknown, Promise<unknown>];
      const first = anew.get(rejected);
      const promise = first ?? rejected;
      return hold(reason, promise, first !== undefined) || Reflect.apply(emit, this, [event, reason, promise]);
    }
    if (event === "rejectionHandled" && handled(args[0] as Promise<unknown>)) return true;
    return Reflect.apply(emit, this, [event, ...args]);
  } as typeof process.emit;
}

/** Whether nobody is told of it, yet or at all. */
function hold(reason: unknown, promise: Promise<unknown>, isAnew: boolean): boolean {
  const before = held.get(promise);
  // It has been handled since.
  if (isAnew && before === undefined) return true;
  const until = before?.until ?? S.now + PATIENCE;
  if (S.cut.size > 0 && S.now <= until) {
    held.set(promise, new Held(reason, promise, S.cut, until));
    if (held.size === 1 && before === undefined) attach(watcher);
    return true;
  }
  if (before !== undefined) drop(promise);
  return false;
}

/** A handler has come to one that Node has reported: true if only to us. */
function handled(promise: Promise<unknown>): boolean {
  if (!held.has(promise)) return false;
  drop(promise);
  return true;
}

function drop(promise: Promise<unknown>): void {
  held.delete(promise);
  if (held.size === 0) detach(watcher);
}

/** Node will report it anew, behind what runs now and its microtasks: whoever handles it by then is in time. */
function release(h: Held): void {
  h.cut.clear();
  anew.set(h.again(), h.promise);
}

/** `g` has come to the end of a stretch of its code. */
function passed(g: G): void {
  for (const h of held.values()) if (h.cut.delete(g) && h.cut.size === 0) release(h);
}

function nothing(): void {}

/** There while something is held. */
const watcher: Tracer = {
  stopped(g: G): void {
    if ((g.status & STATUS) !== RUNNABLE) passed(g);
  },
  ended: passed,
  entered(): void {
    for (const h of held.values()) if (h.cut.size > 0 && S.now > h.until) release(h);
  },
  created: nothing,
  started: nothing,
  readied: nothing,
  relabelled: nothing,
  left: nothing,
  taskBegun: nothing,
  taskEnded: nothing,
  regionBegun: nothing,
  regionEnded: nothing,
  logged: nothing,
};
