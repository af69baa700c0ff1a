/** Goroutine ids: one line of numbers for all threads, of which each takes some at a time, as Ps do in Go. */
import { S } from "../scheduler/p.ts";
import { G_IDS } from "./layout.ts";
import { X } from "./region.ts";

/** Ids a thread takes at once. */
const NUMBERS = 256;

/** The next id for a goroutine. */
export function nextId(): number {
  if (S.nextId === S.lastId) moreIds();
  return S.nextId++;
}

/** This thread has used up its ids, or has none yet. */
export function moreIds(): void {
  const n = Atomics.add(X.I, G_IDS >> 2, 1);
  S.nextId = n * NUMBERS + 1;
  S.lastId = S.nextId + NUMBERS;
}

/** Main has counted alone until now. */
export function shareIds(): void {
  const used = Math.ceil((S.nextId - 1) / NUMBERS);
  X.I[G_IDS >> 2] = used;
  S.lastId = used * NUMBERS + 1;
}
