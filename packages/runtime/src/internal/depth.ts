/**
 * How much of the native stack is used. Recursive functions subtract what an activation needs at most from `U[DEPTH]` and
 * put back what they found when they return, so that an exception needs nothing. Below 0, the stack is moved to the heap
 * (scheduler/grow.ts).
 *
 * The engine's stack has 984 KB where nobody said otherwise, and no program can ask how much of it is left. Half is for what is
 * counted; the other half for everything else, native functions among it.
 */

/** The word of `U`. */
export const DEPTH = 12;
/** Bytes for what is counted. */
export const NATIVE_STACK = 450_000;
/** Bytes to go on with where the stack cannot be moved. */
export const RESERVE = 200_000;
