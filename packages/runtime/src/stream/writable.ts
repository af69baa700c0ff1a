/** Channels as streams that are written: what is written is sent. */
import type { Writable, WritableOptions } from "node:stream";
import { AsyncSender } from "../chan/async.ts";
import type { Chan } from "../chan/chan.ts";
import type { SendChan } from "../chan/ends.ts";
import { Failure } from "../chan/failure.ts";
import { argument, GortError, mustBeOptions, sendClosed, shown } from "../errors/catalogue.ts";
import { isChan, nodeStream } from "./node.ts";

/** What a stream that sends can be told besides Node's own options; of those `objectMode` is true and `highWaterMark` 1 if left out. */
export interface ToWritableOptions extends Omit<
  WritableOptions,
  "write" | "writev" | "final" | "destroy" | "construct"
> {
  /** Whether the stream's end closes the channel. Default: true. False where several write to one channel. */
  readonly close?: boolean;
}

/** Sends one value at a time for a stream; a send can be taken back. */
export class Putter {
  readonly ch: Chan<unknown>;
  readonly #closes: boolean;
  #waiting: AsyncSender | null = null;
  #ended = false;
  /** What {@link abort} was given. */
  #broken: { readonly error: unknown } | null = null;
  constructor(ch: SendChan<never>, closes: boolean) {
    this.ch = ch as unknown as Chan<unknown>;
    this.#closes = closes;
  }

  async put(v: unknown): Promise<void> {
    const { ch } = this;
    if (ch.closed) throw sendClosed();
    try {
      if (ch.trySend(v)) return;
      await new Promise<void>((resolve, reject) => {
        const waiting = new AsyncSender(v, resolve, reject);
        if (!ch.isNil) ch.addSender(waiting);
        this.#waiting = waiting;
      });
      this.#waiting = null;
    } catch (e) {
      if (this.#broken !== null) throw this.#broken.error;
      // A web stream is broken by it and tells nobody: receivers would wait for ever.
      if (e instanceof GortError && e.code === "GORT_SHARE") this.abort(e);
      throw e;
    }
  }

  /** For Node: its callback hears of the outcome. */
  write(v: unknown, done: (error?: Error) => void): void {
    // oxlint-disable-next-line promise/no-callback-in-promise -- this is where the two meet
    this.put(v).then(() => done(), done);
  }

  /** All is sent. */
  end(): void {
    this.#ended = true;
    if (this.#closes) this.ch.close();
  }

  /** The stream broke, or was given up: what was not received yet is dropped, and receivers throw `error`. */
  abort(error: unknown): void {
    const w = this.#waiting;
    this.#broken ??= { error };
    if (w !== null) {
      this.ch.removeSender(w);
      w.fire(undefined, false); // the write under way must settle, or the abort never would
    }
    this.#waiting = null;
    if (this.#ended) return;
    this.#ended = true;
    if (this.#closes) this.ch.fail(new Failure(error));
  }
}

/**
 * A Node `Writable`, in object mode unless `objectMode: false`, whose chunks are sent to `ch`: `pipeline(stream, toWritable(ch))`.
 * A write is done when its value has been received or buffered, so slow receivers slow the writer down. The stream's end closes the
 * channel; a stream that is destroyed before makes it fail: receivers throw the stream's error, or one that says so
 * where there is none. With `close: false` neither happens to the channel. Go: no counterpart.
 * @throws TypeError GORT_ARGUMENT if `ch` is no channel. A channel somebody else closes fails the write with ChannelError GORT_SEND_CLOSED
 */
export function toWritable(ch: SendChan<never>, options: ToWritableOptions = {}): Writable {
  if (!isChan(ch)) throw argument(`toWritable: not a channel: ${shown(ch)}`);
  mustBeOptions(options, "toWritable");
  const { close = true, ...own } = options;
  const putter = new Putter(ch, close);
  return new (nodeStream().Writable)({
    objectMode: true,
    highWaterMark: 1,
    ...own,
    write(chunk: unknown, _encoding, callback) {
      putter.write(chunk, callback);
    },
    final(callback) {
      try {
        putter.end();
      } catch (e) {
        callback(e as Error);
        return;
      }
      callback();
    },
    destroy(error, callback) {
      putter.abort(error ?? new Error("toWritable: the stream was destroyed before its end"));
      callback(error);
    },
  });
}

/**
 * As {@link toWritable}, as a web `WritableStream`: `readable.pipeTo(toWritableStream(ch))`. Aborting it makes the channel fail with the reason.
 * @param options.close whether the stream's end closes the channel; true if left out
 * @throws TypeError GORT_ARGUMENT if `ch` is no channel
 */
export function toWritableStream<T>(ch: SendChan<T>, options: { readonly close?: boolean } = {}): WritableStream<T> {
  if (!isChan(ch)) throw argument(`toWritableStream: not a channel: ${shown(ch)}`);
  mustBeOptions(options, "toWritableStream");
  return writableStreamOf(new Putter(ch as SendChan<never>, options.close ?? true), undefined);
}

/** `receiver`: rejects when whoever receives is gone, with why. `waits`: resolves when it is done, and `close` waits for that. */
export function writableStreamOf<T>(
  putter: Putter,
  receiver: Promise<void> | undefined,
  waits: boolean = false,
): WritableStream<T> {
  return new WritableStream<T>({
    start(controller) {
      // An abort waits for the write that is under way, which may wait for ever.
      controller.signal.addEventListener("abort", () => putter.abort(controller.signal.reason as unknown));
      receiver?.catch((error: unknown) => {
        controller.error(error);
        putter.abort(error);
      });
    },
    write: (chunk) => putter.put(chunk),
    close() {
      putter.end();
      return waits ? receiver : undefined;
    },
    abort: (reason: unknown) => putter.abort(reason),
  });
}
