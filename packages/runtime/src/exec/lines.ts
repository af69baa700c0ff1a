/** A stream of text as a channel of its lines. */
import type { Readable } from "node:stream";
import { chan } from "../chan/make.ts";
import type { Chan } from "../chan/chan.ts";
import type { RecvChan } from "../chan/ends.ts";
import { Failure } from "../chan/failure.ts";

/** Lines kept for a slow reader. */
const KEPT = 256;

/** The lines, without their ends, until the stream has ended or failed. While nobody takes them, the stream is not read. */
export function linesOf(stream: Readable | null): RecvChan<string> {
  const ch = chan<string>(KEPT);
  if (stream === null) ch.close();
  else void pump(stream, ch);
  return ch;
}

async function pump(stream: Readable, ch: Chan<string>): Promise<void> {
  // Of the line that is not whole yet: put together once, however long it is.
  let parts: string[] = [];
  const take = (part: string): string => {
    if (parts.length > 0) {
      parts.push(part);
      part = parts.join("");
      parts = [];
    }
    return part;
  };
  try {
    stream.setEncoding("utf8");
    for await (const text of stream as AsyncIterable<string>) {
      const lines = text.split("\n");
      const rest = lines.pop() as string;
      for (const part of lines) {
        const line = take(part);
        const whole = line.endsWith("\r") ? line.slice(0, -1) : line;
        if (!ch.trySend(whole)) await ch.sendAsync(whole);
      }
      if (rest !== "") parts.push(rest);
    }
    const rest = take("");
    if (rest !== "") await ch.sendAsync(rest);
    ch.close();
  } catch (e) {
    // Ended by `using` it is done; anything else (a line longer than a string can be) must not look like the end.
    if ((e as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE") ch.close();
    else {
      ch.fail(new Failure(e));
      stream.destroy();
    }
  }
}
