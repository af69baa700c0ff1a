/**
 * SourceChan: the receiving end of something outside that makes values (a stream, an iterable, an emitter), as a channel.
 *
 *     outside ──► pump goroutine or listener ──► SourceChan ──► receivers
 *        ▲                                           │
 *        └──────────── stop(): who made it is told ◄─┘
 *
 * It ends in one of three ways: closed, because there is nothing more; failed, because the source broke or the context ended,
 * and then receivers throw why; stopped, by its consumer, and then it is closed and empty.
 */
import { mustBeOptions } from "../errors/catalogue.ts";
import type { Context } from "../context/context.ts";
import { mustBeContext } from "../context/given.ts";
import { Chan } from "../chan/chan.ts";
import { checkedSize } from "../chan/make.ts";
import type { RecvChan } from "../chan/ends.ts";
import { nativeLines } from "../scheduler/native-stack.ts";

/** A channel that is fed from outside. `using` stops it at the end of the block. */
export interface SourceChan<out T> extends RecvChan<T>, Disposable {
  /**
   * The consumer wants no more: the source is destroyed or returned, its listeners are taken off, its goroutine ends, and what was
   * buffered is dropped. Receivers see the end. Does nothing once the source has ended. Does not wait for the source's clean-up.
   */
  stop(): void;
}

/** How a source becomes a channel. */
export interface SourceOptions {
  /** Values read ahead. 0, the default: the next value is asked for once the last one has been received. */
  readonly capacity?: number;
  /** The source is stopped when it ends, and receivers throw its error. */
  readonly ctx?: Context;
}

/** What feeds a {@link SourceChannel} and can be told that nobody wants more. */
export interface Feeder {
  stop(): void;
}

export class SourceChannel<T> extends Chan<T> implements SourceChan<T> {
  feeder: Feeder | null = null;

  stop(): void {
    const { feeder } = this;
    this.feeder = null;
    if (feeder === null) return;
    // What is buffered is nobody's any more; waiting receivers see the end.
    while (this.count > 0) this.take();
    if (!this.closed) this.close();
    feeder.stop();
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

/** Checks the options all sources have; `who` is the function they were given to. */
export function checkOptions(who: string, options: SourceOptions): void {
  mustBeOptions(options, who);
  checkedSize(options.capacity ?? 0);
  if (options.ctx !== undefined) mustBeContext(options.ctx, who);
}

/** The user's place that called the runtime, as a goroutine's creation site. A stack trace is read: some 10 microseconds. */
export function siteHere(): string | null {
  const m = /^\s+at (?:(?:async )?(.*) \((.*)\)|(.*))$/.exec(nativeLines()[0] ?? "");
  return m === null ? null : `${m[1] ?? "<anonymous>"}\n${m[2] ?? m[3] ?? ""}`;
}
