/** AtomicInt: a whole number that several goroutines change. No operation is ever seen half done. Go: sync/atomic. */
import { argument } from "../errors/catalogue.ts";

function whole(n: number, by: string): number {
  if (Number.isSafeInteger(n)) return n;
  throw argument(`AtomicInt.${by}: a whole number up to 2 ** 53 - 1, not ${String(n)}`);
}

/** An atomic whole number, from -(2 ** 53 - 1) to 2 ** 53 - 1. Leaving that range throws; nothing wraps around. Go: atomic.Int64. */
export class AtomicInt {
  #v: number;

  constructor(n: number = 0) {
    this.#v = whole(n, "constructor");
  }

  /** Go: Load. */
  load(): number {
    return this.#v;
  }

  /** Go: Store. */
  store(n: number): void {
    this.#v = whole(n, "store");
  }

  /** Adds `n`; returns the new value. Go: Add. */
  add(n: number): number {
    return (this.#v = whole(this.#v + n, "add"));
  }

  /** Stores `n`; returns the old value. Go: Swap. */
  swap(n: number): number {
    const old = this.#v;
    this.#v = whole(n, "swap");
    return old;
  }

  /** Stores `n` if the value is `old`; whether it was. Go: CompareAndSwap. */
  compareAndSwap(old: number, n: number): boolean {
    whole(n, "compareAndSwap");
    if (this.#v !== old) return false;
    this.#v = n;
    return true;
  }
}
