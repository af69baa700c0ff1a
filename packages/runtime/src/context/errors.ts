/**
 * The two ends of a context. As in Go they are values, the same for every context, so `e === Canceled` tells; `e instanceof
 * Canceled` does too. The names are those that JavaScript's own cancellation has, so that code written for it works.
 */

import { asText, isA } from "../errors/catalogue.ts";
import { share } from "../scheduler/thrown.ts";

/** The code of {@link Canceled} or {@link DeadlineExceeded}. */
export type ContextErrorCode = "GORT_CANCELED" | "GORT_DEADLINE_EXCEEDED";

/** What a wait throws when its context ends: one of two values, {@link Canceled} and {@link DeadlineExceeded}. */
export class ContextError extends Error {
  declare readonly code: ContextErrorCode;
  constructor(code: ContextErrorCode, name: string, message: string) {
    super(message);
    // Not frozen: `fetch` takes a stack for the reason of an aborted signal, which must be possible.
    for (const [key, value] of Object.entries({ name, message, code }))
      Object.defineProperty(this, key, { value, enumerable: key !== "message", writable: false, configurable: false });
    share(this);
  }

  /** `e instanceof Canceled`. */
  [Symbol.hasInstance](e: unknown): e is ContextError {
    return e === this;
  }
}

/** A context ended because somebody cancelled it: "context canceled". Its name is "AbortError". Go: context.Canceled. */
export const Canceled: ContextError = new ContextError("GORT_CANCELED", "AbortError", "context canceled");
/** Its deadline passed: "context deadline exceeded". Its name is "TimeoutError". Go: context.DeadlineExceeded. */
export const DeadlineExceeded: ContextError = new ContextError(
  "GORT_DEADLINE_EXCEEDED",
  "TimeoutError",
  "context deadline exceeded",
);

/** Any reason as an error: what is none becomes the cause of one. */
export function asError(reason: unknown): Error {
  return isA(reason, Error) ? reason : new Error(asText(reason), { cause: reason });
}
