/** AsyncLocalStorage's `run` and `exit`: the store is the goroutine's own, and stays with it over every park. */
import type { AsyncLocalStorage } from "node:async_hooks";
import { type Callback, native } from "./intrinsics.ts";
import { enter, entered, exitOf, isStorage, leave, runOf, storeOf } from "./storage.ts";

const { apply } = Reflect;
const { is } = Object;

export const async = {
  "AsyncLocalStorage.run"(
    target: AsyncLocalStorage<unknown>,
    store: unknown,
    f: Callback,
    ...args: unknown[]
  ): unknown {
    if (typeof f !== "function" || !isStorage(target)) return native(runOf, target, [store, f]);
    return within(target, store, f, args);
  },

  "AsyncLocalStorage.exit"(target: AsyncLocalStorage<unknown>, f: Callback, ...args: unknown[]): unknown {
    if (typeof f !== "function" || !isStorage(target)) return native(exitOf, target, [f]);
    return within(target, undefined, f, args);
  },
};

function within(target: AsyncLocalStorage<unknown>, store: unknown, f: Callback, args: unknown[]): unknown {
  const before = storeOf(target);
  if (is(before, store)) return apply(f, null, args);
  const from = entered(target, before);
  enter(target, store);
  try {
    return apply(f, null, args);
  } finally {
    leave(target, before, from);
  }
}
