/** A hundred thousand selects leave nothing behind on channels that never fire. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { chan, go, gosched, select, type Chan } from "gort";

const ROUNDS = 25_000;

function sender(ch: Chan<number>, n: number): void {
  for (let i = 0; i < n; i++) ch.send(i);
}

function receiver(ch: Chan<number>, quiet: Chan<number>, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const r = select({ ch, quiet });
    if (r.case === "ch") sum += r.value!;
  }
  return sum;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

export function main(): void {
  const ch = chan<number>();
  const quiet = chan<number>();
  const once = (n: number): number => {
    go(sender, ch, n);
    return go(receiver, ch, quiet, n).join();
  };
  console.log(once(ROUNDS));
  const before = heap();
  for (let i = 0; i < 4; i++) once(ROUNDS);
  for (let i = 0; i < 10; i++) gosched();
  const grown = heap() - before;
  console.log(`grown by less than 2 MB: ${grown < 2e6 || grown}`);
  // The quiet channel has no waiter left: a send to it waits.
  console.log(`no stale waiter: ${!quiet.trySend(1)}`);
}
