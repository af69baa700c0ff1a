/**
 * Standard output and error of a thread, written there and then. Node sends them to the main thread, which prints when its
 * event loop turns: what a goroutine printed before it sent a value could come after what the receiver prints.
 */
import { writeSync } from "node:fs";

/** Writes all of `bytes`; a pipe that is full is waited for. */
function writeAll(fd: number, bytes: Uint8Array): void {
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== "EAGAIN") throw e;
    }
  }
}

function direct(stream: NodeJS.WriteStream, fd: number): void {
  const s = stream as unknown as { _write: unknown; _writev: unknown };
  s._write = (chunk: string | Uint8Array, encoding: BufferEncoding, done: (e?: Error | null) => void): void => {
    try {
      writeAll(fd, typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
      done();
    } catch (e) {
      done(e as Error);
    }
  };
  s._writev = undefined;
}

export function directOutput(): void {
  direct(process.stdout, 1);
  direct(process.stderr, 2);
}
