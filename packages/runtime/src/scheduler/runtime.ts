/** What package runtime of Go offers: yielding, ending, counting, labels, statistics. */
import { availableParallelism } from "node:os";
import { wants } from "../errors/catalogue.ts";
import { PARK, R, suspendable } from "../internal/state.ts";
import { extra } from "./extra.ts";
import type { G } from "./g.ts";
import { endOrWait, type Ender } from "./finally.ts";
import { maxStack } from "./grow.ts";
import { S } from "./p.ts";
import { current, nothingToEnd, notStarted, yieldToGlobal } from "./park.ts";

/**
 * Lets other goroutines run: the caller goes to the global queue's tail. Go: runtime.Gosched.
 * @throws GortError where a goroutine cannot park
 */
export function gosched(): void {
  yieldToGlobal(current());
  R.u = PARK;
}

/**
 * Ends the calling goroutine: `finally` blocks and `using` run, `catch` clauses do not see it. On the main goroutine the
 * program goes on until the others have ended. Go: runtime.Goexit.
 * @throws GortError GORT_NO_GOROUTINE in an `async` function or a callback, which is none
 */
export function goexit(): never {
  if (R.g === null) throw nothingToEnd();
  throw R.exit;
}

/**
 * Goroutines that have been started and have not ended, on all threads: plain ones of other threads as they stood when these last
 * looked at the clock. Go: runtime.NumGoroutine.
 */
export function numGoroutine(): number {
  return S.shared === null ? S.count : S.count + S.shared.elsewhere();
}

/** CPUs this process may use. Go: runtime.NumCPU. */
export function numCPU(): number {
  return availableParallelism();
}

/**
 * Returns the number of Ps: how many goroutines run at the same time, on as many threads. With `n` > 0, sets it, at any time,
 * and returns the old one. Goroutines that share a heap run on the thread of their creator, one at a time. Go: runtime.GOMAXPROCS.
 * @throws TypeError GORT_ARGUMENT if `n` is no whole number
 */
export function gomaxprocs(n: number = 0): number {
  if (!Number.isInteger(n)) throw wants("gomaxprocs", "a whole number", n);
  const { shared } = S;
  const old = shared === null ? S.gomaxprocs : shared.procs;
  if (n < 1) return old;
  S.gomaxprocs = Math.trunc(n);
  if (shared !== null) shared.setProcs(S.gomaxprocs);
  return old;
}

/**
 * Has the calling goroutine's thread to itself until as many unlocks: parallel goroutines do not begin there, and a goroutine that ends
 * locked ends the thread. The main thread serves everybody: there it is only counted, and shown in dumps. (A goroutine that has
 * started never leaves its thread.) Go: runtime.LockOSThread.
 * @throws GortError GORT_NO_GOROUTINE outside goroutines
 */
export function lockOSThread(): void {
  if (R.g === null) throw notStarted("lockOSThread");
  if (extra(R.g).locked++ === 0 && S.shared !== null) S.shared.lock(true);
}

/** Undoes one lockOSThread; nothing happens if there is none. Go: runtime.UnlockOSThread. @throws GortError GORT_NO_GOROUTINE outside goroutines */
export function unlockOSThread(): void {
  if (R.g === null) throw notStarted("unlockOSThread");
  const ext = extra(R.g);
  if (ext.locked > 0 && --ext.locked === 0 && S.shared !== null) S.shared.lock(false);
}

/** Runs `f` without preemption, and returns what it returns. Go: no counterpart. @throws GortError GORT_NO_PREEMPT if `f` blocks */
export function noPreempt<T>(f: () => T): T {
  if (typeof f !== "function") throw wants("noPreempt", "a function", f);
  R.noPreempt++;
  try {
    return f();
  } finally {
    R.noPreempt--;
  }
}

/** Names the calling goroutine in dumps, profiles and traces. Go: no counterpart. @throws GortError GORT_NO_GOROUTINE outside goroutines */
export function setName(name: string): void {
  if (typeof name !== "string") throw wants("setName", "a text", name);
  if (R.g === null) throw notStarted("setName");
  extra(R.g).name = name;
  if (S.tracer !== null) S.tracer.relabelled(R.g);
}

function relabel(g: G, labels: Readonly<Record<string, string>> | null): void {
  extra(g).labels = labels;
  if (S.tracer !== null) S.tracer.relabelled(g);
}

/** Puts the labels back that were there before. */
class Relabel implements Ender {
  readonly g: G;
  readonly old: Readonly<Record<string, string>> | null;
  constructor(g: G, old: Readonly<Record<string, string>> | null) {
    this.g = g;
    this.old = old;
  }
  ended(): void {
    relabel(this.g, this.old);
  }
}

/**
 * Runs `f` with labels added to the calling goroutine's, and returns what it returns. Goroutines that are started meanwhile have them
 * too, for good; parallel ones do not. `f` may block. Go: pprof.Do.
 * @throws what `f` throws; GortError GORT_NO_GOROUTINE outside goroutines; TypeError GORT_ARGUMENT if a label is no text, or `f` no function
 */
export function withLabels<T>(labels: Readonly<Record<string, string>>, f: () => T): T {
  if (typeof labels !== "object" || labels === null) throw wants("withLabels", "an object of labels", labels);
  if (typeof f !== "function") throw wants("withLabels", "a function", f);
  for (const name of Object.keys(labels))
    if (typeof labels[name] !== "string") throw wants("withLabels", `a text as label ${name}`, labels[name]);
  const g = R.g;
  if (g === null) throw notStarted("withLabels");
  const old = extra(g).labels;
  relabel(g, { ...old, ...labels });
  let v: T;
  try {
    v = f();
  } catch (e) {
    relabel(g, old);
    throw e;
  }
  return endOrWait(v, new Relabel(g, old));
}
suspendable(withLabels);

/**
 * The most a goroutine's stack may take, in bytes; returns the old value. At first 1 GB, or half the heap's limit where that is
 * less. A goroutine that needs more ends the program: "stack overflow". 0 or less changes nothing. Go: debug.SetMaxStack.
 * @throws TypeError GORT_ARGUMENT if `bytes` is no number
 */
export function setMaxStack(bytes: number): number {
  if (typeof bytes !== "number" || Number.isNaN(bytes)) throw wants("setMaxStack", "a number of bytes", bytes);
  const old = maxStack();
  if (bytes > 0) S.maxStack = bytes;
  return old;
}
