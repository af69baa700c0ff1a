/** What a pump takes values from: iterators, Node's readable streams, web streams, told apart by what they can do. */
import { argument, shown } from "../errors/catalogue.ts";
import { suspendable } from "../internal/state.ts";

/** The next value, and how to say that no more are wanted. */
export interface Feed {
  /** An iterator's `next`: a result or a promise of one. May block. */
  next(): unknown;
  /** Values of a synchronous iterable may be promises: they are awaited, as `for await` does. */
  readonly sync: boolean;
  /** Lets go of the source before its end. What its clean-up throws is an unhandled rejection. */
  stop(): void;
}

class IteratorFeed implements Feed {
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  readonly sync: boolean;
  constructor(iterator: Iterator<unknown> | AsyncIterator<unknown>, sync: boolean) {
    this.#iterator = iterator;
    this.sync = sync;
  }
  next(): unknown {
    return this.#iterator.next();
  }
  stop(): void {
    void this.#iterator.return?.();
  }
}

// A compiled `next` may block: the pump is suspended with it.
suspendable(IteratorFeed.prototype.next);

interface Destroyable {
  destroy(): unknown;
  on?(event: "error", listener: () => void): unknown;
  off?(event: "error", listener: () => void): unknown;
}

/** The iterator hears of it as it begins. */
function brokenBefore(): void {}

/**
 * An async iterable that can be destroyed: `return()` alone would wait for the chunk that is being waited for. The iterator
 * listens from its first `next` on, which is the pump's first step: a stream that breaks before would end the process.
 */
class ReadableFeed implements Feed {
  readonly sync = false;
  readonly #stream: Destroyable;
  readonly #iterator: AsyncIterator<unknown>;
  #begun = false;
  constructor(stream: Destroyable, iterator: AsyncIterator<unknown>) {
    this.#stream = stream;
    this.#iterator = iterator;
    stream.on?.("error", brokenBefore);
  }
  next(): unknown {
    const result = this.#iterator.next();
    if (!this.#begun) {
      this.#begun = true;
      this.#stream.off?.("error", brokenBefore);
    }
    return result;
  }
  stop(): void {
    this.#stream.destroy();
    // It says that the stream was closed too early, to nobody.
    this.#iterator.return?.().then(undefined, () => {});
  }
}

class WebFeed implements Feed {
  readonly sync = false;
  readonly #reader: ReadableStreamDefaultReader<unknown>;
  constructor(stream: ReadableStream<unknown>) {
    this.#reader = stream.getReader();
  }
  next(): unknown {
    return this.#reader.read();
  }
  stop(): void {
    void this.#reader.cancel();
  }
}

/** What feeds from `source`. @throws TypeError if it is nothing of the kind */
export function feedOf(who: string, source: unknown): Feed {
  const s = source as {
    getReader?: unknown;
    destroy?: unknown;
    [Symbol.asyncIterator]?: unknown;
    [Symbol.iterator]?: unknown;
  } | null;
  if (s !== null && s !== undefined) {
    if (typeof s.getReader === "function") return new WebFeed(source as ReadableStream<unknown>);
    if (typeof s[Symbol.asyncIterator] === "function") {
      const iterator = (source as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      return typeof s.destroy === "function"
        ? new ReadableFeed(source as Destroyable, iterator)
        : new IteratorFeed(iterator, false);
    }
    if (typeof s[Symbol.iterator] === "function")
      return new IteratorFeed((source as Iterable<unknown>)[Symbol.iterator](), true);
  }
  throw argument(`${who}: neither an iterable, an async iterable nor a stream: ${shown(source)}`);
}
