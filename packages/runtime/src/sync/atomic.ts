/** AtomicInt: a whole number that several goroutines change. No operation is ever seen half done. Go: sync/atomic. */
import { wants } from "../errors/catalogue.ts";
import { defineKind, keepHandle } from "../shared/handles.ts";
import { ATOMIC } from "../shared/layout.ts";
import { freeObject, newObject } from "../shared/objects.ts";
import { X } from "../shared/region.ts";

function refused(n: number, by: string): Error {
  return wants(by === "" ? "AtomicInt" : `AtomicInt.${by}`, "a whole number up to 2 ** 53 - 1", n);
}

function whole(n: number, by: string): number {
  if (Number.isSafeInteger(n)) return n + 0; // a whole number has no -0
  throw refused(n, by);
}

/** An atomic whole number, from -(2 ** 53 - 1) to 2 ** 53 - 1. Leaving that range throws; nothing wraps around. Go: atomic.Int64. */
export class AtomicInt {
  #v: number;
  /** Its object in the region, when it has crossed to another thread. */
  #o: number = 0;

  constructor(n: number = 0) {
    this.#v = whole(n, "");
  }

  /** Go: Load. */
  load(): number {
    return this.#o === 0 ? this.#v : X.p.numberLoad(this.#o);
  }

  /** Go: Store. */
  store(n: number): void {
    if (this.#o !== 0) X.p.numberSwap(this.#o, whole(n, "store"));
    else this.#v = whole(n, "store");
  }

  /** Adds `n`; returns the new value. Go: Add. */
  add(n: number): number {
    whole(n, "add");
    if (this.#o === 0) return (this.#v = whole(this.#v + n, "add"));
    const v = X.p.numberAdd(this.#o, n);
    if (Number.isNaN(v)) throw refused(this.load() + n, "add");
    return v;
  }

  /** Stores `n`; returns the old value. Go: Swap. */
  swap(n: number): number {
    if (this.#o !== 0) return X.p.numberSwap(this.#o, whole(n, "swap"));
    const old = this.#v;
    this.#v = whole(n, "swap");
    return old;
  }

  /** Stores `n` if the value is `old`; whether it was. Go: CompareAndSwap. */
  compareAndSwap(old: number, n: number): boolean {
    n = whole(n, "compareAndSwap");
    if (this.#o !== 0) return Number.isSafeInteger(old) && X.p.numberCompareAndSwap(this.#o, old, n) !== 0;
    if (this.#v !== old) return false;
    this.#v = n;
    return true;
  }

  /** The address of its object; made when it first crosses to another thread. */
  $share(): number {
    if (this.#o !== 0) return this.#o;
    const o = newObject(ATOMIC);
    X.p.numberSwap(o, this.#v);
    this.#o = o;
    keepHandle(o, this);
    return o;
  }

  /** A handle for the number of another thread. */
  static $adopt(o: number): AtomicInt {
    const n = new AtomicInt();
    n.#o = o;
    return n;
  }
}

defineKind(ATOMIC, {
  adopt: (o) => AtomicInt.$adopt(o),
  free: freeObject,
});
