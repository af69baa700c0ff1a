/** A chain of 10 000 goroutines passes one value along, and is torn down. What each takes is less than Go's smallest stack. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { chan, go, gosched, numGoroutine, type Chan } from "gort";

const N = 10_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

function pass(left: Chan<number>, right: Chan<number>): void {
  left.send(right.recv()! + 1);
}

export function main(): void {
  const before = heap();
  const leftmost = chan<number>();
  let left = leftmost;
  for (let i = 0; i < N; i++) {
    const right = chan<number>();
    go(pass, left, right);
    left = right;
  }
  for (let i = 0; i < 10; i++) gosched(); // every link waits
  const each = (heap() - before) / N;
  console.log(`alive: ${numGoroutine()}, under 2048 bytes each: ${each < 2048 || each}`);
  left.send(0);
  console.log(`through the chain: ${leftmost.recv()}`);
  for (let i = 0; i < 100 && numGoroutine() > 1; i++) gosched();
  console.log(`alive: ${numGoroutine()}`);
}
