/**
 * Fan-out: several goroutines take from one channel. Fan-in: their results come together in one.
 *
 *               ┌─► worker ─┐
 *     words ────┼─► worker ─┼──► merge ──► main
 *               └─► worker ─┘
 */
import { chan, go, sleep, WaitGroup, type RecvChan } from "gort";

function words(text: string): RecvChan<string> {
  const out = chan<string>();
  go(() => {
    for (const word of text.split(" ")) out.send(word);
    out.close();
  });
  return out;
}

/** One worker with a channel of its own. */
function upper(input: RecvChan<string>): RecvChan<string> {
  const out = chan<string>();
  go(() => {
    for (const word of input) {
      sleep(1 + (word.length % 3)); // some take longer: the order is not kept
      out.send(word.toUpperCase());
    }
    out.close();
  });
  return out;
}

/** All inputs in one channel, which is closed when all of them are. */
function merge<T>(inputs: readonly RecvChan<T>[]): RecvChan<T> {
  const out = chan<T>();
  const open = new WaitGroup();
  for (const input of inputs) {
    open.go(() => {
      for (const v of input) out.send(v);
    });
  }
  go(() => {
    open.wait();
    out.close();
  });
  return out;
}

export function main(): void {
  const source = words("the quick brown fox jumps over the lazy dog");
  const workers = [upper(source), upper(source), upper(source)];
  const got: string[] = [];
  for (const word of merge(workers)) got.push(word);
  console.log(`${got.length} words: ${got.toSorted().join(" ")}`);
}
