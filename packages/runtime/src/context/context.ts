/**
 * Context: a deadline, a cancellation and values that go with a piece of work, from whoever started it to all it waits for.
 *
 *     background ─ withValue ─ withCancel ─┬─ withTimeout
 *                                          └─ withCancel        ended with its parent, never the other way round
 */
import type { RecvChan } from "../chan/ends.ts";

/**
 * A context. Operations that park take one, stop waiting when it ends, and throw its `err()`. One of your own needs all of these. Go: context.Context.
 */
export interface Context extends Disposable {
  /** Closed when the context ends; a nil channel when it never can. Go: Context.Done. */
  done(): RecvChan<never>;
  /** `Canceled` or `DeadlineExceeded` once it has ended; `undefined` before. Go: Context.Err. */
  err(): Error | undefined;
  /** Why it ended: what `withCancelCause`'s function or the signal was given, else {@link err}. Go: context.Cause. */
  cause(): Error | undefined;
  /** When it ends at the latest; `undefined` if that is not fixed. Go: Context.Deadline. */
  deadline(): Date | undefined;
  /** The value it or the nearest ancestor has for `key`; `undefined` if none has. Go: Context.Value. */
  value(key: unknown): unknown;
  /**
   * The same for what takes an AbortSignal: `fetch`, streams, `node:timers/promises`. Aborted with {@link cause} when the
   * context ends. Made on first use. Go: no counterpart.
   */
  readonly signal: AbortSignal;
  /** Ends it, if it has a function that cancels it: `const [ctx] = withCancel(parent); using _ = ctx;`. */
  [Symbol.dispose](): void;
}

/** Ends a context, and all that come from it. Calling it again does nothing. Go: context.CancelFunc. */
export type CancelFunc = () => void;
/** The same, and says why; `Canceled` if nothing is said. What is no error becomes the message of one. Go: context.CancelCauseFunc. */
export type CancelCauseFunc = (cause?: Error) => void;
