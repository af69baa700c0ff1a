/**
 * How much of the native stack is left. Recursive functions subtract what an activation needs at most from `U[DEPTH]`, and nobody
 * gives it back: below 0 it is measured what there really is (`low`), and where that is too little, the stack is moved to the heap
 * (scheduler/grow.ts). What the word says is never more than what is left: a return only makes it less true.
 * Counted is in words of 8 bytes: the numbers in the compiled text are short then, and so is the bytecode.
 *
 * The engine's stack has 984 KB where nobody said otherwise (a worker's, 4 MB), and no program can ask how much of it is left. But it can
 * try: a call whose frame finds no room throws before it does anything. So a frame as large as what is asked for is taken: that of a
 * function of WebAssembly that would hold as many values at once, if it ever went where it does. Nothing is written to it: some
 * 30 ns for half a megabyte. 224 KB stay for what does not count, native functions among it.
 */
import { DEPTH, U } from "./state.ts";
import { wasm } from "./wasm.ts";

/** Words to go on with where the stack cannot be moved, or has just been. */
export const RESERVE = 25_000;

/** Words of a frame that is tried. Of a larger one it takes longer to make the first. */
const STEP = 2048;
/** Of them, for what does not count. */
const KEPT = 14;
/** Of them, to go on with. What is counted is what the engine's slowest tier needs: more is seldom there, and less soon used up. */
const MORE = [32, 16, 8, 4] as const;
/** So often a smaller one must do before the next larger one is tried: that throws, for some microseconds. */
const PATIENCE = 16;

/** Takes so many frames, and one; throws where there is no room. */
type Try = (frames: number, nowhere: 0) => void;

/** `which` of {@link MORE} has been there lately. */
const measure = { which: 0, patience: PATIENCE, try: null as Try | null };

/** A function has counted below the poll word: whether it is to be suspended, because it is asked to or because the stack is used up. */
export function low(): boolean {
  const left = U[DEPTH] as number;
  // Never: too large to be inlined, see leave.ts.
  if (left === 0.5)
    return (
      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~left ===
      0
    );
  return (left < 0 && !hasRoom()) || U[0] !== 0;
}

/** Whether there is room for more; then it is counted. */
export function hasRoom(): boolean {
  if (measure.which > 0 && --measure.patience < 0) {
    measure.patience = PATIENCE;
    measure.which--;
  }
  for (;;) {
    const more = MORE[measure.which] as number;
    try {
      // Where there is no WebAssembly (`--jitless`), nothing is known, and the stack is moved.
      measure.try ??= deep();
      measure.try(KEPT + more, 0);
      U[DEPTH] = more * STEP;
      return true;
    } catch {
      measure.patience = PATIENCE;
      if (measure.which === MORE.length - 1) return false;
      measure.which++;
    }
  }
}

/**
 * The function that takes frames: `(frames, nowhere) => { if (nowhere) { …values kept over a call… } if (frames) itself(frames - 1, nowhere) }`,
 * in WebAssembly's binary format. What is loaded, each from elsewhere, must stand in the frame, since a call may change the memory.
 */
function deep(): Try {
  const values = STEP / 2;
  const body = 33 + 7 * values + 2 * (values - 1);
  const text = new Uint8Array(HEAD.length + 6 + body);
  let at = 0;
  const write = (bytes: readonly number[]): void => {
    text.set(bytes, at);
    at += bytes.length;
  };
  write(HEAD);
  write([10, ...number(body + 3), 1, ...number(body)]);
  write([0, 0x20, 1, 0x04, 0x40]); // if (nowhere) {
  for (let i = 0; i < values; i++) write([0x20, 1, 0xfd, 0, 0, ...number(16 * i)]); // v128.load offset=16*i
  write([0x41, 0, 0x41, 0, 0x10, 0]); // itself(0, 0)
  for (let i = 1; i < values; i++) write([0xfd, 0x51]); // v128.xor
  write([0xfd, 0x53, 0x04, 0x40, 0, 0x0b, 0x0b]); // if (v128.any_true) unreachable }
  write([0x20, 0, 0x04, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x20, 1, 0x10, 0, 0x0b, 0x0b]); // if (frames) itself(frames - 1, nowhere)
  return (new wasm.Instance(new wasm.Module(text)).exports as { f: Try }).f;
}

/** Up to the code: a function of two numbers and its type, a page of memory, the name `f`. */
const HEAD = [
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 2, 0x7f, 0x7f, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 0x66, 0, 0,
];

/** A number of at most 14 bits as WebAssembly writes them, in two bytes. */
function number(n: number): number[] {
  return [(n & 127) | 128, n >> 7];
}
