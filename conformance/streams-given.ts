/**
 * What a program hands to Node.js and may block: the methods of a stream, written `async`; and signals that time aborts, for which Node
 * does not keep a process alive, while goroutines wait for them.
 */
import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { background, chan, fromSignal, sleep, wait, withCancel } from "gort";

/** Chunks that wait for the one before: its callback asks for them. */
const letters = (): Readable => Readable.from(["a", "b", "c"]);

function transforms(): void {
  const lock = chan<void>(1);
  const upper = new Transform({
    objectMode: true,
    async transform(chunk: string, _encoding, callback) {
      lock.send();
      sleep(1);
      lock.recv();
      callback(null, chunk.toUpperCase());
    },
    async flush(callback) {
      sleep(1);
      callback(null, "end");
    },
  });
  console.log(wait(letters().pipe(upper).toArray()));
}

function writes(): void {
  const out: string[] = [];
  const sink = new Writable({
    objectMode: true,
    async write(chunk: string, _encoding, callback) {
      sleep(1);
      out.push(chunk);
      callback();
    },
    async final(callback) {
      sleep(1);
      out.push("final");
      callback();
    },
  });
  wait(pipeline(letters(), sink));
  console.log(out);
}

function reads(): void {
  let n = 0;
  const source = new Readable({
    objectMode: true,
    async read() {
      sleep(1);
      this.push(n < 3 ? n++ : null);
    },
  });
  console.log(wait(source.toArray()));
}

/** Not `async`: the second chunk comes from within the first one's callback, which nothing can suspend. */
function plain(): void {
  const sink = new Writable({
    objectMode: true,
    write(_chunk, _encoding, callback) {
      try {
        sleep(1);
        callback();
      } catch (e) {
        callback(e as Error);
      }
    },
  });
  try {
    wait(pipeline(letters(), sink));
  } catch (e) {
    const { code, message } = e as Error & { code: string };
    console.log(code, message.includes("write the stream's method `async`"));
  }
}

function signals(): void {
  const never = chan<void>();
  const name = (signal: AbortSignal): string => {
    try {
      never.recv(fromSignal(signal));
      return "received";
    } catch (e) {
      return (e as Error).name;
    }
  };
  console.log(
    name(AbortSignal.timeout(5)),
    // So late that nothing else keeps the process alive.
    name(AbortSignal.any([AbortSignal.timeout(150), new AbortController().signal])),
  );
  const [child] = withCancel(fromSignal(AbortSignal.timeout(5)));
  child.done().recv();
  console.log(child.err()?.message, background().err());
}

export function main(): void {
  transforms();
  writes();
  reads();
  plain();
  signals();
}
