/** The number of Ps changes while goroutines are created, again and again: every one runs, whoever had the P that is one too many. */
import { go, gomaxprocs, parallel, sleep } from "gort";

const SIZE = 6;
const ROUNDS = 1000;

const square = parallel((n: number): number => {
  // Now and then its thread has something to wait for, and sleeps.
  if (n % 7 === 0) sleep(1);
  return n * n;
});

/** From a thread that is not main. */
const burst = parallel((from: number, procs: number): number => {
  if (procs > 0) gomaxprocs(procs);
  const some = [];
  for (let i = 0; i < SIZE; i++) some.push(go(square, from + i));
  let sum = 0;
  for (const g of some) sum += g.join();
  return sum;
});

export function main(): void {
  let seed = 1;
  const random = (n: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 8) % n;
  };
  let wrong = 0;
  const sumOf = (from: number): number => {
    let sum = 0;
    for (let i = 0; i < SIZE; i++) sum += (from + i) ** 2;
    return sum;
  };
  for (let round = 0; round < ROUNDS; round++) {
    gomaxprocs(2 - (round & 1));
    const from = random(100);
    if (random(8) === 0) {
      if (go(burst, from, random(4)).join() !== sumOf(from)) wrong++;
      continue;
    }
    const some = [];
    for (let i = 0; i < SIZE; i++) some.push(go(square, from + i));
    if (random(4) === 0) gomaxprocs(1 + random(3));
    if (random(16) === 0) sleep(2);
    let sum = 0;
    for (const g of some) sum += g.join();
    if (sum !== sumOf(from)) wrong++;
  }
  console.log(`${ROUNDS} rounds, ${wrong} wrong`);
}
