/** What compiled code calls for `using` and `await using`. */
import { callable, fail } from "./engine.ts";
import { isObject } from "./properties.ts";
import { R } from "./state.ts";

function onlyObject(value: unknown, of: (value: unknown) => unknown): void {
  if (!isObject(value)) fail(new TypeError("An object is expected with `using` declarations"), of);
}

/** The method a `using` declaration calls at the end, checked when the variable is made. */
export function disposer(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  onlyObject(value, disposer);
  const method = (value as Disposable)[Symbol.dispose];
  if (typeof method !== "function") fail(new TypeError("Symbol(Symbol.dispose) is not a function"), disposer);
  return callable(method, "");
}

/** The same of `await using`, where there is one: what has none falls back to the other, whose result is not awaited. */
export function asyncDisposer(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  onlyObject(value, asyncDisposer);
  const method = (value as AsyncDisposable)[Symbol.asyncDispose];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== "function") fail(new TypeError("Symbol(Symbol.asyncDispose) is not a function"), asyncDisposer);
  return callable(method, "");
}

/** What leaves a block where a disposer has thrown `error` over `hidden`. An end of the goroutine is no error: the later one replaces the other. */
export function suppressed(error: unknown, hidden: unknown): unknown {
  if (error === R.exit || hidden === R.exit) return error;
  // Nobody else sees it on its way: its callers, as a catch clause gives them.
  R.caught(hidden);
  const Suppressed = (globalThis as { SuppressedError?: new (e: unknown, s: unknown, message: string) => Error })
    .SuppressedError;
  const e =
    Suppressed !== undefined
      ? new Suppressed(error, hidden, "An error was suppressed during disposal")
      : Object.assign(new Error("An error was suppressed during disposal"), {
          name: "SuppressedError",
          error,
          suppressed: hidden,
        });
  // Its stack begins where the engine's would: in the block that is left.
  Error.captureStackTrace(e, suppressed);
  return e;
}
