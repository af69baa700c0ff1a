/** A chain of 10 000 goroutines passes one value along, and is torn down. */
import { chan, go, gosched, numGoroutine, type Chan } from "gort";

const N = 10_000;

function pass(left: Chan<number>, right: Chan<number>): void {
  left.send(right.recv()! + 1);
}

export function main(): void {
  const leftmost = chan<number>();
  let left = leftmost;
  for (let i = 0; i < N; i++) {
    const right = chan<number>();
    go(pass, left, right);
    left = right;
  }
  console.log(`alive: ${numGoroutine()}`);
  left.send(0);
  console.log(`through the chain: ${leftmost.recv()}`);
  for (let i = 0; i < 100 && numGoroutine() > 1; i++) gosched();
  console.log(`alive: ${numGoroutine()}`);
}
