/** Values that came to a thread for somebody who has left: they go back to their channel, to the front of it, in their order. */
import { dropCell } from "./codec.ts";
import { O_CAP, O_COUNT, R_CELL, R_KIND, R_M, R_OK, R_QNEXT, RETURNED } from "./layout.ts";
import { X } from "./region.ts";
import { growBuffer } from "./sending.ts";
import { drain, heard, onRecord } from "./waits.ts";

/**
 * Values that came through `o` for nobody, in records of waits that are over, the oldest first: others receive them, before what is in the
 * channel.
 */
export function giveBack(o: number, list: readonly number[]): void {
  const { I } = X;
  list.forEach((r, i) => (I[(r + R_QNEXT) >> 2] = list[i + 1] ?? 0));
  let left = list[0] as number;
  while ((left = X.p.giveBack(o, left, false)) !== 0) {
    const above = (I[(o + O_COUNT) >> 2] as number) + list.length - ((I[(o + O_CAP) >> 2] as number) >>> 0);
    try {
      growBuffer(o, Math.max(0, above));
    } catch {
      // There is no memory for that: they wait where they are, as senders, behind what is buffered.
      for (const r of list) {
        I[(r + R_KIND) >> 2] = RETURNED;
        I[(r + R_M) >> 2] = 0;
      }
      left = X.p.giveBack(o, left, true);
      break;
    }
  }
  for (const r of left === 0 ? list : list.slice(0, list.indexOf(left))) X.p.release(r, 0);
}

/** Values by channel that this thread has heard of for nobody. They go back together, or the last would be before the first. */
const unwanted: Map<number, number[]> = new Map();

/** The same for what comes in `r`, when all else is heard. */
export function giveBackLater(o: number, r: number): void {
  const list = unwanted.get(o);
  if (list === undefined) unwanted.set(o, [r]);
  else list.push(r);
  heard.behind = giveAllBack;
}

function giveAllBack(): void {
  const all = [...unwanted];
  unwanted.clear();
  for (const [o, list] of all) giveBack(o, list);
  drain();
}

/** Whoever has received the value has it; else the channel was closed over it. */
onRecord(RETURNED, (r) => {
  if (X.I[(r + R_OK) >> 2] !== 1) dropCell(r + R_CELL);
  X.p.release(r, 0);
});
