/**
 * How much of the native stack is used. Recursive functions subtract what an activation needs at most from `U[DEPTH]` and
 * give it back when they return; who catches an exception puts back what was left there. Below 0, the stack is moved to the heap
 * (scheduler/grow.ts). Counted is in words of 8 bytes: the numbers in the compiled text are short then, and so is the bytecode.
 *
 * The engine's stack has 984 KB where nobody said otherwise (a worker's, 4 MB), and no program can ask how much of it is left. But it can
 * try: a call with many arguments fails where they find no room. What is counted is what the engine's slowest tier needs, three
 * times of what optimised code takes; so when the count is used up, there is often room for more, and moving the stack costs half a
 * microsecond a frame. Half of the stack, at least, is for what is counted; 200 KB for everything else, native functions among it.
 */

/** The word of `U`. */
export const DEPTH = 12;
/** Words for what is counted. */
export const NATIVE_STACK = 56_250;
/** Words to go on with where the stack cannot be moved. */
export const RESERVE = 25_000;

/** Words to go on with where there turns out to be room. */
export const MORE = 18_750;

/** A word each, as arguments. */
const tried = { words: [] as number[] };

function take(): void {}

/** Whether the native stack has room for {@link MORE} and {@link RESERVE}; some 10 microseconds. */
export function hasRoom(): boolean {
  if (tried.words.length === 0) tried.words = new Array<number>(MORE + RESERVE).fill(0);
  try {
    Reflect.apply(take, undefined, tried.words);
    return true;
  } catch {
    return false;
  }
}
