/** Streams, iterables and emitters in compiled code: plain loops over them, select among them, and nothing left behind. */
import { EventEmitter } from "node:events";
import { createReadStream } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  background,
  chan,
  fromAsyncIterable,
  fromEmitter,
  go,
  select,
  sleep,
  stack,
  stats,
  timeout,
  toReadable,
  toReadableStream,
  toWritable,
  wait,
  withTimeout,
  type Chan,
  type RecvChan,
} from "gort";
import { verifyNone } from "gort/testing";
import { until } from "./lib/settle.ts";

function caught(f: () => unknown): string {
  try {
    return String(f());
  } catch (e) {
    return `${(e as Error).name}: ${(e as Error).message}`;
  }
}

let ended = 0;

async function* numbers(n: number, fails = false): AsyncGenerator<number> {
  try {
    for (let i = 0; i < n; i++) {
      await Promise.resolve();
      yield i;
    }
    if (fails) throw new RangeError("the source broke");
  } finally {
    console.log("the generator has ended");
    ended++;
  }
}

function sum(ch: RecvChan<number>): number {
  let s = 0;
  for (const v of ch) s += v;
  return s;
}

function iterables(): void {
  console.log("for of:", sum(fromAsyncIterable(numbers(5))));
  console.log("an array of promises:", sum(fromAsyncIterable([1, Promise.resolve(2), 3])));
  console.log(
    "broken:",
    caught(() => sum(fromAsyncIterable(numbers(3, true)))),
  );
  {
    using some = fromAsyncIterable(numbers(1000), { capacity: 2 });
    for (const v of some) if (v === 3) break;
  }
  until(() => ended === 3);
  const [ctx, cancel] = withTimeout(background(), 5);
  const never = fromAsyncIterable(new PassThrough(), { ctx });
  console.log(
    "the context ends:",
    caught(() => never.recv()),
  );
  cancel();
}

/** Its `next` blocks: it is a plain object, whose functions are compiled. */
class Blocking implements Iterable<number>, Iterator<number> {
  readonly #from: Chan<number> = chan<number>();
  constructor() {
    go(() => {
      for (let i = 1; i <= 3; i++) this.#from.send(i);
      this.#from.close();
    });
  }
  [Symbol.iterator](): this {
    return this;
  }
  next(): IteratorResult<number> {
    const [value, ok] = this.#from.recvOk();
    return ok ? { value, done: false } : { value: undefined, done: true };
  }
}

function files(): void {
  using chunks = fromAsyncIterable<string>(createReadStream(import.meta.filename, "utf8"));
  let text = "";
  for (const chunk of chunks) text += chunk;
  console.log("a file:", text.split("\n")[0]!.slice(0, 45));
  console.log(
    "no file:",
    caught(() => fromAsyncIterable(createReadStream("/no/such/file")).recv()),
  );
  const web = new Blob(["web"]).stream().pipeThrough(new TextDecoderStream());
  console.log("a web stream:", fromAsyncIterable(web).recv());
  console.log("a next that blocks:", sum(fromAsyncIterable(new Blocking())));
}

class Feed extends EventEmitter {}

function events(): void {
  const feed = new Feed();
  using prices = fromEmitter<[name: string, price: number]>(feed, "price", { close: "end" });
  go(() => {
    for (const p of [10, 11, 12]) {
      sleep(1);
      feed.emit("price", "X", p);
    }
    feed.emit("end");
  });
  const log: string[] = [];
  loop: for (;;) {
    const r = select({ price: prices, late: timeout(5000) });
    switch (r.case) {
      case "price":
        if (r.value === undefined) break loop;
        log.push(`${r.value[0]} ${r.value[1]}`);
        break;
      case "late":
        log.push("late");
        break loop;
    }
  }
  console.log("events:", log.join(", "), feed.eventNames().length);
  const broken = fromEmitter(feed, "price");
  feed.emit("error", new Error("gone"));
  console.log(
    "an error event:",
    caught(() => select({ broken }).case),
  );
}

function streams(): void {
  const squares = chan<string>();
  go(() => {
    for (let i = 1; i <= 4; i++) squares.send(`${i * i} `);
    squares.close();
  });
  console.log("to a stream:", wait(toReadable(squares).toArray()).join(""));
  const text = chan<string>();
  go(() => {
    text.send("from a goroutine");
    text.close();
  });
  console.log("to a response:", wait(new Response(toReadableStream(text).pipeThrough(new TextEncoderStream())).text()));
  const into = chan<string>();
  const done = go(() => wait(pipeline(Readable.from(["a", "b", "c"]), toWritable(into))));
  const got: string[] = [];
  for (const v of into) got.push(v);
  done.join();
  console.log("from a stream:", got.join(" "));
  // A pipeline of both: a source, a goroutine in the middle, a stream at the end.
  const doubled = chan<number>();
  const source = fromAsyncIterable(Readable.from([1, 2, 3]));
  go(() => {
    for (const v of source) doubled.send((v as number) * 2);
    doubled.close();
  });
  console.log("through:", wait(toReadable(doubled).toArray()).join(" "));
}

function spread(): void {
  const ch = chan<number>(3);
  ch.send(1);
  ch.close();
  console.log("a closed channel is spread:", [...ch]);
  const open = chan<number>();
  console.log("one that would wait:", caught(() => [...open]).split(":")[0], open.trySend(1));
}

function abandoned(): void {
  const ch = fromAsyncIterable([1, 2, 3]);
  until(() => stats().reasons["chan send"] === 1);
  const shown = stack(true).split("\n\n").at(-1)!;
  console.log(shown.replaceAll(/goroutine \d+/g, "goroutine N").replaceAll(/\t.*\//g, "\t"));
  console.log(
    "left alone, it is a leak:",
    caught(() => verifyNone({ maxSleepInterval: 1 }))
      .split("\n")[1]!
      .replace(/\d+/, "N"),
  );
  ch.stop();
}

export function main(): void {
  iterables();
  files();
  events();
  streams();
  spread();
  abandoned();
  verifyNone();
  console.log("nothing is left");
}
