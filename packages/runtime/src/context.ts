/** The part of a context the runtime needs: every operation that parks takes one, and stops waiting when it ends. */
import type { RecvChan } from "./chan/chan.ts";

/** What a waiting operation asks of a context. The whole of it is Go's `context.Context`. */
export interface Context {
  /** Closed when the work on behalf of the context should stop; a nil channel when that can never be. */
  done(): RecvChan<never>;
  /** Why it ended, once it has. */
  err(): Error | undefined;
}
