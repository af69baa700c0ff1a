/** The heavy request's work, the same in every server: a plain loop that takes 200 ms on an idle core. */

export const HEAVY_MS = 200;

export function compute(rounds: number): number {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 31) + i) | 0;
  return x;
}

/** How many rounds take that long here: the fastest of several tries, once the loop is optimised. */
export function calibrate(): number {
  const rounds = 20_000_000;
  let best = Infinity;
  for (let i = 0; i < 7; i++) {
    const start = performance.now();
    compute(rounds);
    best = Math.min(best, performance.now() - start);
  }
  return Math.round((rounds * HEAVY_MS) / best);
}
