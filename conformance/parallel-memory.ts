/** SharedArrayBuffers and their views: one memory on all threads, also on those that start later, and passed on by others. */
import { blocking, chan, go, parallel, WaitGroup, type Chan } from "gort";

const fill = parallel((from: number, view: Int32Array<SharedArrayBuffer>): void => {
  for (let i = 0; i < view.length; i++) Atomics.add(view, i, from);
});

const describe = parallel(
  (value: {
    buffer: SharedArrayBuffer;
    bytes: Uint8Array<SharedArrayBuffer>;
    data: DataView<SharedArrayBuffer>;
  }): string => {
    const { buffer, bytes, data } = value;
    return `${buffer.byteLength} ${bytes.byteOffset} ${bytes.length} ${bytes[0]} ${data.getInt32(0, true)} ${bytes.buffer === buffer}`;
  },
);

const makes = parallel((out: Chan<SharedArrayBuffer>): number => {
  const buffer = new SharedArrayBuffer(16);
  const words = new Int32Array(buffer);
  out.send(buffer);
  // Until the other side has written.
  Atomics.wait(words, 0, 0);
  return Atomics.load(words, 0);
});

const echo = parallel((buffer: SharedArrayBuffer): SharedArrayBuffer => buffer);

const waits = parallel((words: Int32Array<SharedArrayBuffer>): string => {
  Atomics.add(words, 1, 1);
  Atomics.notify(words, 1);
  return Atomics.wait(words, 0, 0, 60_000);
});

export function main(): void {
  const buffer = new SharedArrayBuffer(64);
  const words = new Int32Array(buffer);
  const wg = new WaitGroup();
  for (let i = 1; i <= 8; i++) wg.go(fill, i, words);
  wg.wait();
  console.log([...words].join(" "));
  const bytes = new Uint8Array(buffer, 4, 8);
  console.log(go(describe, { buffer, bytes, data: new DataView(buffer) }).join());
  console.log("same", go(echo, buffer).join() === buffer);

  const out = chan<SharedArrayBuffer>();
  const g = go(() => blocking(makes, out));
  const theirs = new Int32Array(out.recv()!);
  Atomics.store(theirs, 0, 42);
  Atomics.notify(theirs, 0);
  console.log("written here", g.join());

  const own = new Int32Array(new SharedArrayBuffer(8));
  const both = [go(() => blocking(waits, own)), go(() => blocking(waits, own))];
  while (Atomics.load(own, 1) < 2) go(echo, buffer).join();
  // They may be between saying so and the wait.
  let woken = 0;
  while (woken < 2) woken += Atomics.notify(own, 0);
  console.log(both.map((b) => b.join()).join(" "));

  // Many, that nobody keeps.
  let sum = 0;
  for (let i = 0; i < 200; i++) {
    const some = new Int32Array(new SharedArrayBuffer(1024));
    const w = new WaitGroup();
    w.go(fill, i, some);
    w.wait();
    sum += some[7]!;
  }
  console.log("sum", sum);
}
