/** move(x): the giver has it no more. */

import { argument, isA } from "../errors/catalogue.ts";

/** Node keeps many small Buffers in one piece of memory. */
const POOLED =
  "move: this memory cannot be handed over, others lie in it (small Buffers share a piece of it); pass it without move, which copies it, or make it with Buffer.alloc";

/** Buffers that `move` made: whoever sends one on loses it too. */
const moved: WeakSet<ArrayBuffer> = new WeakSet();

export function isMoved(v: ArrayBuffer): boolean {
  return moved.has(v);
}

/**
 * Hands an ArrayBuffer, or the buffer under a typed array, over: use it where a value is sent or an argument passed. What the
 * caller holds is detached at once, and using it throws a TypeError.
 */
export function move<T extends ArrayBuffer | NodeJS.TypedArray<ArrayBuffer> | DataView<ArrayBuffer>>(x: T): T {
  if (ArrayBuffer.isView(x)) {
    const { byteOffset } = x;
    const length = x instanceof DataView ? x.byteLength : x.length;
    const View = x.constructor as new (b: ArrayBuffer, offset: number, length: number) => T;
    return new View(take(x.buffer), byteOffset, length);
  }
  return take(x) as T;
}

function take(buffer: ArrayBuffer): ArrayBuffer {
  if (!isA(buffer, ArrayBuffer)) throw argument("move: not an ArrayBuffer, nor a view of one");
  if (buffer.detached) throw argument("move: the buffer has been moved already");
  let taken: ArrayBuffer;
  try {
    taken = buffer.transfer();
  } catch (e) {
    // Nor can the memory of WebAssembly be.
    throw Object.assign(argument(POOLED), { cause: e });
  }
  moved.add(taken);
  return taken;
}
