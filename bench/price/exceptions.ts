/** try, catch and finally around calls. */
class Failure extends Error {}

function risky(n: number): number {
  if (n % 97 === 0) throw new Failure("ninety-seven");
  return n & 15;
}

function guarded(n: number, depth: number): number {
  try {
    return depth === 0 ? risky(n) : guarded(n, depth - 1) + 1;
  } finally {
    n++;
  }
}

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 100_000; i++) {
    try {
      sum += guarded(i, 4);
    } catch (e) {
      if (!(e instanceof Failure)) throw e;
      sum--;
    }
  }
  return sum;
}
