/** Streams, iterables and emitters as channels and back: values, back-pressure, errors, and what is left behind. */
import { EventEmitter } from "node:events";
import { PassThrough, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as later } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { seq, settle } from "./frames.ts";
import {
  background,
  Canceled,
  chan,
  fromAsyncIterable,
  fromEmitter,
  nilChan,
  numGoroutine,
  run,
  select,
  stack,
  toReadable,
  toReadableStream,
  toWritable,
  toWritableStream,
  withCancelCause,
  type Chan,
  type Context,
  type RecvChan,
  type SourceChan,
} from "../src/index.ts";

afterEach(async () => {
  for (let i = 0; i < 100 && numGoroutine() !== 0; i++) await later(2);
  if (numGoroutine() !== 0) throw new Error(stack(true));
});

async function all<T>(ch: RecvChan<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const v of ch) out.push(v);
  return out;
}

/**
 * Whoever can run does. A time alone is not enough: behind a stall of the machine it is over before the event loop has turned, and a goroutine
 * that had used up the loop's budget runs behind that.
 */
async function turn(): Promise<void> {
  await later(1);
  for (let i = 0; i < 3; i++) {
    await run(settle);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A context that can be ended, and says whether somebody waits for its end. */
function context(): { ctx: Context; end: (cause: Error) => void; waiting: () => boolean } {
  const [ctx, end] = withCancelCause(background());
  return { ctx, end, waiting: () => (ctx.done() as unknown as Chan).recvq.first !== null };
}

/** Counts what it was asked for, and hears of its end. */
function counted(n: number, fails?: Error): AsyncIterable<number> & { asked: number; returned: number } {
  const source = {
    asked: 0,
    returned: 0,
    [Symbol.asyncIterator]: (): AsyncIterator<number> => ({
      next: async () => {
        if (source.asked === n) {
          if (fails !== undefined) throw fails;
          return { done: true, value: undefined };
        }
        return { done: false, value: source.asked++ };
      },
      return: async () => {
        source.returned++;
        return { done: true, value: undefined };
      },
    }),
  };
  return source;
}

test("all values of an async iterable, and the end", async () => {
  const source = counted(5);
  expect(await all(fromAsyncIterable(source))).toEqual([0, 1, 2, 3, 4]);
  expect(source.returned).toBe(0);
});

test("iterables, and promises in them", async () => {
  expect(await all(fromAsyncIterable([1, Promise.resolve(2), 3]))).toEqual([1, 2, 3]);
  let closed = false;
  function* broken(): Generator<Promise<number> | number> {
    try {
      yield 1;
      yield Promise.reject(new Error("no value"));
      yield 3;
    } finally {
      closed = true;
    }
  }
  await expect(all(fromAsyncIterable(broken()))).rejects.toThrow("no value");
  expect(closed).toBe(true);
});

test("a goroutine receives, and an exception of the source is thrown in it, each time", async () => {
  const ch = fromAsyncIterable(counted(2, new Error("cut off")), { capacity: 8 });
  const got: unknown[] = [];
  const receive = seq(
    () => ch.recvOk(),
    (v: unknown) => void got.push(v),
    () => ch.recvOk(),
    (v: unknown) => void got.push(v),
    () => ch.recv(),
    () => got.push("never"),
  );
  await expect(run(receive)).rejects.toThrow("cut off");
  expect(got).toEqual([
    [0, true],
    [1, true],
  ]);
  await expect(run(() => ch.recv())).rejects.toThrow("cut off");
  expect(() => ch.tryRecv()).toThrow("cut off");
  await expect(ch.recvAsync()).rejects.toThrow("cut off");
  await expect(run(() => [...ch])).rejects.toThrow("cut off");
  await expect(run(() => select({ ch }))).rejects.toThrow("cut off");
});

test("a select that waits throws what broke the source; the other cases are left", async () => {
  const other = chan<number>();
  const ch = fromAsyncIterable(counted(0, new Error("cut off")));
  await expect(run(() => select({ other, ch }))).rejects.toThrow("cut off");
  expect(other.recvq.first).toBe(null);
});

test("a slow consumer slows the source: no value is asked for before the last was received", async () => {
  const source = counted(100);
  const ch = fromAsyncIterable(source);
  await turn();
  expect(source.asked).toBe(1);
  expect(await ch.recvAsync()).toBe(0);
  await turn();
  expect(source.asked).toBe(2);
  ch.stop();
  const ahead = counted(100);
  const buffered = fromAsyncIterable(ahead, { capacity: 4 });
  await turn();
  expect(ahead.asked).toBe(5);
  buffered.stop();
});

test("a consumer that leaves: the iterator is returned, the goroutine ends, others see the end", async () => {
  const source = counted(100);
  {
    using ch = fromAsyncIterable(source, { capacity: 2 });
    expect(await ch.recvAsync()).toBe(0);
  }
  await turn();
  expect(source.returned).toBe(1);
  expect(numGoroutine()).toBe(0);
  const never = fromAsyncIterable(
    (async function* () {
      await new Promise(() => {});
      yield 1;
    })(),
  );
  await turn();
  const waiting = never.recvAsync();
  never.stop();
  never.stop();
  expect(await waiting).toBe(undefined);
});

test("stopped before it began, and from within the source", async () => {
  const source = counted(3);
  const ch = fromAsyncIterable(source);
  ch.stop();
  expect(await all(ch)).toEqual([]);
  expect(source.asked).toBe(0);
  const inner = fromAsyncIterable<number>({
    *[Symbol.iterator]() {
      yield 1;
      inner.stop();
      yield 2;
    },
  });
  expect(await inner.recvAsync()).toBe(1);
  expect(await inner.recvAsync()).toBe(undefined);
});

test.each(["before", "while it sends", "while it waits for the source"])("the context ends %s", async (when) => {
  const { ctx, end, waiting } = context();
  const gone = new Error("the context ended");
  const source =
    when === "while it waits for the source"
      ? Object.assign(
          Readable.from(
            (async function* () {
              yield await new Promise(() => {});
            })(),
          ),
          { returned: 0 },
        )
      : counted(100);
  if (when === "before") end(gone);
  const ch = fromAsyncIterable(source as AsyncIterable<unknown>, { ctx });
  await turn();
  if (when !== "before") end(gone);
  await turn();
  await expect(ch.recvAsync()).rejects.toBe(Canceled);
  expect(ctx.cause()).toBe(gone);
  if (source instanceof Readable) expect(source.destroyed).toBe(true);
  else expect(source.returned).toBe(1);
  expect(waiting()).toBe(false);
});

test("a Node stream: all of it, its error, and destroyed when the consumer leaves", async () => {
  expect(
    Buffer.concat(
      (await all(fromAsyncIterable(Readable.from([Buffer.from("ab"), Buffer.from("c")])))) as Buffer[],
    ).toString(),
  ).toBe("abc");
  const broken = new PassThrough();
  const ch = fromAsyncIterable(broken);
  broken.write("x");
  broken.destroy(new Error("reset"));
  await expect(all(ch)).rejects.toThrow("reset");
  const silent = new PassThrough();
  const left = fromAsyncIterable(silent);
  await turn();
  left.stop();
  await turn();
  expect(silent.destroyed).toBe(true);
});

test("a Node stream that breaks before the goroutine that reads it has begun", async () => {
  for (const stopped of [false, true]) {
    const ch = await new Promise<SourceChan<unknown>>((resolve) => {
      setTimeout(() => {
        const stream = new PassThrough();
        const source = fromAsyncIterable(stream);
        stream.destroy(new Error("at once")); // the event comes in a tick, the goroutine behind it
        if (stopped) source.stop();
        resolve(source);
      });
    });
    if (stopped) expect(await all(ch)).toEqual([]);
    else await expect(all(ch)).rejects.toThrow("at once");
  }
});

test("a web stream: all of it, its error, cancelled when the consumer leaves", async () => {
  expect(await all(fromAsyncIterable(new Blob(["abc"]).stream().pipeThrough(new TextDecoderStream())))).toEqual([
    "abc",
  ]);
  const broken = new ReadableStream({ pull: (c) => c.error(new Error("reset")) });
  await expect(all(fromAsyncIterable(broken))).rejects.toThrow("reset");
  let cancelled = false;
  const left = fromAsyncIterable(
    new ReadableStream({ pull: () => new Promise(() => {}), cancel: () => void (cancelled = true) }),
  );
  await turn();
  left.stop();
  await turn();
  expect(cancelled).toBe(true);
});

test("what is no source, and bad options", () => {
  for (const bad of [undefined, null, 5, {}, () => 1])
    expect(() => fromAsyncIterable(bad as never)).toThrow(/^fromAsyncIterable: neither an iterable/);
  const source = counted(1);
  expect(() => fromAsyncIterable(source, { capacity: -1 })).toThrow(RangeError);
  expect(() => fromAsyncIterable(source, { ctx: {} as never })).toThrow(
    "fromAsyncIterable: a value of Object is not a context",
  );
  expect(() => fromAsyncIterable(source, null as never)).toThrow("wants an object of options, not null");
  const locked = new ReadableStream();
  locked.getReader();
  expect(() => fromAsyncIterable(locked)).toThrow(TypeError);
});

test("an iterator whose result is no object", async () => {
  const broken = { [Symbol.asyncIterator]: () => ({ next: async () => 5 }) } as unknown as AsyncIterable<number>;
  await expect(all(fromAsyncIterable(broken))).rejects.toThrow("Iterator result 5 is not an object");
});

test("events, in order, as the arrays of their arguments; closed by an event; listeners are taken off", async () => {
  const e = new EventEmitter();
  const ch = fromEmitter<[string, number]>(e, "say", { close: ["end", "close"] });
  e.emit("say", "a", 1);
  e.emit("say", "b", 2);
  const waiting = (async () => [await ch.recvAsync(), await ch.recvAsync(), await ch.recvAsync()])();
  await turn();
  e.emit("say", "c", 3);
  e.emit("end");
  e.emit("say", "d", 4);
  expect(await waiting).toEqual([
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ]);
  expect(await ch.recvAsync()).toBe(undefined);
  expect(e.eventNames()).toEqual([]);
});

test("an error event fails the channel, behind what is kept", async () => {
  const e = new EventEmitter();
  const ch = fromEmitter(e, "say");
  e.emit("say", 1);
  e.emit("error", new Error("broken"));
  expect(await ch.recvAsync()).toEqual([1]);
  await expect(ch.recvAsync()).rejects.toThrow("broken");
  expect(e.eventNames()).toEqual([]);
});

test("an EventTarget; stop and context take the listeners off", async () => {
  const t = new EventTarget();
  let n = 0;
  const add = t.addEventListener.bind(t);
  const remove = t.removeEventListener.bind(t);
  t.addEventListener = (...a: Parameters<typeof add>) => (n++, add(...a));
  t.removeEventListener = (...a: Parameters<typeof remove>) => (n--, remove(...a));
  const ch = fromEmitter<[Event]>(t, "x");
  t.dispatchEvent(new Event("x"));
  expect((await ch.recvAsync())?.[0].type).toBe("x");
  ch.stop();
  expect(n).toBe(0);
  const { ctx, end } = context();
  const second = fromEmitter(t, "x", { ctx });
  const waiting = second.recvAsync();
  end(new Error("over"));
  await expect(waiting).rejects.toThrow("context canceled");
  expect(n).toBe(0);
  const third = fromEmitter(t, "x", { ctx });
  await expect(third.recvAsync()).rejects.toThrow("context canceled");
  expect(n).toBe(0);
  const late = context();
  const done = (): RecvChan<never> => (late.end(new Error("its time has come")), late.ctx.done());
  // Its time comes between two questions.
  const between = { err: () => late.ctx.err(), done } as Context;
  await expect(fromEmitter(t, "x", { ctx: between }).recvAsync()).rejects.toThrow("context canceled");

  const other = context();
  fromEmitter(t, "x", { ctx: other.ctx }).stop();
  expect(other.waiting()).toBe(false);
});

test("too many events: fail, drop the oldest, drop the newest", async () => {
  const e = new EventEmitter();
  const fail = fromEmitter(e, "n", { capacity: 2 });
  const oldest = fromEmitter(e, "n", { capacity: 2, overflow: "dropOldest", close: "end" });
  const newest = fromEmitter(e, "n", { capacity: 2, overflow: "dropNewest", close: "end" });
  const none = fromEmitter(e, "n", { capacity: 0, overflow: "dropOldest", close: "end" });
  for (let i = 0; i < 4; i++) e.emit("n", i);
  e.emit("end");
  expect(await all(oldest)).toEqual([[2], [3]]);
  expect(await all(newest)).toEqual([[0], [1]]);
  expect(await all(none)).toEqual([]);
  expect([await fail.recvAsync(), await fail.recvAsync()]).toEqual([[0], [1]]);
  await expect(fail.recvAsync()).rejects.toThrow(
    /^fromEmitter: 2 events are waiting and another has come; pass a larger capacity, none for no limit, or say by overflow/,
  );
});

test("an emitter that can pause is paused when the channel is full, and resumed when it is empty", async () => {
  const stream = Readable.from(Array.from({ length: 50 }, (_, i) => i));
  const ch = fromEmitter<[number]>(stream, "data", { capacity: 3, close: "end" });
  await turn();
  expect(ch.len).toBe(3);
  expect((await all(ch)).map(([v]) => v)).toEqual(Array.from({ length: 50 }, (_, i) => i));
});

test("what is no emitter, and bad options", () => {
  const e = new EventEmitter();
  for (const bad of [undefined, null, 5, {}])
    expect(() => fromEmitter(bad as never, "x")).toThrow(/^fromEmitter: neither an EventEmitter nor/);
  expect(() => fromEmitter(e, 5 as never)).toThrow("not the name of an event");
  expect(() => fromEmitter(e, "x", { overflow: "wait" as never })).toThrow("overflow is");
  expect(() => fromEmitter(e, "x", { capacity: 0.5 })).toThrow(RangeError);
  expect(e.eventNames()).toEqual([]);
});

test("a channel as a Node stream", async () => {
  const ch = chan<string>(10);
  for (const s of ["a", "b", "c"]) ch.trySend(s);
  const sent = ch.sendAsync("d").then(() => ch.close());
  expect(await toReadable(ch).toArray()).toEqual(["a", "b", "c", "d"]);
  await sent;
  const bytes = chan<string>(1);
  const text = toReadable(bytes, { objectMode: false, encoding: "utf8" }).toArray();
  await bytes.sendAsync("xyz");
  bytes.close();
  expect((await text).join("")).toBe("xyz");
});

test("a slow reader slows the senders", async () => {
  const ch = chan<number>();
  const stream = toReadable(ch);
  let sent = 0;
  const producer = (async () => {
    for (; sent < 20; sent++) await ch.sendAsync(sent);
    ch.close();
  })();
  stream.once("readable", () => {});
  await turn();
  expect(sent).toBeLessThan(4);
  expect(await stream.toArray()).toHaveLength(20);
  await producer;
});

test("a stream that is destroyed takes no further value, and tells the source", async () => {
  const ch = chan<number>();
  const told: unknown[] = [];
  const stream = toReadable(ch, { onCancel: (e) => told.push(e) });
  stream.once("readable", () => {});
  await turn();
  expect(ch.recvq.first).not.toBe(null);
  stream.destroy();
  await turn();
  expect(ch.recvq.first).toBe(null);
  expect(ch.trySend(1)).toBe(false);
  expect(told).toEqual([undefined]);
  const source = counted(100);
  const chained = toReadable(fromAsyncIterable(source));
  for await (const v of chained) if (v === 3) break;
  await turn();
  expect(source.returned).toBe(1);
  const signalled = toReadable(nilChan(), {
    signal: AbortSignal.abort(new Error("why")),
    onCancel: (e) => told.push(e),
  });
  await expect(signalled.toArray()).rejects.toThrow("aborted");
  expect(told).toHaveLength(2);
});

test("a failed source destroys the stream; null would end it", async () => {
  await expect(toReadable(fromAsyncIterable(counted(1, new Error("cut off")))).toArray()).rejects.toThrow("cut off");
  const ch = chan<number | null>(2);
  ch.trySend(null);
  await expect(toReadable(ch).toArray()).rejects.toThrow("null was received");
});

test("a channel as a web stream", async () => {
  const ch = chan<number>(3);
  for (const n of [1, 2, 3]) ch.trySend(n);
  ch.close();
  const got: number[] = [];
  for await (const v of toReadableStream(ch) as unknown as AsyncIterable<number>) got.push(v);
  expect(got).toEqual([1, 2, 3]);
  const source = counted(10);
  const reader = toReadableStream(fromAsyncIterable(source)).getReader();
  expect(await reader.read()).toEqual({ value: 0, done: false });
  await reader.cancel("enough");
  await turn();
  expect(source.returned).toBe(1);
  const idle = chan<number>();
  const told: unknown[] = [];
  const waiting = toReadableStream(idle, { onCancel: (r) => told.push(r) }).getReader();
  const pending = waiting.read();
  await turn();
  await waiting.cancel("enough");
  expect(await pending).toEqual({ value: undefined, done: true });
  expect(idle.recvq.first).toBe(null);
  expect(told).toEqual(["enough"]);
  await expect(
    toReadableStream(fromAsyncIterable(counted(0, new Error("cut off"))))
      .getReader()
      .read(),
  ).rejects.toThrow("cut off");
});

test("a Node stream written into a channel", async () => {
  const ch = chan<string>();
  const done = pipeline(Readable.from(["a", "b"]), toWritable(ch));
  expect(await all(ch)).toEqual(["a", "b"]);
  await done;
  const kept = chan<string>(4);
  await pipeline(Readable.from(["a"]), toWritable(kept, { close: false }));
  await pipeline(Readable.from(["b"]), toWritable(kept));
  expect(await all(kept)).toEqual(["a", "b"]);
});

test("a writer that breaks fails the channel; a closed channel fails the writer", async () => {
  const ch = chan<string>();
  const writer = toWritable(ch);
  writer.on("error", () => {});
  writer.write("lost");
  await turn();
  writer.destroy(new Error("reset"));
  await expect(ch.recvAsync()).rejects.toThrow("reset");
  expect(ch.sendq.first).toBe(null);
  const given = chan<string>();
  toWritable(given).destroy();
  await turn();
  await expect(given.recvAsync()).rejects.toThrow("destroyed before its end");
  const closed = chan<string>();
  closed.close();
  await expect(pipeline(Readable.from(["a"]), toWritable(closed))).rejects.toThrow("send on closed channel");
});

test("a web stream written into a channel", async () => {
  const ch = chan<string>();
  const done = new Blob(["abc"]).stream().pipeThrough(new TextDecoderStream()).pipeTo(toWritableStream(ch));
  expect(await all(ch)).toEqual(["abc"]);
  await done;
  const broken = chan<number>();
  const writer = toWritableStream(broken).getWriter();
  const write = writer.write(1).catch((e: Error) => e.message);
  writer.closed.catch(() => {});
  await turn();
  await writer.abort(new Error("reset"));
  expect(await write).toBe("reset");
  await expect(broken.recvAsync()).rejects.toThrow("reset");
});

test("what is no channel", () => {
  for (const f of [toReadable, toReadableStream, toWritable, toWritableStream])
    for (const bad of [undefined, [], new Writable()])
      expect(() => f(bad as never)).toThrow(`${f.name}: not a channel`);
});
