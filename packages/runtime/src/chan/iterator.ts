/** Iterators of channels in code that is not lowered; compiled loops call `$step`. */
import { askMyCaller } from "../internal/barrier.ts";
import { R } from "../internal/state.ts";
import type { Chan } from "./chan.ts";

/** `for (const v of ch)` in code that is not lowered: `next` may park. */
export class ChanIterator<T> implements IterableIterator<T> {
  readonly #ch: Chan<T>;
  constructor(ch: Chan<T>) {
    this.#ch = ch;
  }
  next(): IteratorResult<T, undefined> {
    const result = this.#ch.$result();
    if (R.u !== 0) askMyCaller(); // spread and the like call from inside the engine, which cannot wait
    return result;
  }
  [Symbol.iterator](): this {
    return this;
  }
}
