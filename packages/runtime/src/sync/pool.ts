/**
 * Pool: objects to be used again. What is in a pool may go at any collection of garbage, as in Go: what nobody took during a whole cycle
 * is dropped, so a pool never holds on to what a peak has left.
 *
 *     put ─► items ─(a collection)─► old ─(the next)─► gone        get takes from items first, then from old
 */
import { wants } from "../errors/catalogue.ts";
import { suspendable } from "../internal/state.ts";
import { staysHere } from "../shared/refusal.ts";

/** Called after a collection: an object nobody held is gone. */
const collections: FinalizationRegistry<WeakRef<Pool<unknown>>> = new FinalizationRegistry((ref) =>
  ref.deref()?.collected(),
);

/** Temporary objects. Go: sync.Pool. */
export class Pool<T> {
  readonly #create: () => T;
  #items: T[] = [];
  #old: T[] = [];
  /** 1 while the next collection is waited for. */
  #armed: number = 0;

  /** @param create makes one when there is none; it may block */
  constructor(create: () => T) {
    if (typeof create !== "function") throw wants("Pool", "a function", create);
    this.#create = create;
  }

  /** One of the pool, or a new one: do not expect anything of the state it is in. Go: Get. */
  get(): T {
    if (this.#items.length > 0) return this.#items.pop() as T;
    if (this.#old.length > 0) return this.#old.pop() as T;
    return this.#create();
  }

  /** Gives one to the pool; the caller must not use it any more. Go: Put. */
  put(v: T): void {
    if (v === undefined || v === null) return;
    this.#items.push(v);
    if (this.#armed === 0) this.#arm();
  }

  #arm(): void {
    this.#armed = 1;
    collections.register({}, new WeakRef(this as Pool<unknown>));
  }

  /** Garbage has been collected. Called by this file. */
  collected(): void {
    this.#old = this.#items;
    this.#items = [];
    this.#armed = 0;
    if (this.#old.length > 0) this.#arm();
  }
}
suspendable(Pool.prototype.get);
staysHere(Pool, "one a thread is `perThread(() => new Pool(…))` at the top of the module");
