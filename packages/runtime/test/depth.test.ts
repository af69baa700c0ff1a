/** How much of the native stack is left, as it is measured. */
import { expect, test } from "vitest";
import { low } from "../src/internal/depth.ts";
import { DEPTH, U } from "../src/internal/state.ts";

const KB = 1024 / 8;

/** Whether a call with so many arguments finds room. */
function fits(words: number): boolean {
  try {
    Reflect.apply(() => {}, undefined, new Array<number>(words).fill(0));
    return true;
  } catch {
    return false;
  }
}

/** Calls itself, measuring each time, as long as there is room; then tells what fits there. */
function descend(): boolean[] {
  U[DEPTH] = -1;
  if (low()) return [fits(200 * KB), fits(400 * KB)];
  expect(U[DEPTH]).toBeGreaterThan(0);
  return descend();
}

test("where it says that there is no room, there is some left for what does not count, but not much more", () => {
  U[0] = 0;
  expect(descend()).toEqual([true, false]);
});

test("it measures as before when the engine has optimised it", () => {
  U[0] = 0;
  for (let i = 0; i < 2_000_000; i++) {
    U[DEPTH] = -1;
    if (low()) throw new Error("no room");
  }
  expect(descend()).toEqual([true, false]);
});

test("a poll that is asked for is answered wherever it is", () => {
  U[DEPTH] = 100;
  U[0] = 1;
  expect(low()).toBe(true);
  expect(U[DEPTH]).toBe(100);
  U[0] = 0;
  expect(low()).toBe(false);
});
