/**
 * Web streams that are handed over. A stream stays where its source or sink is; another thread gets one like it, and between the two is a
 * channel, whose rules are the stream's: a chunk crosses as a value that is sent does, the next is asked for when there is room in the channel,
 * an error makes the channel fail.
 *
 *     ReadableStream   source ─► pipe ─► channel ─► ReadableStream             WritableStream   WritableStream ─► channel ─► pipe ─► sink
 *
 * Each side has a context, by which the other hears that it is over: the consumer has cancelled, the sink is broken, the thread has ended
 * (recovery.ts ends its contexts). The stream's own thread sends its with the stream; the other answers with its own through `back`.
 */
import { Chan } from "../chan/chan.ts";
import { Failure } from "../chan/failure.ts";
import { background } from "../context/background.ts";
import type { Context } from "../context/context.ts";
import { Canceled } from "../context/errors.ts";
import { withCancelCause } from "../context/with.ts";
import { argument } from "../errors/catalogue.ts";
import { readableStreamOf, streamOf, Taker, toReadableStream } from "../stream/readable.ts";
import { Putter, writableStreamOf } from "../stream/writable.ts";
import { setCapacity } from "./channel.ts";
import { encoded } from "./codec.ts";
import { defineArrival, setCargo, type Cargo, type Departure } from "./cargo.ts";
import type { Decoder } from "./decoder.ts";
import type { Encoder } from "./encoder.ts";
import { READABLE, TRANSFORM, WRITABLE } from "./tags.ts";

type Cancel = (cause?: Error) => void;

/** Chunks that may be on their way, and about how many bytes these may have: else each would cost a round trip. A larger one goes alone. */
const AHEAD = 8;
const AHEAD_BYTES = 512 * 1024;

/** Sends the chunks: the larger they are, the fewer may wait to be received. */
class Sender extends Putter {
  override put(v: unknown): Promise<void> {
    encoded.size = 0;
    const sent = super.put(v);
    setCapacity(this.ch, Math.min(AHEAD, Math.floor(AHEAD_BYTES / encoded.size)));
    return sent;
  }
}

/** A reason may be anything; a context ends with an error. */
function boxed(reason: unknown): Error {
  return new Error("the stream was cancelled", { cause: [reason] });
}

function unboxed(cause: Error | undefined): unknown {
  const held = cause?.cause;
  return Array.isArray(held) ? held[0] : cause;
}

/** Calls `f` with what `ctx` has ended with, if that is not just its end. */
function onTrouble(ctx: Context, f: (reason: unknown) => void): void {
  const over = (): void => {
    if (ctx.cause() !== Canceled) f(unboxed(ctx.cause()));
  };
  if (ctx.err() !== undefined) over();
  else ctx.signal.addEventListener("abort", over, { once: true });
}

// ---- on the thread of the source or the sink

/** What a stream and the one that stands for it elsewhere say to each other. */
class Link implements Departure {
  readonly ch: Chan = new Chan(AHEAD);
  readonly #back: Chan<Context> = new Chan(1);
  readonly #ctx: Context;
  readonly #cancel: Cancel;
  readonly #pipe: (link: Link) => Promise<void>;

  readonly #lock: () => void;

  /** @param pipe begins to move chunks; settles when the stream is over */
  constructor(e: Encoder, pipe: (link: Link) => Promise<void>, lock: () => void) {
    [this.#ctx, this.#cancel] = withCancelCause(background());
    this.#pipe = pipe;
    this.#lock = lock;
    e.value(this.ch);
    e.value(this.#back);
    e.value(this.#ctx);
  }

  /** Nobody has heard of it. To end the context would call whoever watches, in the middle of a wait that is given up. */
  stay(): void {}

  leave(): void {
    void this.#run();
  }

  async #run(): Promise<void> {
    void this.#hear();
    try {
      await this.#pipe(this);
      this.#cancel();
    } catch (reason) {
      this.#cancel(boxed(reason));
    }
    // The pipe has let go of it; it stays gone. Where somebody has locked it before it left, the pipe never had it.
    this.#lock();
  }

  /** The stream's consumer, on another thread, gives it up: with what. */
  readonly given: AbortController = new AbortController();

  async #hear(): Promise<void> {
    const other = await this.#back.recvAsync();
    if (other !== undefined) onTrouble(other, (reason) => this.given.abort(reason));
  }
}

/** A stream that `move` has made, in whichever direction. */
class StreamCargo implements Cargo {
  readonly #isLocked: () => boolean;
  readonly #write: (e: Encoder) => Departure[];
  #state: "" | "is on its way already" | "has been moved away" = "";

  constructor(isLocked: () => boolean, write: (e: Encoder) => Departure[]) {
    this.#isLocked = isLocked;
    this.#write = write;
  }

  obstacle(): string {
    return this.#state === "" && this.#isLocked() ? "is locked: somebody has its reader or writer" : this.#state;
  }

  load(e: Encoder): Departure {
    const parts = this.#write(e);
    this.#state = "is on its way already";
    return {
      leave: () => {
        this.#state = "has been moved away";
        for (const part of parts) part.leave();
      },
      stay: (written) => {
        this.#state = "";
        for (const part of parts) part.stay(written);
      },
    };
  }
}

function loadReadable(e: Encoder, stream: ReadableStream, bytes: boolean): Departure {
  e.w.byte(READABLE);
  e.w.byte(Number(bytes));
  const pipe = (link: Link): Promise<void> => {
    const { signal } = link.given;
    const gone = new Promise<void>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
    return stream.pipeTo(writableStreamOf(new Sender(link.ch, true), gone));
  };
  return new Link(e, pipe, () => void (stream.locked || stream.getReader()));
}

function loadWritable(e: Encoder, stream: WritableStream): Departure {
  e.w.byte(WRITABLE);
  // Its own end and failure are said by the context: whoever waits for the other stream's `close` waits for this one's.
  const pipe = (link: Link): Promise<void> => toReadableStream(link.ch).pipeTo(stream, { signal: link.given.signal });
  return new Link(e, pipe, () => void (stream.locked || stream.getWriter()));
}

function inUse(what: string): string {
  return `move: the ${what} is locked: it has been moved already, or somebody has its reader or writer`;
}

/** Whether `stream`, which nobody has locked, is one of bytes. */
function isOfBytes(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/** What stands for a stream, and whether that is one of bytes. */
interface Taken {
  readonly stream: ReadableStream;
  readonly bytes: boolean;
}

/** `stream` is locked; what stands for it reads it when it is read. */
function takeReadable(stream: ReadableStream): Taken {
  if (stream.locked) throw argument(inUse("ReadableStream"));
  const bytes = isOfBytes(stream);
  const reader: ReadableStreamDefaultReader<unknown> = stream.getReader();
  const stands = readableStreamOf(
    () => reader.read(),
    (reason) => reader.cancel(reason),
    bytes,
  );
  return { stream: stands, bytes };
}

function takeWritable(stream: WritableStream): WritableStream {
  if (stream.locked) throw argument(inUse("WritableStream"));
  const writer: WritableStreamDefaultWriter<unknown> = stream.getWriter();
  return new WritableStream<unknown>({
    start(controller) {
      writer.closed.catch((error) => controller.error(error));
    },
    write: (chunk) => writer.write(chunk),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  });
}

/** A TransformStream with these ends. */
function paired(readable: ReadableStream, writable: WritableStream): TransformStream {
  return Object.defineProperties(new TransformStream(), {
    readable: { value: readable },
    writable: { value: writable },
  });
}

/** What stands for the stream `x` from here on; null if it is none. */
export function takeStream(x: object): object | null {
  if (x instanceof ReadableStream) {
    const { stream, bytes } = takeReadable(x);
    return setCargo(
      stream,
      new StreamCargo(
        () => stream.locked,
        (e) => [loadReadable(e, stream, bytes)],
      ),
    );
  }
  if (x instanceof WritableStream) {
    const stream = takeWritable(x);
    return setCargo(
      stream,
      new StreamCargo(
        () => stream.locked,
        (e) => [loadWritable(e, stream)],
      ),
    );
  }
  if (!(x instanceof TransformStream)) return null;
  // Both ends or none.
  if (x.writable.locked) throw argument(inUse("TransformStream"));
  const { stream: readable, bytes } = takeReadable(x.readable);
  const writable = takeWritable(x.writable);
  return setCargo(
    paired(readable, writable),
    new StreamCargo(
      () => readable.locked || writable.locked,
      (e) => {
        e.w.byte(TRANSFORM);
        return [loadReadable(e, readable, bytes), loadWritable(e, writable)];
      },
    ),
  );
}

// ---- on the thread that has received it

interface Arrived {
  readonly ch: Chan;
  readonly origin: Context;
  readonly cancel: Cancel;
}

function unwanted(): Error {
  return boxed(new Error("gort: nobody has the stream any more"));
}

/** Sends this side's context. */
function answer(back: Chan<Context>): Cancel {
  const [ctx, cancel] = withCancelCause(background());
  back.trySend(ctx);
  return cancel;
}

/** Null where nobody will have it. */
function arrived(d: Decoder): Arrived | null {
  const ch = d.value() as Chan;
  const back = d.value() as Chan<Context>;
  const origin = d.value() as Context;
  if (d.dropped) {
    // Not in the middle of a wait that is given up.
    queueMicrotask(() => answer(back)(unwanted()));
    return null;
  }
  return { ch, origin, cancel: answer(back) };
}

/** Streams that have arrived, and nobody has any more: their sources would wait for ever. */
const dropped: FinalizationRegistry<Pick<Arrived, "origin" | "cancel">> = new FinalizationRegistry(
  ({ origin, cancel }) => {
    if (origin.err() === undefined) cancel(unwanted());
  },
);

/** `alone`: it is not one end of two. Who writes into the other need not read. */
function arriveReadable(d: Decoder, alone: boolean): ReadableStream | null {
  const bytes = d.r.byte() === 1;
  const link = arrived(d);
  if (link === null) return null;
  const { ch, origin, cancel } = link;
  // Of what else the channel's failure tells.
  onTrouble(origin, (reason) => ch.fail(new Failure(reason)));
  const stream = streamOf(new Taker(ch, (reason) => cancel(boxed(reason))), bytes);
  if (alone) dropped.register(stream, { origin, cancel });
  return stream;
}

function arriveWritable(d: Decoder): WritableStream | null {
  const link = arrived(d);
  if (link === null) return null;
  const { ch, origin } = link;
  const over = new Promise<void>((resolve, reject) => {
    onTrouble(origin, reject);
    if (origin.err() !== undefined) resolve();
    else origin.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  return writableStreamOf(new Sender(ch, true), over, true);
}

defineArrival(READABLE, (d) => d.keep(arriveReadable(d, true)));
defineArrival(WRITABLE, (d) => d.keep(arriveWritable(d)));
defineArrival(TRANSFORM, (d) => {
  // Each end behind its tag.
  d.r.byte();
  const readable = arriveReadable(d, false);
  d.r.byte();
  const writable = arriveWritable(d);
  return d.keep(readable === null || writable === null ? null : paired(readable, writable));
});
