/** The functions that make a context of another. */
import { argument, isA, wants } from "../errors/catalogue.ts";
import { b } from "../internal/barrier.ts";
import { clock, dateOn, nowOn, type Clock } from "../time/clock.ts";
import type { CancelCauseFunc, CancelFunc, Context } from "./context.ts";
import { DeadlineCtx } from "./deadline.ts";
import { asError, Canceled } from "./errors.ts";
import { mustBeContext } from "./given.ts";
import { AfterFunc, SignalCtx } from "./follow.ts";
import { Endless, Plain, ValueCtx } from "./plain.ts";
import { CancelCtx, treeOf } from "./tree.ts";

/** The latest a Date can be, ms since 1970. */
const LATEST = 8_640_000_000_000_000;

/** Throws unless `parent` is a context, to the last method. Ours are not looked at. */
export function mustBeParent(parent: Context, by: string): void {
  if (isA(parent, CancelCtx) || isA(parent, Plain)) return;
  if (parent === null || parent === undefined) throw argument(`${by}: cannot create context from nil parent`);
  mustBeContext(parent, by);
  for (const method of ["cause", "deadline", "value"] as const)
    if (typeof parent[method] !== "function") throw argument(`${by}: the context has no ${method}()`);
}

/** A cause as it was given: null is none, what is no error becomes one. */
function given(cause: Error | null | undefined): Error | undefined {
  return cause === undefined || cause === null ? undefined : asError(cause);
}

function joined<C extends CancelCtx>(c: C): C {
  c.join(c.parent);
  return c;
}

/**
 * A context that ends when its function is called, or with its parent. Call it when the work is done, or declare the context with
 * `using`: it stays registered with its parent until then. Go: context.WithCancel.
 * @throws TypeError GORT_ARGUMENT if `parent` is no context, here and in all that make one of another
 */
export function withCancel(parent: Context): [ctx: Context, cancel: CancelFunc] {
  mustBeParent(parent, "withCancel");
  const c = joined(new CancelCtx(parent));
  return [c, () => c.cancel(Canceled, Canceled)];
}

/** As {@link withCancel}; what the function is given is the context's `cause()`. Go: context.WithCancelCause. */
export function withCancelCause(parent: Context): [ctx: Context, cancel: CancelCauseFunc] {
  mustBeParent(parent, "withCancelCause");
  const c = joined(new CancelCtx(parent));
  return [c, (cause) => c.cancel(Canceled, given(cause) ?? Canceled)];
}

/**
 * A context that ends `ms` milliseconds from now, or earlier as one of {@link withCancel} does. 0 or less: at once; Infinity:
 * never by itself. Until it ends its timer runs, and keeps the process alive: cancel it when the work is done. Go: context.WithTimeout, with `cause` WithTimeoutCause.
 * @param cause its `cause()` when the time is over; `DeadlineExceeded` if left out
 * @throws TypeError GORT_ARGUMENT if `ms` is not a number
 */
export function withTimeout(parent: Context, ms: number, cause?: Error): [ctx: Context, cancel: CancelFunc] {
  mustBeParent(parent, "withTimeout");
  if (typeof ms !== "number" || Number.isNaN(ms)) throw wants("withTimeout", "milliseconds", ms);
  const time = clock();
  return until(parent, time, dateOn(time) + ms, ms, given(cause));
}

/**
 * A context that ends at a time, or earlier as one of {@link withCancel} does. Go: context.WithDeadline, with `cause`
 * WithDeadlineCause.
 * @param cause its `cause()` when the time is over; `DeadlineExceeded` if left out
 * @throws TypeError GORT_ARGUMENT if `at` is not a valid Date
 */
export function withDeadline(parent: Context, at: Date, cause?: Error): [ctx: Context, cancel: CancelFunc] {
  mustBeParent(parent, "withDeadline");
  if (!isA(at, Date) || Number.isNaN(at.getTime())) throw wants("withDeadline", "a date", at);
  const time = clock();
  return until(parent, time, at.getTime(), at.getTime() - dateOn(time), given(cause));
}

function until(
  parent: Context,
  time: Clock | null,
  date: number,
  ms: number,
  cause: Error | undefined,
): [ctx: Context, cancel: CancelFunc] {
  const limit = b(parent.deadline(), "deadline of a context");
  // The parent ends first, or nobody will see the day.
  if (date > LATEST || (limit !== undefined && limit.getTime() <= date)) return withCancel(parent);
  const at = new Date(Math.max(date, -LATEST));
  const c = joined(new DeadlineCtx(parent, time, nowOn(time) + ms, at, cause));
  return [c, () => c.cancel(Canceled, Canceled)];
}

/**
 * A context that has `value` for `key`, and is its parent otherwise. Keys are compared with Object.is: an object or symbol of
 * your own cannot clash with anybody's. Go: context.WithValue.
 * @throws TypeError GORT_ARGUMENT "nil key" if that is `null` or `undefined`
 */
export function withValue(parent: Context, key: unknown, value: unknown): Context {
  mustBeParent(parent, "withValue");
  if (key === null || key === undefined) throw argument("withValue: nil key");
  return new ValueCtx(parent, treeOf(parent), key, value);
}

/** The values of its parent, but neither its end nor its deadline. Go: context.WithoutCancel. */
export function withoutCancel(parent: Context): Context {
  mustBeParent(parent, "withoutCancel");
  return new Endless(parent, "WithoutCancel");
}

/**
 * Calls `f` in its own goroutine once `ctx` has ended; at once if it has. Returns a function that prevents that: false if `f` has
 * been started, or stopped before. Exported as `contextAfterFunc`. Go: context.AfterFunc.
 * @throws TypeError GORT_ARGUMENT if `f` is no function
 */
export function afterFunc(ctx: Context, f: () => void): () => boolean {
  mustBeParent(ctx, "contextAfterFunc");
  if (typeof f !== "function") throw wants("contextAfterFunc", "a function", f);
  const a = new AfterFunc(f);
  a.join(ctx);
  return () => a.stop();
}

/**
 * A context that ends when `signal` is aborted: with `DeadlineExceeded` if the reason is a "TimeoutError", else with `Canceled`;
 * `cause()` is the reason. It listens until it ends: dispose it when the signal lives on. Go: no counterpart.
 * @throws TypeError GORT_ARGUMENT if `signal` is no AbortSignal
 */
export function fromSignal(signal: AbortSignal): Context {
  if (!isA(signal, AbortSignal)) throw wants("fromSignal", "an AbortSignal", signal);
  return new SignalCtx(signal);
}
