/** The two directions of a channel, and what feeds a timer's. */
import type { Context } from "../context/context.ts";

/** A received value with `true`, or `undefined` with `false` once the channel is closed and drained. */
export type Received<T> = [value: T, ok: true] | [value: undefined, ok: false];

/** The sending direction of a channel. Go: `chan<- T`. */
export interface SendChan<in T> {
  /**
   * Sends a value, parking the caller until it is received or buffered. Go: `ch <- v`.
   * @param ctx stop waiting when it ends (throws its error)
   * @throws ChannelError GORT_SEND_CLOSED "send on closed channel", also when the channel is closed meanwhile; GortError GORT_SHARE if other
   *   threads know the channel, and `v` cannot cross
   */
  send(v: T, ctx?: Context): void;
  /** Sends if that is possible without parking; whether it was. Go: a send in a select with default. */
  trySend(v: T): boolean;
  /** Sends from ordinary async code. Rejects with a ChannelError GORT_SEND_CLOSED when the channel is closed. Go: `ch <- v`. */
  sendAsync(v: T): Promise<void>;
  /**
   * Closes the channel: receivers get what is buffered, then `undefined`. Go: `close(ch)`.
   * @throws ChannelError GORT_CLOSE_CLOSED "close of closed channel", GORT_CLOSE_NIL "close of nil channel"
   */
  close(): void;
  /** Values buffered. Go: `len(ch)`. */
  readonly len: number;
  /** Capacity. Go: `cap(ch)`. */
  readonly cap: number;
}

/** The receiving direction of a channel. Go: `<-chan T`. */
export interface RecvChan<out T> {
  /**
   * Receives a value, parking the caller until there is one; `undefined` once closed and drained. Go: `<-ch`.
   * @param ctx stop waiting when it ends (throws its error)
   * @throws what the source of the channel (a stream, an emitter) has failed with, once what is buffered is taken
   */
  recv(ctx?: Context): T | undefined;
  /** The same with the second value that tells a value from the end. Go: `v, ok := <-ch`. */
  recvOk(ctx?: Context): Received<T>;
  /** Receives if that is possible without parking; `undefined` when nothing is ready. Go: a receive in a select with default. */
  tryRecv(): Received<T> | undefined;
  /** As {@link recv}, in ordinary async code. */
  recvAsync(): Promise<T | undefined>;
  /** Receives until the channel is closed and drained. Go: `for v := range ch`. */
  [Symbol.iterator](): IterableIterator<T>;
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
  readonly len: number;
  readonly cap: number;
}

/** What makes values for a timer's channel: it has no sender and holds nothing until somebody asks. */
export interface Source {
  /** Whether a value is due. */
  due(): boolean;
  /** Takes the value that is due. */
  take(): unknown;
  /** Somebody waits. */
  attach(): void;
  /** Nobody waits any more. */
  detach(): void;
  /** The channel has become shared: from here on values are sent to it. Where it has none, the channel cannot be shared. */
  share?(): void;
}
