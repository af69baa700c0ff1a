/**
 * wait(promise): where a goroutine meets a promise. The goroutine parks; the promise's reaction readies it.
 *
 *     without a context   one reaction for each wait: it is over only when the promise settles
 *     with a context      one reaction for each promise, and a queue of those who wait: a reaction cannot be taken back, so a
 *                         promise that outlives a million waits would otherwise hold a million of them
 */
import type { Context } from "../context/context.ts";
import { watch } from "./ctx.ts";
import { THROW, VALUE } from "./status.ts";
import type { G, Waitable } from "./g.ts";
import { current, park, ready } from "./park.ts";
import { PROMISE } from "./reason.ts";
import { arriving } from "./stack.ts";
import { WaitQ } from "./waitq.ts";

class PromiseWait implements Waitable {
  g: G | null;
  constructor(g: G) {
    this.g = g;
  }
  settle(v: unknown, x: number): void {
    const g = this.g;
    if (g === null) return;
    this.g = null;
    wakeWith(g, v, x);
  }
  cancelWait(): void {
    this.g = null;
  }
}

function wakeWith(g: G, v: unknown, x: number): void {
  if (x === THROW) arriving(v, g);
  g.v = v;
  g.x = x;
  ready(g);
}

/** Those who wait for one promise and may give up, first come first. */
class Waiters implements Waitable {
  readonly q: WaitQ = new WaitQ();
  settle(v: unknown, x: number): void {
    for (let g = this.q.shift() as G | null; g !== null; g = this.q.shift() as G | null) wakeWith(g, v, x);
  }
  cancelWait(g: G): void {
    this.q.remove(g);
  }
}

const waiters: WeakMap<Promise<unknown>, Waiters> = new WeakMap();

function waitersOf(promise: Promise<unknown>): Waiters {
  let w = waiters.get(promise);
  if (w === undefined) {
    w = new Waiters();
    waiters.set(promise, w);
    react(promise, w);
  }
  return w;
}

/** The promise's own `then` may be anybody's. */
function react(promise: Promise<unknown>, w: PromiseWait | Waiters): void {
  Promise.prototype.then.call(
    promise,
    (v: unknown) => {
      if (w instanceof Waiters) waiters.delete(promise);
      w.settle(v, VALUE);
    },
    (e: unknown) => {
      if (w instanceof Waiters) waiters.delete(promise);
      w.settle(e, THROW);
    },
  );
}

/**
 * Parks the caller until `promise` settles; returns its value or throws its reason. A value that is no promise is returned as it
 * is. The uncoloured `await`; Go: no counterpart. Any number of goroutines may wait for one promise.
 * @param ctx stop waiting when it ends (throws its error). The promise goes on by itself; should it be rejected later, that is
 *   no unhandled rejection
 */
export function wait<T>(promise: T, ctx?: Context): Awaited<T> {
  return waitFor(promise, PROMISE, ctx);
}

/** The same for other parts of the runtime, which say what they wait for. */
export function waitFor<T>(promise: T, reason: number, ctx?: Context): Awaited<T> {
  if (typeof (promise as PromiseLike<unknown> | null | undefined)?.then !== "function") return promise as Awaited<T>;
  const g = current();
  // A foreign thenable is adopted first: its `then` must not run in the middle of a park.
  const native: Promise<unknown> = promise instanceof Promise ? promise : Promise.resolve(promise);
  if (ctx === undefined) {
    const w = new PromiseWait(g);
    react(native, w);
    park(g, reason, w);
  } else {
    const w = waitersOf(native);
    w.q.push(g);
    park(g, reason, w);
    watch(g, ctx);
  }
  return undefined as Awaited<T>;
}
