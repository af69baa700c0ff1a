/** Channel waiters that are ordinary async code: a promise is settled instead of a goroutine made ready. */
import { sendClosed } from "../errors/catalogue.ts";
import type { Node } from "../scheduler/g.ts";
import { SUDOG, type Sudog } from "../scheduler/waitq.ts";
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
