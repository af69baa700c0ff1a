/** Used by a parallel function of another module. */
const by = 2;

export function half(n: number): number {
  return Math.floor(n / by);
}

if (process.env["GORT_TEST_NEVER"] === undefined) console.log("top of half");
