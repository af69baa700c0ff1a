/** Times one program of price/. Compiled along with it, so that what is timed is called as in a compiled application. */

const RUNS = 12;

export interface Program {
  /** One run; returns a checksum, which must be the same each time. */
  work(): number;
}

/** The best time of some runs, in milliseconds, after one to warm up. */
export function best(program: Program): number {
  let low = Infinity;
  const expected = program.work();
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    const got = program.work();
    low = Math.min(low, performance.now() - start);
    if (got !== expected) throw new Error(`wrong result: ${got}, not ${expected}`);
  }
  return low;
}
