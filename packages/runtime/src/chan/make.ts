/** How a program comes by a channel. Go: `make(chan T, n)`. */
import { range } from "../errors/catalogue.ts";
import { born } from "../scheduler/bubble.ts";
import { Chan } from "./chan.ts";

/**
 * Makes a channel that holds up to `capacity` values; 0: each send waits for its receiver. Go: `make(chan T, n)`.
 * @throws RangeError GORT_RANGE "makechan: size out of range"
 */
export function chan<T>(capacity: number = 0): Chan<T> {
  return born(new Chan<T>(checkedSize(capacity)));
}

/** A capacity that is one. */
export function checkedSize(capacity: number): number {
  if (!(Number.isInteger(capacity) && capacity >= 0 && capacity <= 0xffff_ffff)) {
    throw range("makechan: size out of range");
  }
  return capacity;
}

const nil = new Chan<never>(-1);

/** Go's nil channel: operations on it block for ever, in a select it is never ready, closing it throws. */
export function nilChan<T>(): Chan<T> {
  return nil as unknown as Chan<T>;
}
