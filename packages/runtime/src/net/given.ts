/**
 * What a server's handler is given besides its request or connection: channels, mutexes and other shared things, or plain data. A parallel
 * handler has a copy of the data on each thread, also where one thread serves: so a program means the same on any number of them.
 */
import { decodeCell, encodeKept } from "../shared/codec.ts";
import { isParallel } from "../shared/functions.ts";
import { R_CELL } from "../shared/layout.ts";
import { openForParallel } from "../shared/parallel.ts";
import { record, X } from "../shared/region.ts";

export class Given {
  /** Nobody's: each thread gets a copy of it. */
  readonly #values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  /** A record for one thread, which takes it. */
  send(): number {
    const r = record();
    try {
      encodeKept(r + R_CELL, this.#values, "shared");
    } catch (e) {
      X.p.release(r, 0);
      throw e;
    }
    return r;
  }
}

/** What is in a record that {@link Given.send} has made. */
export function take(r: number): unknown[] {
  const values = decodeCell(r + R_CELL) as unknown[];
  X.p.release(r, 0);
  return values;
}

/** Null where a handler is given nothing, or shares the heap of who gives. Throws GORT_SHARE for what cannot cross. */
export function given(handler: Function, values: readonly unknown[]): Given | null {
  if (values.length === 0 || !isParallel(handler)) return null;
  openForParallel();
  return new Given(take(new Given(values).send()));
}
