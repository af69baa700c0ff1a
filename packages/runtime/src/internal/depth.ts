/**
 * How much of the native stack is left. Recursive functions subtract what an activation needs at most from `U[DEPTH]`, and nobody
 * gives it back: below 0 it is measured what there really is (`low`), and where that is too little, the stack is moved to the heap
 * (scheduler/grow.ts). What the word says is never more than what is left: a return only makes it less true.
 * Counted is in words of 8 bytes: the numbers in the compiled text are short then, and so is the bytecode.
 *
 * The engine's stack has 984 KB where nobody said otherwise (a worker's, 4 MB), and no program can ask how much of it is left. But it can
 * try: a call whose frame finds no room throws before it does anything. So a frame as large as what is asked for is taken: that of a
 * function of WebAssembly that would hold as many values at once, if it ever went where it does. Nothing is written to it: some
 * 20 ns for half a megabyte. 224 KB stay for what does not count, native functions among it.
 */
import { DEPTH, U } from "./state.ts";

/** Words to go on with where the stack cannot be moved, or has just been. */
export const RESERVE = 25_000;

/** Words of a frame that is tried. */
const STEP = 4096;
/** Of them, for what does not count. */
const KEPT = 7;
/** Of them, to go on with. What is counted is what the engine's slowest tier needs: more is seldom there, and less soon used up. */
const MORE = [16, 8, 4, 2] as const;
/** So often a smaller one must do before the next larger one is tried: that throws, for some microseconds. */
const PATIENCE = 16;

/** `which` of {@link MORE} has been there lately. */
const measure = { which: 0, patience: PATIENCE, try: null as ((frames: number, nowhere: 0) => void) | null };

/** A function has counted below the poll word: whether it is to be suspended, because it is asked to or because the stack is used up. */
export function low(): boolean {
  return ((U[DEPTH] as number) < 0 && !hasRoom()) || U[0] !== 0;
}

/** Whether there is room for more; then it is counted. */
function hasRoom(): boolean {
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
 * The function that takes frames: `(frames, nowhere) => { if (nowhere) { …two values a step kept over a call… } if (frames) itself(frames - 1, nowhere) }`,
 * written out in WebAssembly's binary format. What is loaded, each from elsewhere, must stand in the frame, since a call may change the memory.
 */
function deep(): (frames: number, nowhere: 0) => void {
  const values = STEP / 2;
  const load = (_: unknown, i: number): number[] => [0x20, 1, 0xfd, 0, 0, ...number(16 * i)]; // local.get nowhere; v128.load
  const loads = Array.from({ length: values }, load).flat();
  const xors = Array.from({ length: values - 1 }, () => [0xfd, 0x51]).flat(); // v128.xor
  const kept = [...loads, 0x41, 0, 0x41, 0, 0x10, 0, ...xors]; // itself(0, 0)
  const unless = [0x20, 1, 0x04, 0x40, ...kept, 0xfd, 0x53, 0x04, 0x40, 0, 0x0b, 0x0b]; // if (nowhere) { if (v128.any_true) unreachable }
  const again = [0x20, 0, 0x04, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x20, 1, 0x10, 0, 0x0b]; // if (frames) itself(frames - 1, nowhere)
  const body = [0, ...unless, ...again, 0x0b];
  const text = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0].concat(
    section(1, [1, 0x60, 2, 0x7f, 0x7f, 0]), // (i32, i32) => void
    section(3, [1, 0]),
    section(5, [1, 0, 1]), // a page of memory
    section(7, [1, 1, 0x66, 0, 0]), // export f
    section(10, [1, ...number(body.length), ...body]),
  );
  return new wasm.Instance(new wasm.Module(new Uint8Array(text))).exports["f"] as (frames: number, nowhere: 0) => void;
}

function section(id: number, content: number[]): number[] {
  return [id, ...number(content.length), ...content];
}

/** What is used of the engine's WebAssembly, which Node's types leave to those of the browser. */
const wasm = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
interface Engine {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: Record<string, unknown> };
}

/** A number as WebAssembly writes them. */
function number(n: number): number[] {
  return n < 128 ? [n] : [(n & 127) | 128, ...number(n >>> 7)];
}
