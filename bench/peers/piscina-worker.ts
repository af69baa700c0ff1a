/** What runs on piscina's threads. */

export function add(n: number): number {
  return n + 1;
}

/** Primes in [from, to). */
export function primes({ from, to }: { from: number; to: number }): number {
  let count = 0;
  for (let n = Math.max(from, 2); n < to; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) {
      if (n % d === 0) {
        prime = false;
        break;
      }
    }
    if (prime) count++;
  }
  return count;
}
