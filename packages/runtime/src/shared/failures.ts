/** Why a shared object has ended that did not just end: an error in the region, which every thread throws as its own copy. */
import { Failure } from "../chan/failure.ts";
import { asText } from "../errors/catalogue.ts";
import { decodeCell, dropCell, encodeKept } from "./codec.ts";
import { CELL, O_FAILURE } from "./layout.ts";
import { allocate, classOf, X } from "./region.ts";
import { drain } from "./waits.ts";

/** What a receiver that finds `o` closed throws, in a box; null where it is only the end. */
export function failureOf(o: number): Failure | null {
  const at = X.I[(o + O_FAILURE) >> 2] as number;
  return at === 0 ? null : new Failure(decodeCell(at, true));
}

/** What feeds the channel broke: receivers on every thread throw `error` once what is buffered is taken. */
export function failObject(o: number, error: unknown): void {
  const at = allocate(CELL);
  try {
    encodeKept(at, error, "the error of the source");
  } catch {
    encodeKept(at, new Error(asText(error)), "the error of the source");
  }
  if (Atomics.compareExchange(X.I, (o + O_FAILURE) >> 2, 0, at) !== 0) {
    // Another thread was first: the cell, and what it holds, is given back.
    dropCell(at);
    X.p.release(at, classOf(CELL));
  } else if (X.p.close(o) !== 0) drain();
}
