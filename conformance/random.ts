/**
 * Ours alone: a program that has put a seeded generator in the place of `Math.random` gets the numbers it got before, also where it is
 * preempted, selects, or starts goroutines on other threads: the runtime draws its own.
 */
import { chan, go, gosched, parallel, select, type Chan } from "gort";

let drawn = 0;
let state = 42;
Math.random = () => {
  drawn++;
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return (state >>> 0) / 0x1_0000_0000;
};

const half = parallel((n: number): number => n / 2);

/** Computes for some slices. */
function compute(): number {
  const start = Date.now();
  let n = 0;
  while (Date.now() - start < 60) n++;
  return n;
}

export function main(): void {
  const a: Chan<number> = chan(1);
  const b: Chan<number> = chan(1);
  go(() => void compute());
  const numbers: number[] = [];
  for (let i = 0; i < 4; i++) {
    numbers.push(Math.floor(Math.random() * 1000));
    compute();
    a.send(i);
    b.send(i);
    select({ a, b });
    a.tryRecv();
    b.tryRecv();
    gosched();
  }
  console.log(numbers.join(" "));
  console.log("half", go(half, 42).join());
  console.log("drawn", drawn);
}
