/**
 * A context that somebody hands over: it may be one of their own, or none at all. Who uses one asks here, so that what is none fails with a
 * word about it, before anything has begun to wait.
 */
import type { Chan } from "../chan/chan.ts";
import { argument, shown } from "../errors/catalogue.ts";
import { b } from "../internal/barrier.ts";
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

/** Throws a TypeError, GORT_ARGUMENT, unless `x` is a context; `of` is the operation it was given to. */
export function mustBeContext(x: unknown, of: string): void {
  if (isContext(x)) return;
  const what = shown(x);
  throw argument(
    `${of}: ${what} is not a context${what.endsWith(" AbortSignal") ? ": make one of it with fromSignal" : ""}`,
  );
}

/** The error of `ctx` if it has ended. */
export function endOf(ctx: Context, of: string): Error | undefined {
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
export function doneOf(ctx: Context, of: string): Chan<never> {
  const ch: unknown = b(ctx.done(), "done of a context");
  if (typeof (ch as Partial<Chan> | null | undefined)?.addReceiver === "function") return ch as Chan<never>;
  throw argument(`${of}: done() of the context gave ${shown(ch)}, not a channel`);
}
