/** A stream of text as a channel of its lines. */
import type { Readable } from "node:stream";
import { chan, type Chan, type RecvChan } from "../chan/chan.ts";

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
  let rest = "";
  try {
    stream.setEncoding("utf8");
    for await (const text of stream as AsyncIterable<string>) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const whole = line.endsWith("\r") ? line.slice(0, -1) : line;
        if (!ch.trySend(whole)) await ch.sendAsync(whole);
      }
    }
  } catch {
    // The program's end says what happened.
  }
  if (rest !== "") await ch.sendAsync(rest);
  ch.close();
}
