/** Channels as streams that are read: Node's and the web's. No goroutine: the stream receives when it is asked for more. */
import type { Readable, ReadableOptions } from "node:stream";
import { AsyncReceiver } from "../chan/async.ts";
import type { Chan } from "../chan/chan.ts";
import type { RecvChan } from "../chan/ends.ts";
import { argument, mustBeOptions, shown, wants } from "../errors/catalogue.ts";
import { isChan, nodeStream } from "./node.ts";

/** What a stream made of a channel can be told besides Node's own options; of those `objectMode` is true and `highWaterMark` 1 if left out. */
export interface ToReadableOptions extends Omit<ReadableOptions, "read" | "destroy" | "construct"> {
  /**
   * Called once when the stream was destroyed before the channel's end, with the error it was destroyed with, if any: cancel the
   * context of whoever sends, or it waits for ever. A channel of `fromAsyncIterable` or `fromEmitter` is stopped anyway.
   */
  readonly onCancel?: (error?: unknown) => void;
}

function mustBeListener(onCancel: unknown, of: string): void {
  if (onCancel !== undefined && typeof onCancel !== "function") throw wants(of, "a function as onCancel", onCancel);
}

/** As a reader of a stream gives it. */
interface Result {
  readonly value?: unknown;
  readonly done: boolean;
}

/** Receives one value at a time for a stream; a receive can be taken back without losing a value. */
export class Taker {
  readonly ch: Chan<unknown>;
  readonly #onCancel: ((error?: unknown) => void) | undefined;
  #waiting: AsyncReceiver | null = null;
  #done = false;
  constructor(ch: RecvChan<unknown>, onCancel: ((error?: unknown) => void) | undefined) {
    this.ch = ch as unknown as Chan<unknown>;
    this.#onCancel = onCancel;
  }

  /** Resolves with the next value, or the end. A promise even if there is one now: user code that hears of it runs outside the sender. */
  async take(): Promise<Result> {
    const { ch } = this;
    try {
      // Another thread may take it first.
      const now = ch.canRecv() ? ch.tryRecv() : undefined;
      if (now !== undefined) return this.#seen({ value: now[0], done: !now[1] });
      const result = await new Promise((resolve, reject) => {
        this.#waiting = new AsyncReceiver(true, resolve, reject);
        if (!ch.isNil) ch.addReceiver(this.#waiting);
      });
      this.#waiting = null;
      return this.#seen(result as Result);
    } catch (e) {
      // The channel failed: there is nobody to tell.
      this.#waiting = null;
      this.#done = true;
      throw e;
    }
  }

  #seen(r: Result): Result {
    if (r.done) this.#done = true;
    return r;
  }

  /** The stream's consumer has left. */
  cancel(error?: unknown): void {
    if (this.#waiting !== null) this.ch.removeReceiver(this.#waiting);
    this.#waiting = null;
    if (this.#done) return;
    this.#done = true;
    (this.ch as { stop?: () => void }).stop?.();
    this.#onCancel?.(error);
  }
}

/** Node reads the stack of an error it is given, which may throw: the stream would wait for ever. */
function fail(stream: Readable, e: unknown): void {
  try {
    stream.destroy(e as Error);
  } catch {
    stream.destroy(new Error(shown(e), { cause: e }));
  }
}

/**
 * A channel as a Node `Readable`, in object mode unless `objectMode: false`. It ends when the channel is closed and drained, and is
 * destroyed with the error of a source that failed. It receives one value ahead (`highWaterMark`), so a slow reader slows the
 * senders down. Node's own `signal` option takes `ctx.signal`. Go: no counterpart.
 * @throws TypeError GORT_ARGUMENT if `ch` is no channel. A `null` in the channel destroys the stream with a TypeError: to a stream it is the end
 */
export function toReadable(ch: RecvChan<unknown>, options: ToReadableOptions = {}): Readable {
  if (!isChan(ch)) throw argument(`toReadable: not a channel: ${shown(ch)}`);
  mustBeOptions(options, "toReadable");
  const { onCancel, ...own } = options;
  mustBeListener(onCancel, "toReadable");
  const taker = new Taker(ch, onCancel);
  const read = async (stream: Readable): Promise<void> => {
    let r: Result;
    try {
      r = await taker.take();
    } catch (e) {
      fail(stream, e);
      return;
    }
    if (r.done) stream.push(null);
    else if (r.value === null)
      stream.destroy(new TypeError("toReadable: null was received, which would end the stream"));
    else stream.push(r.value);
  };
  return new (nodeStream().Readable)({
    objectMode: true,
    highWaterMark: 1,
    ...own,
    read(this: Readable) {
      void read(this);
    },
    destroy(error, callback) {
      taker.cancel(error ?? undefined);
      callback(error);
    },
  });
}

/**
 * A channel as a web `ReadableStream`. It closes when the channel is closed and drained, errors when its source failed. It receives
 * nothing before it is asked. `onCancel` is called with the reason when the stream is cancelled before the end. Go: no counterpart.
 * @throws TypeError GORT_ARGUMENT if `ch` is no channel
 */
export function toReadableStream<T>(
  ch: RecvChan<T>,
  options: { readonly onCancel?: (reason?: unknown) => void } = {},
): ReadableStream<T> {
  if (!isChan(ch)) throw argument(`toReadableStream: not a channel: ${shown(ch)}`);
  mustBeOptions(options, "toReadableStream");
  mustBeListener(options.onCancel, "toReadableStream");
  return streamOf(new Taker(ch, options.onCancel), false) as ReadableStream<T>;
}

/** What `taker` receives, as a stream; `bytes`: one that fills its reader's own memory, too. */
export function streamOf(taker: Taker, bytes: boolean): ReadableStream<unknown> {
  return readableStreamOf(
    () => taker.take(),
    (reason) => taker.cancel(reason),
    bytes,
  );
}

/** A stream of what `next` gives, until that is the end. It asks for nothing before it is asked. */
export function readableStreamOf(
  next: () => Promise<Result>,
  cancel: (reason: unknown) => void | Promise<void>,
  bytes: boolean,
): ReadableStream<unknown> {
  if (!bytes)
    return new ReadableStream<unknown>(
      {
        async pull(controller) {
          const { value, done } = await next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel,
      },
      { highWaterMark: 0 },
    );
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const { value, done } = await next();
      if (!done) {
        controller.enqueue(value as Uint8Array<ArrayBuffer>);
        return;
      }
      controller.close();
      // Whoever has given memory to be filled gets it back.
      controller.byobRequest?.respond(0);
    },
    cancel,
  });
}
