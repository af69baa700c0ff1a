/**
 * Growing stacks. When the native stack is nearly used up, the goroutine's frames are captured, as in a preemption, and it goes on
 * with an empty one. A stack is then as deep as the heap allows:
 *
 *     frames of this run ─next→ … ─next→ Segment ─next→ frames of earlier runs ─next→ … ─next→ Segment …
 *
 * A Segment knows the size of everything under it, so that growing looks at what is new only. When what stands on it has
 * returned, it goes, and the heap takes the frames back: the stack shrinks.
 */
import { F4, F8 } from "../internal/frames.ts";
import { R, type Frame } from "../internal/state.ts";
import { stackOverflow } from "./fatal.ts";
import type { G } from "./g.ts";
import { S } from "./p.ts";

class Segment implements Frame {
  readonly r: (f: Frame | null) => unknown = segmentFrame;
  pc: number = 1;
  next: Frame | null;
  /** Bytes of the frames under it. */
  readonly under: number;
  constructor(next: Frame, under: number) {
    this.next = next;
    this.under = under;
  }
}

function segmentFrame(f: Frame | null): unknown {
  if (f === null) return "gort.segment\n\n";
  S.shrinks++;
  if (R.x === 1) R.rethrow();
  return R.v;
}

/** Bytes of a frame: the engine's header, and a word a field. */
function sizeOf(f: Frame): number {
  return f instanceof F4 ? 80 : f instanceof F8 ? 112 : 176;
}

/** Bytes of the captured frames of a goroutine. */
export function stackBytes(g: G): number {
  let bytes = 0;
  for (let f = g.frame; f !== null; f = f.next) {
    if (f instanceof Segment) return bytes + f.under;
    bytes += sizeOf(f);
  }
  return bytes;
}

/** The most a goroutine's stack may take, bytes. Where half the heap's limit is less than Go's 1 GB, that. */
export function maxStack(): number {
  // Asked for here: `node:v8` takes 2 ms to load.
  if (S.maxStack === 0) {
    const { heap_size_limit } = process.getBuiltinModule("node:v8").getHeapStatistics();
    S.maxStack = Math.min(1_000_000_000, Math.floor(heap_size_limit / 2));
  }
  return S.maxStack;
}

/** The goroutine's stack has just been moved to the heap. Fatal if there is too much of it, as in Go. */
export function grown(g: G): void {
  const bytes = stackBytes(g);
  if (bytes > maxStack()) stackOverflow(maxStack());
  S.growths++;
  const leaf = g.frame as Frame;
  // Under the leaf, which is resumed now: it is not done when it parks.
  if (leaf.next !== null) leaf.next = new Segment(leaf.next, bytes - sizeOf(leaf));
}
