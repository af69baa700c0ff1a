/** wait(promise): where a goroutine meets a promise. The goroutine parks; the promise's reaction readies it. */
import type { Context } from "../context/context.ts";
import { watch } from "./ctx.ts";
import { THROW, VALUE, type G } from "./g.ts";
import { current, park, ready } from "./park.ts";
import { PROMISE } from "./reason.ts";

class PromiseWait {
  g: G | null;
  constructor(g: G) {
    this.g = g;
  }
  settle(v: unknown, x: number): void {
    const g = this.g;
    if (g === null) return;
    this.g = null;
    g.v = v;
    g.x = x;
    ready(g);
  }
  cancelWait(): void {
    this.g = null;
  }
}

/**
 * Parks the caller until `promise` settles; returns its value or throws its reason. A value that is no promise is returned as it
 * is. The uncoloured `await`.
 * @param ctx stop waiting when it ends (throws its error; the promise goes on by itself)
 */
export function wait<T>(promise: T, ctx?: Context): Awaited<T> {
  if (typeof (promise as PromiseLike<unknown> | null | undefined)?.then !== "function") return promise as Awaited<T>;
  const g = current();
  const w = new PromiseWait(g);
  // A foreign thenable is adopted first: its `then` must not run in the middle of a park.
  const native = promise instanceof Promise ? promise : Promise.resolve(promise);
  Promise.prototype.then.call(
    native,
    (v: unknown) => w.settle(v, VALUE),
    (e: unknown) => w.settle(e, THROW),
  );
  park(g, PROMISE, w);
  if (ctx !== undefined) watch(g, ctx);
  return undefined as Awaited<T>;
}
