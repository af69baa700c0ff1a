/** Channels in ordinary async code: who waits is a promise, which is settled instead of a goroutine made ready. */
import { sendClosed } from "../errors/catalogue.ts";
import type { Node } from "../scheduler/g.ts";
import { SUDOG, type Sudog } from "../scheduler/waitq.ts";
import type { Chan } from "./chan.ts";
import type { Received } from "./ends.ts";
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

/** Receives a value; `asResult`: an iterator's result. */
export function receiveAsync(ch: Chan, asResult: boolean): Promise<unknown> {
  if (!ch.isShared && ch.canRecv()) {
    if (ch.count === 0 && ch.failure !== null) return Promise.reject(ch.failure.error as Error);
    const [value, ok] = ch.tryRecv() as Received<unknown>;
    return Promise.resolve(asResult ? { value, done: !ok } : value);
  }
  return new Promise((resolve, reject) => {
    if (!ch.isNil) ch.addReceiver(new AsyncReceiver(asResult, resolve, reject));
  });
}

export function sendAsync(ch: Chan, v: unknown): Promise<void> {
  if (ch.closed) return Promise.reject(sendClosed());
  if (ch.trySend(v)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    if (!ch.isNil) ch.addSender(new AsyncSender(v, resolve, reject));
  });
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
    if (ch.isNil || ch.canRecv()) return receiveAsync(ch as Chan, true) as Promise<IteratorResult<T, undefined>>;
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
