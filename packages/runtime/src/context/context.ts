/**
 * Context: a deadline, a cancellation and values that go with a piece of work, from whoever started it to all it waits for.
 *
 *     background ─ withValue ─ withCancel ─┬─ withTimeout
 *                                          └─ withCancel        ended with its parent, never the other way round
 */
import type { RecvChan } from "../chan/ends.ts";

/** A context. Every operation that parks takes one, and stops waiting when it ends. Go: `context.Context`. */
export interface Context extends Disposable {
  /** Closed when the context ends; a nil channel when it never can. Go: Done. */
  done(): RecvChan<never>;
  /** `Canceled` or `DeadlineExceeded` once it has ended; `undefined` before. Go: Err. */
  err(): Error | undefined;
  /** Why it ended: what `withCancelCause`'s function or the signal was given, else {@link err}. Go: context.Cause. */
  cause(): Error | undefined;
  /** When it ends at the latest; `undefined` if that is not fixed. Go: Deadline. */
  deadline(): Date | undefined;
  /** The value it or the nearest ancestor has for `key`. Go: Value. */
  value(key: unknown): unknown;
  /**
   * The same for what takes an AbortSignal: `fetch`, streams, `node:timers/promises`. Aborted with {@link cause} when the
   * context ends. Made on first use.
   */
  readonly signal: AbortSignal;
  /** Ends it, if it has a function that cancels it: `using ctx = …`. */
  [Symbol.dispose](): void;
}

/** Ends a context, and all that come from it. Calling it again does nothing. Go: CancelFunc. */
export type CancelFunc = () => void;
/** The same, and says why. Go: CancelCauseFunc. */
export type CancelCauseFunc = (cause?: Error) => void;
