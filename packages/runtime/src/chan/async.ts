/** Channel waiters that are ordinary async code: a promise is settled instead of a goroutine made ready. */
import { sendClosed } from "../errors/catalogue.ts";
import type { Node } from "../scheduler/g.ts";
import { SUDOG, type Sudog } from "../scheduler/waitq.ts";
import type { Chan } from "./chan.ts";
import { Failure } from "./failure.ts";

export class AsyncReceiver implements Sudog {
  next: Node = null;
  prev: Node = null;
  status: number = SUDOG;
  v: unknown = undefined;
  readonly #asResult: boolean;
  readonly #resolve: (v: unknown) => void;
  readonly #reject: (e: unknown) => void;
  constructor(asResult: boolean, resolve: (v: unknown) => void, reject: (e: unknown) => void) {
    this.#asResult = asResult;
    this.#resolve = resolve;
    this.#reject = reject;
  }
  fire(v: unknown, ok: boolean): null {
    if (!ok && v instanceof Failure) this.#reject(v.error);
    else this.#resolve(this.#asResult ? { value: v, done: !ok } : v);
    return null;
  }
}

export class AsyncSender implements Sudog {
  next: Node = null;
  prev: Node = null;
  status: number = SUDOG;
  v: unknown;
  readonly #resolve: () => void;
  readonly #reject: (e: unknown) => void;
  constructor(v: unknown, resolve: () => void, reject: (e: unknown) => void) {
    this.v = v;
    this.#resolve = resolve;
    this.#reject = reject;
  }
  fire(_v: unknown, ok: boolean): null {
    if (ok) this.#resolve();
    else this.#reject(sendClosed());
    return null;
  }
}

/** `for await (const v of ch)`. A `next` that waits is taken back by `return`: no value goes to nobody. */
export class AsyncChanIterator<T> implements AsyncIterableIterator<T> {
  readonly #ch: Chan<T>;
  readonly #waiting: Set<AsyncReceiver> = new Set();
  #over: boolean = false;
  constructor(ch: Chan<T>) {
    this.#ch = ch;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#over) return { value: undefined, done: true };
    const ch = this.#ch;
    if (ch.isNil || ch.canRecv()) return ch.$recvAsync(true) as Promise<IteratorResult<T, undefined>>;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const w = new AsyncReceiver(true, resolve, reject);
    ch.addReceiver(w);
    this.#waiting.add(w);
    try {
      return (await promise) as IteratorResult<T, undefined>;
    } finally {
      this.#waiting.delete(w);
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#over = true;
    for (const w of this.#waiting) {
      this.#ch.removeReceiver(w);
      w.fire(undefined, false);
    }
    this.#waiting.clear();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
