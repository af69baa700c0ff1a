/**
 * Rejections that a preempted goroutine may still catch. Node reports a promise that was rejected and has no handler once the code that
 * runs has come to its end. A preemption lets the event loop turn in the middle of it, and what the goroutine was about to catch would
 * end the process.
 *
 *     preempted ──► amid ──► Node reports it ──► held ──► everyone who was amid has parked or ended ──► rejected anew ──► Node reports it
 *                                                  └────► handled: nobody is told
 *
 * Whose it is Node does not say, and a promise may be rejected long before the code that awaits it goes on: it is held for all that are in
 * the middle of their code, for PATIENCE at most, so that one that computes without an end keeps no other's failure. Node reports by
 * `process.emit`, which is therefore ours from the first preemption on; with `--unhandled-rejections=strict`, and where the promise was
 * rejected in a domain, it does not ask there first.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { RUNNABLE, STATUS } from "./status.ts";
import type { G } from "./g.ts";
import { S } from "./p.ts";
import { attach, detach, type Tracer } from "./tracer.ts";

/** How long goroutines may compute until what nobody has handled by then is reported, in milliseconds. */
const PATIENCE = 10_000;
/** So much of it at most has passed since the loop was entered last: a process that was stopped, by a debugger for instance, did not compute. */
const STEP = 100;

/** What is rejected: Node gives a promise, who calls `process.emit` anything. */
type Rejected = Promise<unknown>;

class Held {
  readonly promise: Rejected;
  /** Of those who are amid, the last one it waits for. */
  readonly last: number;
  /** By `clock`. */
  readonly until: number;
  /** Rejects a promise with the reason, in the async context of the first. */
  readonly again: () => Promise<never>;

  constructor(reason: unknown, promise: Rejected) {
    this.promise = promise;
    this.last = cut.n;
    this.until = clock.ms + PATIENCE;
    const inContext = AsyncLocalStorage.snapshot();
    this.again = () => inContext(() => Promise.reject(reason));
  }
}

/** The last number given to a goroutine that was cut, the `emit` that is ours, and whether it tells: below another's there may be one more of ours. */
const cut: { n: number; emit: NodeJS.Process["emit"] | null; tells: boolean } = { n: 0, emit: null, tells: false };
/** Who is in the middle of its code, with its number, in this order. */
const amid: Map<G, number> = new Map();
/** How long has been computed while something was held, and when that was counted last, in milliseconds. */
const clock = { ms: 0, counted: 0 };
/** What nobody has been told of, and of these what is not rejected anew yet: in the order they came. */
const held: Map<Rejected, Held> = new Map();
const waiting: Set<Held> = new Set();
/** The promises that were rejected anew. */
const anew: WeakMap<Rejected, Held> = new WeakMap();

/** The event loop is going to turn while `g` is in the middle of its code. */
export function interrupted(g: G): void {
  if (!amid.has(g)) amid.set(g, ++cut.n);
  // A program may have put back the one it had found.
  if (process.emit !== cut.emit) takeEmit();
}

/** The loop is left: nobody is kept here who has come to the end of that code. */
export function forgetPassed(): void {
  if (amid.size === 0) return;
  for (const g of amid.keys()) if ((g.status & STATUS) !== RUNNABLE) amid.delete(g);
  if (waiting.size > 0) releasePassed();
}

type Emit = (this: NodeJS.Process, event: string | symbol, ...args: unknown[]) => boolean;

function takeEmit(): void {
  const emit = process.emit as Emit;
  cut.emit = process.emit = function (this: NodeJS.Process, event: string | symbol, ...args: unknown[]): boolean {
    if (event === "unhandledRejection") {
      const [reason, promise] = args as [unknown, Rejected];
      const first = anew.get(promise);
      if (first !== undefined) {
        // It has been handled since.
        if (!drop(first.promise)) return true;
        cut.tells = true;
        try {
          return Reflect.apply(emit, this, [event, reason, first.promise]);
        } finally {
          cut.tells = false;
        }
      }
      if (hold(reason, promise)) return true;
    } else if (event === "rejectionHandled" && drop(args[0] as Rejected)) return true;
    return Reflect.apply(emit, this, [event, ...args]);
  } as typeof process.emit;
}

/** Whether nobody is told of it yet. */
function hold(reason: unknown, promise: Rejected): boolean {
  if (amid.size === 0 || cut.tells || typeof promise !== "object" || held.has(promise)) return false;
  const h = new Held(reason, promise);
  held.set(promise, h);
  waiting.add(h);
  if (held.size === 1) {
    clock.counted = S.now;
    attach(watcher);
  }
  return true;
}

/** It is told of, or a handler has come to it: true if nobody had been told. */
function drop(promise: Rejected): boolean {
  const h = held.get(promise);
  if (h === undefined) return false;
  waiting.delete(h);
  held.delete(promise);
  if (held.size === 0) detach(watcher);
  return true;
}

/** Node will report it anew, behind what runs now and its microtasks: whoever handles it by then is in time. */
function release(h: Held): void {
  waiting.delete(h);
  anew.set(h.again(), h);
}

/** `g` has come to the end of a stretch of its code. */
function passed(g: G): void {
  if (amid.delete(g)) releasePassed();
}

/** Releases what waits for nobody any more. */
function releasePassed(): void {
  const [first = Infinity] = amid.values();
  for (const h of waiting) {
    if (h.last >= first) return;
    release(h);
  }
}

function nothing(): void {}

/** There while something is held. */
const watcher: Tracer = {
  stopped(g: G): void {
    if ((g.status & STATUS) !== RUNNABLE) passed(g);
  },
  ended: passed,
  entered(): void {
    clock.ms += Math.min(S.now - clock.counted, STEP);
    clock.counted = S.now;
    for (const h of waiting) {
      if (clock.ms <= h.until) return;
      release(h);
    }
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
