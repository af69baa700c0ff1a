/** move(x): the giver has it no more. How what it makes crosses, cargo.ts says. */
import { argument, isA } from "../errors/catalogue.ts";
import { cargoOf, setMoved } from "./cargo.ts";
import { takeParcel } from "./parcels.ts";
import { described } from "./refusal.ts";
import type { Movable } from "./shareable.ts";
import { takeStream } from "./streams.ts";

/** Node keeps many small Buffers in one piece of memory. */
const POOLED =
  "move: this memory cannot be handed over, others lie in it (small Buffers share a piece of it); pass it without move, which copies it, or make it with Buffer.alloc";

/**
 * Hands over what cannot be copied, or is not to be: an ArrayBuffer or the buffer under a typed array, a web stream, a MessagePort, a
 * FileHandle. Use it where a value is sent or an argument passed; what it returns is of use here, too, until it crosses. What the caller
 * holds is of none at once: memory is detached, a stream locked, a port or a file handle closed, and using it throws. Of a port or a file
 * handle that was offered and not received what it has returned can only be sent, or moved, again. Go: no counterpart.
 * @throws TypeError if it is none of these, is in use (a stream that is locked), or has been moved already
 */
export function move<T extends Movable>(x: T): T {
  return handOver(x) as T;
}

function handOver(x: object): object {
  if (ArrayBuffer.isView(x)) {
    const { byteOffset } = x;
    const length = x instanceof DataView ? x.byteLength : (x as Uint8Array).length;
    const View = x.constructor as new (b: ArrayBufferLike, offset: number, length: number) => ArrayBufferView;
    return new View(take(x.buffer), byteOffset, length);
  }
  if (x instanceof ArrayBuffer) return take(x);
  const why = cargoOf(x)?.obstacle() ?? "";
  const taken = why === "" ? (takeStream(x) ?? takeParcel(x)) : null;
  if (taken === null)
    throw argument(`move: it is ${described(x)}; memory, web streams, ports and file handles can be moved`);
  return taken;
}

function take(buffer: ArrayBufferLike): ArrayBuffer {
  if (!isA(buffer, ArrayBuffer)) throw argument("move: not an ArrayBuffer, nor a view of one");
  if (buffer.detached) throw argument("move: the buffer has been moved already");
  let taken: ArrayBuffer;
  try {
    taken = buffer.transfer();
  } catch (e) {
    // Nor can the memory of WebAssembly be.
    throw Object.assign(argument(POOLED), { cause: e });
  }
  setMoved(taken);
  return taken;
}
