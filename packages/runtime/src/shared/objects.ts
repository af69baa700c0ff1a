/** The memory of what threads share: made with one reference, which is its first handle's; handles.ts says when it is given back. */
import { O_KIND, O_REFS, UNIT } from "./layout.ts";
import { allocate, X } from "./region.ts";

/** A shared object of `kind`, which nobody else knows yet, with one reference. */
export function newObject(kind: number): number {
  const o = allocate(2 * UNIT);
  const { I } = X;
  I.fill(0, o >> 2, (o + 2 * UNIT) >> 2);
  I[(o + O_KIND) >> 2] = kind;
  I[(o + O_REFS) >> 2] = 1;
  X.p.enlist(o);
  return o;
}

/** Nobody can reach the object any more. */
export function freeObject(o: number): void {
  X.p.delist(o);
  X.p.release(o, 1);
}
