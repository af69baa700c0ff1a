/** Events as a channel. A listener, no goroutine: nothing waits while nothing happens. */
import { isMainThread } from "node:worker_threads";
import { Failure } from "../chan/failure.ts";
import type { Chan } from "../chan/chan.ts";
import type { Source } from "../chan/ends.ts";
import type { Context } from "../context/context.ts";
import { doneOf } from "../context/given.ts";
import { addDue, dropDue } from "../scheduler/due.ts";
import type { G, Node } from "../scheduler/g.ts";
import { SUDOG, type Sudog } from "../scheduler/waitq.ts";
import { argument, shown, wants } from "../errors/catalogue.ts";
import { checkOptions, SourceChannel, type Feeder, type SourceChan, type SourceOptions } from "./source.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- as Node types its own listeners
type Listener = (...args: any[]) => void;

/** Node's `EventEmitter`, or the web's `EventTarget`. */
export type Emitter =
  | {
      on(event: string | symbol, listener: Listener): unknown;
      off(event: string | symbol, listener: Listener): unknown;
    }
  | {
      addEventListener(event: string, listener: Listener): void;
      removeEventListener(event: string, listener: Listener): void;
    };

/** How events become a channel. */
export interface EmitterOptions extends SourceOptions {
  /** Events kept until they are received; 0: none, so that one nobody waits for is too many. Default: as many as come. */
  readonly capacity?: number;
  /** Events after which there are no more of the kind: they close the channel. Default: none. */
  readonly close?: string | symbol | readonly (string | symbol)[];
  /**
   * What happens to an event that finds the channel full: the channel fails, the oldest kept event is dropped, or this one is.
   * Default: "fail". An emitter that has `pause` and `resume` is paused instead, and resumed when the channel is empty; what it
   * still emits is kept.
   */
  readonly overflow?: "fail" | "dropOldest" | "dropNewest";
}

interface Pausing {
  pause(): unknown;
  resume(): unknown;
}

/** What listens, and takes its listeners off again. */
class Listening implements Feeder, Source {
  readonly #emitter: Emitter;
  readonly #listeners: [event: string | symbol, f: Listener][] = [];
  readonly #ch: SourceChannel<unknown[]>;
  readonly #limit: number;
  readonly #overflow: string;
  readonly #pausing: Pausing | null;
  #paused = false;
  /** Waits for the end of the context. */
  #watch: Ending | null = null;
  /** It is signals of the process: whoever waits for one is no deadlock, though Node keeps no event loop for them. */
  readonly #signals: boolean;
  /** Somebody waits for one. */
  #due: boolean = false;

  constructor(emitter: Emitter, event: string | symbol, ch: SourceChannel<unknown[]>, options: EmitterOptions) {
    this.#emitter = emitter;
    // To a thread other than the main one no signal comes.
    this.#signals = isMainThread && emitter === process && typeof event === "string" && event.startsWith("SIG");
    this.#ch = ch;
    this.#limit = options.capacity ?? Number.POSITIVE_INFINITY;
    this.#overflow = options.overflow ?? "fail";
    const { pause, resume } = emitter as Partial<Pausing>;
    this.#pausing =
      typeof pause === "function" && typeof resume === "function" ? (emitter as unknown as Pausing) : null;
  }

  listen(event: string | symbol, f: Listener): void {
    this.#listeners.push([event, f]);
    if ("on" in this.#emitter) this.#emitter.on(event, f);
    else this.#emitter.addEventListener(event as string, f);
  }

  /** Ends with the context. */
  watch(ctx: Context): void {
    const done = doneOf(ctx, "fromEmitter");
    if (done.isNil) return;
    if (done.closed) {
      // Its time came after it was asked.
      this.end(new Failure(ctx.err()));
      return;
    }
    this.#watch = new Ending(this, ctx, done);
    done.addReceiver(this.#watch);
  }

  /** An event. */
  event(args: unknown[]): void {
    const ch = this.#ch;
    if (ch.closed) return;
    const w = ch.recvq.first;
    if (w !== null) {
      ch.deliver(w, args);
      if (ch.recvq.first === null) this.detach();
      return;
    }
    if (ch.count >= this.#limit) {
      if (this.#pausing === null) {
        if (this.#overflow === "fail") {
          const waiting = ch.count === 1 ? "1 event is waiting" : `${ch.count} events are waiting`;
          const cure = "pass a larger capacity, none for no limit, or say by overflow which events to drop";
          this.end(new Failure(new RangeError(`fromEmitter: ${waiting} and another has come; ${cure}`)));
          return;
        }
        if (this.#overflow === "dropNewest" || this.#limit === 0) return;
        ch.take();
      }
    }
    ch.put(args);
    if (ch.count >= this.#limit && this.#pausing !== null && !this.#paused) {
      this.#paused = true;
      this.#pausing.pause();
    }
  }

  end(failure: Failure | null): void {
    this.stop();
    const ch = this.#ch;
    ch.feeder = null;
    if (failure !== null) ch.fail(failure);
    else if (!ch.closed) ch.close();
  }

  stop(): void {
    for (const [event, f] of this.#listeners.splice(0)) {
      if ("off" in this.#emitter) this.#emitter.off(event, f);
      else this.#emitter.removeEventListener(event as string, f);
    }
    this.#watch?.leave();
    this.#watch = null;
    this.#resume();
    this.detach();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#pausing?.resume();
  }

  // As the channel's source. Whoever wants a value asks this first, and waits only then.
  due(): boolean {
    this.#resume();
    return this.#ch.count > 0;
  }
  take(): unknown {
    return this.#ch.take();
  }
  attach(): void {
    if (!this.#signals || this.#due) return;
    this.#due = true;
    addDue();
  }
  detach(): void {
    if (this.#due) dropDue();
    this.#due = false;
  }
}

/** A node in the queue of `ctx.done()`. */
class Ending implements Sudog {
  next: Node = null;
  prev: Node = null;
  status: number = SUDOG;
  v: unknown = undefined;
  readonly listening: Listening;
  readonly ctx: Context;
  readonly done: Chan<never>;
  constructor(listening: Listening, ctx: Context, done: Chan<never>) {
    this.listening = listening;
    this.ctx = ctx;
    this.done = done;
  }
  fire(): G | null {
    this.listening.end(new Failure(this.ctx.err()));
    return null;
  }
  leave(): void {
    this.done.removeReceiver(this);
  }
}

/**
 * The events of one name, as a channel: each is the array of the event's arguments.
 *
 *     using connections = fromEmitter<[Socket]>(server, "connection", { close: "close" });
 *     for (const [socket] of connections) go(serve, socket);
 *
 * An `error` event makes the channel fail: receivers throw its error after what is kept, every time. The channel is closed by an
 * event of `close`, by `stop()` or `using`, and fails when `ctx` ends; then all listeners are taken off. The emitter itself is
 * left as it is: it is not destroyed. A goroutine that waits for a signal of `process` (`fromEmitter(process, "SIGTERM")`) keeps the program
 * alive, as one that sleeps does; `recvAsync` does not, where nothing else does. Go: no counterpart but `signal.Notify`.
 * A channel that is full throws a RangeError (`overflow`), also behind what is kept.
 * @throws TypeError GORT_ARGUMENT if `emitter` is none, or an option is of a wrong type; RangeError GORT_RANGE on a bad capacity
 */
export function fromEmitter<A extends unknown[] = unknown[]>(
  emitter: Emitter,
  event: string | symbol,
  options: EmitterOptions = {},
): SourceChan<A> {
  checkOptions("fromEmitter", options);
  const e = emitter as { on?: unknown; addEventListener?: unknown } | null | undefined;
  if (typeof e?.on !== "function" && typeof e?.addEventListener !== "function")
    throw argument(`fromEmitter: neither an EventEmitter nor an EventTarget: ${shown(emitter)}`);
  if (typeof event !== "string" && typeof event !== "symbol")
    throw argument(`fromEmitter: not the name of an event: ${shown(event)}`);
  const { overflow = "fail", close = [], ctx } = options;
  if (!["fail", "dropOldest", "dropNewest"].includes(overflow))
    throw argument(`fromEmitter: overflow is "fail", "dropOldest" or "dropNewest", not ${shown(overflow)}`);
  const names = Array.isArray(close) ? (close as readonly (string | symbol)[]) : [close as string | symbol];
  for (const name of names)
    if (typeof name !== "string" && typeof name !== "symbol")
      throw wants("fromEmitter", "names of events as close", name);

  const ch = new SourceChannel<unknown[]>(0xffff_ffff);
  const listening = new Listening(emitter, event, ch, options);
  ch.feeder = listening;
  ch.source = listening;
  const err = ctx?.err();
  if (err !== undefined) {
    listening.end(new Failure(err));
    return ch as unknown as SourceChan<A>;
  }
  listening.listen(event, (...args) => listening.event(args));
  for (const name of names) if (name !== event) listening.listen(name, () => listening.end(null));
  if (event !== "error") listening.listen("error", (error) => listening.end(new Failure(errorOf(error))));
  if (ctx !== undefined) listening.watch(ctx);
  return ch as unknown as SourceChan<A>;
}

/** An EventTarget's error event holds its error. */
function errorOf(e: unknown): unknown {
  if (e instanceof Error || typeof e !== "object" || e === null || !("error" in e)) return e;
  return e.error ?? e;
}
