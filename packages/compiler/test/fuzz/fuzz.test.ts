/**
 * Random programs, each run four ways; see ways.ts. The logs must be the same.
 *
 *     GORT_FUZZ=20 npx vitest run packages/compiler/test/fuzz            20 times as many (the nightly run; there on dist)
 *     GORT_FUZZ_SEED=1 GORT_FUZZ_PATH=2:0 npx vitest run …/fuzz          what a failure printed, again
 */
import { asyncProperty, check } from "fast-check";
import { expect, test } from "vitest";
import { difference, type Way } from "./oracle.ts";
import { programs, textOf } from "./program.ts";
import { forced, suspended } from "./ways.ts";

const { GORT_FUZZ, GORT_FUZZ_SEED, GORT_FUZZ_PATH } = process.env;
const numRuns = 500 * Number(GORT_FUZZ ?? 1);
const size = 250;

/** Checks programs until one differs; it is then made as small as a minute allows. */
async function hunt(options: { seed: number; path?: string; numRuns: number }, by?: ReadonlyMap<string, Way>) {
  let until = Number.POSITIVE_INFINITY;
  const result = await check(
    asyncProperty(programs(size), async (tree) => {
      if (Date.now() > until) return;
      const found = await difference(textOf(tree), by);
      if (found === "") return;
      until = Math.min(until, Date.now() + 60_000);
      throw new Error(found);
    }),
    options,
  );
  if (result.counterexample === null) return null;
  return {
    program: textOf(result.counterexample[0]),
    path: result.counterexamplePath,
    difference: (result.errorInstance as Error).message,
  };
}

test(`${numRuns} random programs`, { timeout: 60_000 + numRuns * 300 }, async () => {
  const seed = GORT_FUZZ_SEED === undefined ? (Math.random() * 0x7fff_ffff) | 0 : Number(GORT_FUZZ_SEED);
  console.log(`seed ${seed}`);
  const path = GORT_FUZZ_PATH === undefined ? {} : { path: GORT_FUZZ_PATH };
  const found = await hunt({ seed, numRuns, ...path });
  if (found !== null)
    expect.fail(`${found.difference}\n\nGORT_FUZZ_SEED=${seed} GORT_FUZZ_PATH=${found.path}\n\n${found.program}`);
  if (GORT_FUZZ_PATH === undefined) {
    expect(suspended.channel).toBeGreaterThan(numRuns / 20);
    expect(suspended.preempted).toBeGreaterThan(numRuns / 20);
  }
});

test("a lost value is found, and the program that shows it made small", { timeout: 120_000 }, async () => {
  const broken: Way = (text) => forced(text, (code) => code.replaceAll("$R.taken()", "undefined"));
  const found = await hunt({ seed: 1, numRuns: 20 }, new Map([["broken", broken]]));
  expect(found?.difference).toMatch(/^broken, line/);
  expect(found!.program.length).toBeLessThan(500);
});
