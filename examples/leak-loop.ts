/**
 * Leak 2: a loop without an exit. A goroutine that does something every now and then goes on when nobody needs it any more.
 */
import { background, Canceled, go, sleep, withCancel, type Context } from "gort";
import { findLeaks } from "gort/testing";

class LeakyCache {
  readonly #entries = new Map<string, string>();
  constructor() {
    go(() => this.#evict());
  }
  #evict(): void {
    for (;;) {
      sleep(60_000);
      this.#entries.clear();
    }
  }
}

/** The fix: somebody who can end it. Each wait takes the context, and disposing the cache cancels it. */
class Cache implements Disposable {
  readonly #entries = new Map<string, string>();
  readonly #cancel: () => void;
  constructor() {
    const [ctx, cancel] = withCancel(background());
    this.#cancel = cancel;
    go(() => this.#evict(ctx));
  }
  #evict(ctx: Context): void {
    try {
      for (;;) {
        sleep(60_000, ctx);
        this.#entries.clear();
      }
    } catch (e) {
      if (e !== Canceled) throw e;
    }
  }
  [Symbol.dispose](): void {
    this.#cancel();
  }
}

export function main(): void {
  {
    using _ = new Cache();
    sleep(5);
  }
  console.log("fixed: leaves", findLeaks()?.message ?? "nothing");
  new LeakyCache();
  console.log("leaky: leaves", findLeaks()!.message);
}
