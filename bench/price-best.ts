/** Times one program of price/. Compiled along with it, so that what is timed is called as in a compiled application. */

/** Runs at least so often, and so long. */
const RUNS = 8;
const LONG = 500;

export interface Program {
  /** One run; returns a checksum, which must be the same each time. */
  work(): number;
}

/*
 * The clock, not the thread's processor time: that is counted in ticks, which are longer than most programs run. A run of a few
 * milliseconds is often not interrupted at all, and the lowest of many is what it takes.
 */
const now = (): number => performance.now();

/** The best time of some runs, in milliseconds, after those that warm up. */
export function best(program: Program): number {
  let low = Infinity;
  let spent = 0;
  const expected = program.work();
  for (let i = 0; i < RUNS || spent < LONG; i++) {
    const start = now();
    const got = program.work();
    const took = now() - start;
    spent += took;
    low = Math.min(low, took);
    if (got !== expected) throw new Error(`wrong result: ${got}, not ${expected}`);
  }
  return low;
}
