/** Steps of a send to a channel that has crossed: the value stands in a record (waits.ts), and may need room in the channel's buffer. */
import type { Load } from "./cargo.ts";
import { dropCell, settled } from "./codec.ts";
import { CELL, NO_ROOM, O_CAP, O_ROOM, OK, R_CELL, R_SLOT } from "./layout.ts";
import { allocate, classOf, X } from "./region.ts";
import { drain, freeSlot } from "./waits.ts";

/** Makes room for more values; a capacity is a limit, not a size. `above`: how many more there may be all the same. */
export function growBuffer(o: number, above: number = 0): void {
  const { I } = X;
  const room = I[(o + O_ROOM) >> 2] as number;
  const more = Math.min(Math.max(8, room * 2), ((I[(o + O_CAP) >> 2] as number) >>> 0) + above);
  const block = allocate(more * CELL);
  const old = X.p.grow(o, block, room, more);
  if (old === block) X.p.release(block, classOf(more * CELL));
  else if (old !== 0) X.p.release(old, classOf(room * CELL));
}

/** One step of a send, with room for the value. Where there is no memory for that, `r` and what it holds are given back, its slot too. */
export function sendRecord(o: number, r: number, queue: boolean, load: Load | null): number {
  let code = X.p.send(o, r, queue);
  while (code === NO_ROOM) {
    try {
      growBuffer(o);
    } catch (e) {
      if (queue) freeSlot(X.I[(r + R_SLOT) >> 2] as number);
      takeBack(r, load);
      X.p.release(r, 0);
      throw e;
    }
    code = X.p.send(o, r, queue);
  }
  return code;
}

export function trySendRecord(o: number, r: number, queue: boolean, load: Load | null): number {
  const code = sendRecord(o, r, queue, load);
  if (code === OK) settled(load, true);
  // A receiver of this very thread may have been served.
  drain();
  return code;
}

/** Nobody has received the value of `r`, and nobody will. */
export function takeBack(r: number, load: Load | null): void {
  settled(load, false);
  dropCell(r + R_CELL);
}
