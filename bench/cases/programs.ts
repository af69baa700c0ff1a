/** Whole small programs. */
import { chan, go, type Chan, type RecvChan, type SendChan } from "gort";
import { choose, millis, now, sample } from "./lib/bench.ts";

function generate(out: SendChan<number>): void {
  for (let i = 2; ; i++) out.send(i);
}

function filter(source: RecvChan<number>, out: SendChan<number>, prime: number): void {
  for (;;) {
    const i = source.recv()!;
    if (i % prime !== 0) out.send(i);
  }
}

function sieve(): void {
  const start = now();
  let ch: Chan<number> = chan();
  go(generate, ch);
  let prime = 0;
  for (let i = 0; i < 2000; i++) {
    prime = ch.recv()!;
    const next = chan<number>();
    go(filter, ch, next, prime);
    ch = next;
  }
  if (prime !== 17389) throw new Error(`not the 2000th prime: ${prime}`);
  millis("first-2000-primes", start);
}

function leaves(out: SendChan<number>, num: number, size: number, div: number): void {
  if (size === 1) {
    out.send(num);
    return;
  }
  const results = chan<number>();
  const part = size / div;
  for (let i = 0; i < div; i++) go(leaves, results, num + i * part, part, div);
  let sum = 0;
  for (let i = 0; i < div; i++) sum += results.recv()!;
  out.send(sum);
}

function skynet(): void {
  const c = chan<number>();
  const start = now();
  go(leaves, c, 0, 1_000_000, 10);
  const sum = c.recv();
  if (sum !== 499999500000) throw new Error(`wrong sum: ${String(sum)}`);
  millis("1e6-leaves", start);
}

function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

function fibUncompiled(n: number): number {
  "use no gort";
  return n < 2 ? n : fibUncompiled(n - 1) + fibUncompiled(n - 2);
}

/** The price of being suspendable, on calls alone: both in one process, in turns; the best of five. */
function fib32(): void {
  let compiled = Infinity;
  let uncompiled = Infinity;
  for (let i = 0; i < 5; i++) {
    let start = now();
    const a = fib(32);
    compiled = Math.min(compiled, now() - start);
    start = now();
    const b = fibUncompiled(32);
    uncompiled = Math.min(uncompiled, now() - start);
    if (a !== b || a !== 2178309) throw new Error("wrong");
  }
  sample("compiled", compiled / 1e6, "ms");
  sample("uncompiled", uncompiled / 1e6, "ms");
  sample("compiled/uncompiled", compiled / uncompiled, "x");
}

export function main(): void {
  choose({ sieve_2000: sieve, skynet_1e6: skynet, fib_32: fib32 });
}
