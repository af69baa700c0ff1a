/** Iterables and streams as channels. */
import { Pump } from "./pump.ts";
import { feedOf } from "./feed.ts";
import { checkOptions, SourceChannel, type SourceChan, type SourceOptions } from "./source.ts";

/**
 * The values of an async iterable, an iterable, a Node readable stream or a web `ReadableStream`, as a channel. A goroutine
 * asks for the next value once the last one has been received (or buffered), so a slow consumer slows the source down.
 *
 *     using chunks = fromAsyncIterable(createReadStream(path));
 *     for (const chunk of chunks) …
 *
 * The channel is closed at the source's end. What the source throws, and the context's error once `ctx` has ended, is thrown by
 * `recv`, `for … of` and `select`, after what is buffered, every time.
 *
 * A consumer that leaves before the end says so: `stop()`, `using`, or `ctx`. The stream is destroyed or cancelled, an
 * iterator's `return` called. Otherwise the goroutine waits for a receiver for ever, as in Go, and `verifyNone` finds it.
 * Go: no counterpart.
 * @throws TypeError GORT_ARGUMENT if `source` is nothing of the kind; Node's TypeError if it is a web stream that is locked; RangeError GORT_RANGE on
 *   a bad capacity
 */
export function fromAsyncIterable<T>(
  source: AsyncIterable<T> | Iterable<T | PromiseLike<T>> | ReadableStream<T>,
  options: SourceOptions = {},
): SourceChan<T> {
  checkOptions("fromAsyncIterable", options);
  const ch = new SourceChannel<T>(options.capacity ?? 0);
  const pump = new Pump(feedOf("fromAsyncIterable", source), ch as SourceChannel<unknown>, options.ctx);
  ch.feeder = pump;
  pump.start();
  return ch;
}
