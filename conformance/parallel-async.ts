/**
 * Channels that have crossed to another thread, from ordinary async code and as streams: the end is `undefined`, a full channel makes the
 * writer wait, a receive that is taken back loses no value.
 */
import { pipeline } from "node:stream/promises";
import { Readable, Writable } from "node:stream";
import {
  chan,
  go,
  gosched,
  parallel,
  sleep,
  toReadable,
  toWritable,
  toWritableStream,
  wait,
  WaitGroup,
  type Chan,
} from "gort";

/** Makes what it is given known to another thread. */
const meet = parallel((..._known: Chan<number>[]): void => {});

const double = parallel((numbers: Chan<number>, out: Chan<number>): void => {
  for (const n of numbers) out.send(2 * n);
  out.close();
});

function shared(capacity: number): Chan<number> {
  const ch = chan<number>(capacity);
  go(meet, ch).join();
  return ch;
}

function ends(): void {
  const ch = shared(1);
  const first = ch.recvAsync();
  const next = ch[Symbol.asyncIterator]().next();
  ch.close();
  console.log(wait(first), wait(next), wait(ch.recvAsync()), wait(ch[Symbol.asyncIterator]().next()));
}

function asyncLoop(): void {
  const [numbers, out] = [chan<number>(), chan<number>()];
  go(double, numbers, out);
  const sum = async (): Promise<number> => {
    let n = 0;
    for await (const v of out) n += v;
    return n;
  };
  const total = sum();
  for (let i = 1; i <= 100; i++) wait(numbers.sendAsync(i));
  numbers.close();
  console.log(wait(total));
}

function streams(): void {
  const [numbers, out] = [chan<number>(), chan<number>()];
  go(double, numbers, out);
  const got: number[] = [];
  const sink = new Writable({
    objectMode: true,
    write(v: number, _encoding, callback) {
      got.push(v);
      callback();
    },
  });
  const read = pipeline(toReadable(out), sink);
  wait(pipeline(Readable.from([1, 2, 3, 4, 5, 6]), toWritable(numbers)));
  wait(read);
  console.log(got.join(" "));
}

function webStreams(): void {
  const [numbers, out] = [chan<number>(), chan<number>()];
  go(double, numbers, out);
  const writer = toWritableStream(numbers).getWriter();
  const written = [1, 2, 3].map((n) => writer.write(n));
  console.log(out.recv(), out.recv(), out.recv());
  wait(Promise.all(written));
  wait(writer.close());
  console.log(out.recvOk());
}

const passOn = parallel((from: Chan<number>, out: Chan<number>, gate: Chan<number>): void => {
  out.send(gate.recv()!);
  out.send(from.recv()!);
});

/** A write that waits is there for receivers of every thread. */
function waits(): void {
  const [numbers, out, gate] = [chan<number>(), chan<number>(), chan<number>()];
  go(passOn, numbers, out, gate);
  gate.send(0);
  toWritable(numbers).write(1);
  gosched();
  console.log(out.recv(), out.recv());
}

/** A stream that is destroyed gives up the write that waits. */
function destroyed(): void {
  const ch = shared(0);
  const stream = toWritable(ch);
  stream.on("error", () => {});
  stream.write(1);
  gosched();
  stream.destroy(new Error("given up"));
  sleep(1);
  try {
    console.log("received", ch.recv());
  } catch (e) {
    console.log((e as Error).message);
  }
}

/** Receivers that leave, while values come: each value is received once. */
function takenBack(): void {
  const ch = shared(0);
  const wg = new WaitGroup();
  const got: number[] = [];
  wg.go(() => {
    for (let i = 0; i < 200; i++) ch.send(i);
    ch.close();
  });
  wg.go(() => {
    for (;;) {
      const it = ch[Symbol.asyncIterator]();
      const next = it.next();
      gosched();
      void it.return?.();
      const { value, done } = wait(next);
      if (done !== true) got.push(value);
      const r = ch.tryRecv();
      if (r !== undefined && r[1]) got.push(r[0]);
      if (r !== undefined && !r[1]) return;
    }
  });
  wg.wait();
  console.log(got.length, new Set(got).size);
}

export function main(): void {
  ends();
  asyncLoop();
  streams();
  webStreams();
  waits();
  destroyed();
  takenBack();
}
