/**
 * SingleFlight: of several who ask for the same at the same time one does it, and the others get what it got: its value, its
 * exception, or its end (goexit). Go: golang.org/x/sync/singleflight.
 */
import type { Context } from "../context/context.ts";
import { wants } from "../errors/catalogue.ts";
import { suspendable } from "../internal/state.ts";
import { watch } from "../scheduler/ctx.ts";
import { endOrWait, type Ender } from "../scheduler/finally.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { SINGLEFLIGHT } from "../scheduler/reason.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { staysHere } from "../shared/refusal.ts";

/** One call and who waits for it. */
class Call<K> implements Ender, Waitable {
  readonly #calls: Map<K, Call<K>>;
  readonly #key: K;
  readonly #q: WaitQ = new WaitQ();
  /** What an `async` function returned, until it has settled: everybody gets it. */
  promise: unknown = undefined;

  constructor(calls: Map<K, Call<K>>, key: K) {
    this.#calls = calls;
    this.#key = key;
    calls.set(key, this);
  }

  wait(ctx: Context | undefined): void {
    const g = current();
    this.#q.push(g);
    park(g, SINGLEFLIGHT, this);
    if (ctx !== undefined) watch(g, ctx);
  }

  ended(v: unknown, x: number): void {
    if (x === 0 && v instanceof Promise) {
      this.promise = v;
      const over = (): void => this.#over();
      Promise.prototype.then.call(v, over, over);
    } else this.#over();
    for (let g = this.#q.shift() as G | null; g !== null; g = this.#q.shift() as G | null) {
      g.v = v;
      g.x = x;
      ready(g);
    }
  }

  #over(): void {
    // Not another's, begun after a `forget`.
    if (this.#calls.get(this.#key) === this) this.#calls.delete(this.#key);
  }

  cancelWait(g: G): void {
    this.#q.remove(g);
  }
}

/** Calls of functions by key, no two of one key at a time. Go: singleflight.Group. */
export class SingleFlight<K, V> {
  readonly #calls: Map<K, Call<K>> = new Map();

  /**
   * Calls `f` and returns what it returns; if a call for `key` is under way, parks until that has ended and returns or throws what
   * it did. The promise of an `async` function is given to all who ask until it has settled. Go: Do.
   * @param ctx stop waiting for another's call when it ends (throws its error)
   */
  do(key: K, f: () => V, ctx?: Context): V {
    if (typeof f !== "function") throw wants("SingleFlight.do", "a function", f);
    const running = this.#calls.get(key);
    if (running !== undefined) {
      if (running.promise !== undefined) return running.promise as V;
      running.wait(ctx);
      return undefined as V;
    }
    const call = new Call(this.#calls, key);
    let v: V;
    try {
      v = f();
    } catch (e) {
      call.ended(e, 1);
      throw e;
    }
    return endOrWait(v, call);
  }

  /** The next call for `key` begins anew, also while one is under way. Go: Forget. */
  forget(key: K): void {
    this.#calls.delete(key);
  }
}
suspendable(SingleFlight.prototype.do);
staysHere(SingleFlight, "one a thread is `perThread(() => new SingleFlight())` at the top of the module");
