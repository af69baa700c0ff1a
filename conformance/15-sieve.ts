/** The prime sieve: a goroutine a prime, each passing on what its prime does not divide. */
import { chan, go, type Chan, type RecvChan, type SendChan } from "gort";

function generate(out: SendChan<number>): void {
  for (let i = 2; ; i++) out.send(i);
}

function filter(source: RecvChan<number>, out: SendChan<number>, prime: number): void {
  for (const i of source) if (i % prime !== 0) out.send(i);
}

function sieve(primes: SendChan<number>): void {
  let ch: Chan<number> = chan();
  go(generate, ch);
  for (;;) {
    const prime = ch.recv()!;
    primes.send(prime);
    const next = chan<number>();
    go(filter, ch, next, prime);
    ch = next;
  }
}

export function main(): void {
  const primes = chan<number>();
  go(sieve, primes);
  const first: number[] = [];
  for (let i = 0; i < 25; i++) first.push(primes.recv()!);
  console.log(first.join(" "));
}
