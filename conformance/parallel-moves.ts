/** What `move` hands over besides memory: streams, ports, file handles; in every position, and with every way it can end. */
import { createSecretKey, KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { BlockList } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import {
  background,
  blocking,
  chan,
  go,
  gosched,
  move,
  otherwise,
  parallel,
  select,
  sending,
  sleep,
  timeout,
  wait,
  withCancel,
  withCancelCause,
  withValue,
  type Chan,
  type Context,
} from "gort";
import { settle } from "./lib/settle.ts";

function drain(stream: ReadableStream<unknown>): string {
  const reader = stream.getReader();
  const got: string[] = [];
  try {
    for (;;) {
      const { value, done } = wait(reader.read());
      if (done) break;
      got.push(String(value));
    }
  } catch (e) {
    got.push(String(e).replace(/(?<=is a function).*/, ""));
  }
  return got.join(" ");
}

function numbers(n: number): ReadableStream<number> {
  let i = 0;
  return new ReadableStream<number>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (i === n) controller.close();
      else controller.enqueue(i++);
    },
  });
}

const read = parallel((stream: ReadableStream<unknown>): string => drain(stream));
const readNested = parallel((v: { deep: [Map<string, ReadableStream<unknown>>] }): string =>
  drain(v.deep[0].get("stream")!),
);
const readSent = parallel((streams: Chan<ReadableStream<unknown>>): string[] => [...received(streams)].map(drain));
function received(streams: Chan<ReadableStream<unknown>>): ReadableStream<unknown>[] {
  const all: ReadableStream<unknown>[] = [];
  for (const stream of streams) all.push(stream);
  return all;
}
const make = parallel((n: number): ReadableStream<number> => move(numbers(n)));
const passOn = parallel((stream: ReadableStream<number>): string => go(read, move(stream)).join());
const fail = parallel((): void => {
  throw new Error("failed", { cause: move(numbers(2)) });
});
const write = parallel((stream: WritableStream<unknown>, ...values: unknown[]): string => {
  const writer = stream.getWriter();
  try {
    for (const v of values) wait(writer.write(v));
    wait(writer.close());
    return "closed";
  } catch {
    // Where it broke behind the last write, `close` only says that it cannot be closed.
    return wait(writer.closed.then(String, String));
  }
});
const cancel = parallel((stream: ReadableStream<number>): number => {
  const reader = stream.getReader();
  const { value } = wait(reader.read());
  wait(reader.cancel("enough"));
  return value!;
});
const abort = parallel((stream: WritableStream<number>): void => wait(stream.abort("no more")));
const upper = parallel((pair: TransformStream<string, string>): string => {
  const writer = pair.writable.getWriter();
  const g = go(() => {
    for (const s of ["a", "b"]) wait(writer.write(s));
    wait(writer.close());
  });
  const said = drain(pair.readable);
  g.join();
  return `${said} ${pair instanceof TransformStream}`;
});

const talk = parallel((port: MessagePort): string => {
  const heard = chan<string>(1);
  port.on("message", (s: string) => void heard.trySend(s));
  port.postMessage("hello");
  const said = heard.recv()!;
  port.close();
  return said;
});
const talkLater = parallel((ports: Chan<MessagePort>): string => talk(ports.recv()!));
const readFile = parallel((file: FileHandle): string => {
  const text = wait(file.readFile("utf8"));
  wait(file.close());
  return text;
});

function refusal(f: () => unknown): string {
  try {
    return String(f());
  } catch (e) {
    const { code, message } = e as Error & { code?: string };
    return `${code}: ${message.replace(/^gort: this cannot go to another thread: /, "").replace(/; pass plain.*/, "")}`;
  }
}

function streams(): void {
  console.log("argument:", go(read, move(numbers(3))).join());
  console.log("nested:", go(readNested, { deep: [new Map([["stream", move(numbers(2))]])] }).join());
  console.log("returned:", drain(go(make, 3).join()));
  console.log("moved on:", go(passOn, move(numbers(2))).join());
  try {
    go(fail).join();
  } catch (e) {
    console.log("thrown:", drain((e as Error).cause as ReadableStream<number>));
  }
  const ch = chan<ReadableStream<unknown>>();
  const g = go(readSent, ch);
  ch.send(move(numbers(1)));
  console.log("selected:", select({ sent: sending(ch, move(numbers(2))), never: chan<number>() }).case);
  ch.close();
  console.log("received:", g.join());
  console.log("of Node's:", go(read, move(Readable.toWeb(Readable.from(["x", "y"])))).join());

  const said: unknown[] = [];
  const sink = (broken?: number): WritableStream<unknown> =>
    new WritableStream<unknown>({
      async write(v) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (v === broken) throw new RangeError(`no ${broken}`);
        said.push(v);
      },
      close: () => void said.push("closed"),
      abort: (reason) => void said.push(["aborted", reason]),
    });
  console.log("written:", go(write, move(sink()), 1, { two: [2] }, 3).join(), JSON.stringify(said.splice(0)));
  console.log("broken sink:", go(write, move(sink(2)), 1, 2, 3, 4).join(), JSON.stringify(said.splice(0)));
  go(abort, move(sink())).join();
  while (said.length === 0) wait(new Promise((resolve) => setTimeout(resolve, 1)));
  console.log("aborted:", JSON.stringify(said.splice(0)));
  const big = new TransformStream<string, string>({ transform: (s, to) => to.enqueue(s.toUpperCase()) });
  console.log("transformed:", go(upper, move(big)).join());

  const reasons = chan<unknown>(1);
  const endless = new ReadableStream<number>({
    pull: (controller) => controller.enqueue(7),
    cancel: (reason) => void reasons.trySend(reason),
  });
  console.log("cancelled:", go(cancel, move(endless)).join(), reasons.recv());
  const broken = new ReadableStream<number>(
    {
      start: (controller) => controller.enqueue(1),
      pull: (controller) => controller.error(new RangeError("it broke")),
    },
    { highWaterMark: 0 },
  );
  console.log("broken:", go(read, move(broken)).join());
  const uncrossable = new ReadableStream<unknown>({ start: (controller) => controller.enqueue({ f: () => 1 }) });
  console.log("a chunk that cannot cross:", go(read, move(uncrossable)).join());
}

const fill = parallel((stream: ReadableStream<Uint8Array<ArrayBuffer>>): string => {
  const reader = stream.getReader({ mode: "byob" });
  const got: string[] = [];
  for (let memory = new Uint8Array(3); ;) {
    const { value, done } = wait(reader.read(memory));
    got.push(`${done ? "end" : ""}${value?.join("")}`);
    if (done) return got.join(" ");
    memory = new Uint8Array(value!.buffer);
  }
});
function bytes(...chunks: number[][]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk !== undefined) controller.enqueue(new Uint8Array(chunk));
      else {
        controller.close();
        controller.byobRequest?.respond(0);
      }
    },
  });
}

/** Reads on when it is told to. */
const dawdle = parallel((stream: ReadableStream<Uint8Array>, goOn: Chan<void>): number => {
  const reader = stream.getReader();
  let n = wait(reader.read()).value!.length;
  goOn.recv();
  for (;;) {
    const { value, done } = wait(reader.read());
    if (done) return n;
    n += value.length;
  }
});

/** Chunks that a source of 30 has been asked for when one was read: `most` in the end. */
function ahead(size: number, most: number): number {
  let pulled = 0;
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (++pulled > 30) controller.close();
        else controller.enqueue(new Uint8Array(size));
      },
    },
    { highWaterMark: 0 },
  );
  const goOn = chan<void>();
  const g = go(() => blocking(dawdle, move(source), goOn));
  for (let tries = 0; tries < 500 && pulled < most; tries++) sleep(10);
  sleep(20);
  const seen = pulled;
  goOn.send();
  return g.join() === 30 * size ? seen : NaN;
}

const forget = parallel((stream: ReadableStream<number>, reads: boolean): number => {
  collects();
  return reads ? firstOf(stream) : 7;
});
function firstOf(stream: ReadableStream<number>): number {
  return wait(stream.getReader().read()).value!;
}
/** Collects what nobody has on this thread, behind the goroutine that says so. */
function collects(): void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  let times = 0;
  const timer = setInterval(() => {
    gc();
    if (++times === 10) clearInterval(timer);
  }, 20);
}
function endless(reasons: Chan<unknown>): ReadableStream<number> {
  return new ReadableStream<number>({
    pull: (controller) => controller.enqueue(7),
    cancel: (reason) => void reasons.trySend(reason),
  });
}

function streamsAhead(): void {
  console.log("of bytes:", go(fill, move(bytes([1, 2], [3, 4, 5, 6, 7], [8]))).join());
  const moved = move(bytes([1, 2, 3, 4], [5]));
  const reader = moved.getReader({ mode: "byob" });
  console.log(wait(reader.read(new Uint8Array(2))).value, wait(reader.read(new Uint8Array(8))).value);
  reader.releaseLock();
  console.log("the rest:", go(fill, move(moved)).join());
  console.log("read ahead:", ahead(1, 9), ahead(100_000, 7), ahead(1_000_000, 2));
  for (const reads of [true, false]) {
    const reasons = chan<unknown>(1);
    const n = blocking(forget, move(endless(reasons)), reads);
    console.log("dropped:", n, select({ heard: reasons, late: timeout(10_000) }).case);
  }
  const reasons = chan<unknown>(1);
  buried(reasons);
  collects();
  console.log("in a channel that nobody has:", select({ heard: reasons, late: timeout(10_000) }).case);
}
const passes = parallel((ch: Chan<unknown>): number => {
  collects();
  return ch.cap;
});
function buried(reasons: Chan<unknown>): void {
  const ch = chan<unknown>(1);
  go(passes, ch).join();
  ch.send(move(endless(reasons)));
}

function refused(): void {
  console.log(refusal(() => go(read, numbers(1))));
  console.log(refusal(() => go(readNested, { deep: [new Map([["stream", Readable.from([1]) as never]])] })));
  console.log(refusal(() => move(Readable.from([1]) as never)));
  const stream = move(numbers(2));
  const port = move(new MessageChannel().port1);
  const memory = move(new Uint8Array([1, 2]));
  console.log(refusal(() => go(read as never, stream as never, port, memory, () => 1)));
  console.log(
    memory.join(),
    stream.locked,
    refusal(() => port.postMessage(1)),
  );
  port.close();
  const original = numbers(1);
  move(original);
  console.log(refusal(() => move(original)));
  const g = go(read, stream);
  console.log(refusal(() => go(read, stream)));
  console.log(refusal(() => move(stream)));
  console.log(refusal(() => stream.getReader()));
  console.log("all the same:", g.join());
}

function ports(): void {
  const { port1, port2 } = new MessageChannel();
  port2.on("message", (s) => port2.postMessage(`${s} yourself`));
  console.log(
    "port:",
    blocking(talk, move(port1)),
    refusal(() => port1.postMessage(1)),
  );
  const ch = chan<MessagePort>();
  const g = go(talkLater, ch);
  const other = new MessageChannel();
  other.port2.on("message", (s) => other.port2.postMessage(`${s} too`));
  const port = move(other.port1);
  // Offered in vain, it can be offered again.
  const nobody = chan<MessagePort>();
  const idle = go(talkLater, nobody);
  nobody.send(move(new MessageChannel().port1));
  console.log(select({ sent: sending(nobody, port), late: timeout(2) }).case);
  while (select({ sent: sending(ch, port), none: otherwise }).case === "none") gosched();
  console.log("sent at last:", g.join());
  const third = new MessageChannel();
  const inVain = move(third.port1);
  console.log(select({ sent: sending(nobody, inVain), late: timeout(2) }).case);
  third.port2.on("message", (s) => third.port2.postMessage(`${s} again`));
  const back = move(inVain);
  console.log(
    "moved again:",
    talk(back),
    refusal(() => go(talk, inVain)),
  );
  void idle;
}

const crossed = parallel((ch: Chan<unknown>): number => ch.cap);
const receives = parallel((ch: Chan<unknown>): unknown => {
  const v = ch.recv();
  return v instanceof ReadableStream ? drain(v) : v;
});

/** What nobody has received is still here. */
function offered(): void {
  const ch = chan<unknown>();
  go(crossed, ch).join();
  const memory = move(new Uint8Array([1, 2]));
  const stream = move(numbers(2));
  for (const v of [memory, stream]) {
    console.log(ch.trySend(v), select({ sent: sending(ch, v), none: otherwise }).case);
    console.log(
      select({ sent: sending(ch, v), late: timeout(2) }).case,
      refusal(() => ch.send(v, ended())),
    );
    const g = go(receives, ch);
    ch.send(v);
    console.log("received:", String(g.join()));
  }
  console.log(
    memory.length,
    refusal(() => stream.getReader()),
  );
  const closed = chan<unknown>(1);
  go(crossed, closed).join();
  closed.close();
  const [again, more] = [move(new Uint8Array([3])), move(numbers(1))];
  console.log(
    refusal(() => closed.send(again)),
    refusal(() => closed.send(more)),
  );
  console.log(again.join(), drain(more));
  const one = move(numbers(1));
  console.log(
    refusal(() => go(read as never, one as never, () => 1)),
    one.locked,
  );
  const [ctx, cancel] = withCancelCause(withValue(background(), "stream", one));
  go(ends, ctx);
  cancel(new Error("over", { cause: one }));
  console.log(drain(one));
  const late = move(numbers(1));
  const sender = go(() => ch.send(late));
  settle();
  late.getReader();
  console.log("locked meanwhile:", go(receives, ch).join());
  sender.join();
}
const ends = parallel((ctx: Context): void => void ctx.done().recv());

function ended(): Context {
  const [ctx, cancel] = withCancel(background());
  cancel();
  return ctx;
}

const looks = parallel((v: { key: KeyObject; blob: Blob; list: BlockList }): string => {
  const { key, blob, list } = v;
  return `${key.export().toString()} ${wait(blob.text())} ${list.check("10.1.2.3")} ${key instanceof KeyObject}`;
});

/** What the engine copies. */
function copied(): void {
  const list = new BlockList();
  list.addSubnet("10.0.0.0", 8);
  const v = { key: createSecretKey(Buffer.from("secret")), blob: new Blob(["text"]), list };
  console.log(go(looks, v).join(), blocking(looks, v));
  console.log(
    refusal(() => go(looks as never, v, () => 1)),
    go(looks, v).join(),
  );
  class Blob2 {
    readonly size = 1;
  }
  Object.defineProperty(Blob2, "name", { value: "Blob" });
  console.log(refusal(() => go(looks, { ...v, blob: new Blob2() as never })));
}

function files(): void {
  const folder = mkdtempSync(join(tmpdir(), "gort-"));
  const path = join(folder, "text");
  writeFileSync(path, "a text");
  const file = wait(open(path));
  console.log(refusal(() => go(readFile, file)));
  const moved = move(file);
  console.log(refusal(() => wait(file.stat())));
  console.log("file:", go(readFile, moved).join(), blocking(readFile, move(wait(open(path)))));
  console.log(refusal(() => go(readFile, moved)));
  const busy = move(wait(open(path)));
  const reading = busy.stat();
  console.log(refusal(() => go(readFile, busy)));
  console.log(wait(reading).size, go(readFile, busy).join());
  const nobody = chan<FileHandle>();
  go(crossed, nobody as Chan<unknown>).join();
  const inVain = move(wait(open(path)));
  console.log(select({ sent: sending(nobody, inVain), late: timeout(2) }).case);
  console.log("moved again:", go(readFile, move(inVain)).join());
  rmSync(folder, { recursive: true });
}

export function main(): void {
  streams();
  streamsAhead();
  refused();
  ports();
  offered();
  copied();
  files();
}
