/**
 * A context that somebody hands over: it may be one of their own, or none at all. Who uses one asks here, so that what is none fails with a
 * word about it, before anything has begun to wait.
 */
import type { Chan } from "../chan/chan.ts";
import { argument, shown } from "../errors/catalogue.ts";
import { b } from "../internal/barrier.ts";
import { reasonText } from "../scheduler/reason.ts";
import type { Context } from "./context.ts";

/** Whether `x` has what every context has. What cannot be looked at is none. */
function isContext(x: unknown): x is Context {
  const c = x as Partial<Context> | null | undefined;
  try {
    return typeof c?.err === "function" && typeof c.done === "function";
  } catch {
    return false;
  }
}

/** The operation that a context is given to: its name, or the number of what is waited for. */
type Operation = string | number;

function named(of: Operation): string {
  return typeof of === "number" ? reasonText(of) : of;
}

/** Throws a TypeError, GORT_ARGUMENT, unless `x` is a context. */
export function mustBeContext(x: unknown, of: Operation): void {
  if (isContext(x)) return;
  const what = shown(x);
  throw argument(
    `${named(of)}: ${what} is not a context${what.endsWith(" AbortSignal") ? ": make one of it with fromSignal" : ""}`,
  );
}

/** The error of `ctx` if it has ended. */
export function endOf(ctx: Context, of: Operation): Error | undefined {
  mustBeContext(ctx, of);
  return b(ctx.err(), "err of a context");
}

/** Throws the error of `ctx` if it is given and has ended: the operation does not begin. */
export function mustGoOn(ctx: Context | undefined, of: string): void {
  if (ctx === undefined) return;
  const err = endOf(ctx, of);
  if (err !== undefined) throw err;
}

/** The done channel of a context that goes on. */
export function doneOf(ctx: Context, of: Operation): Chan<never> {
  const ch: unknown = b(ctx.done(), "done of a context");
  if (typeof (ch as Partial<Chan> | null | undefined)?.addReceiver === "function") return ch as Chan<never>;
  throw argument(`${named(of)}: done() of the context gave ${shown(ch)}, not a channel`);
}
