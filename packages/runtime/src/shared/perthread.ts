/** perThread: a value of a module that is meant to be one on each thread. */
import { wants } from "../errors/catalogue.ts";

/**
 * Marks a module-level value as one that each thread makes for itself, when it first loads what uses it: a cache, a pool, a
 * counter of its own. Parallel functions may change it. Go: no counterpart; its threads share one heap.
 */
export function perThread<T>(create: () => T): T {
  if (typeof create !== "function") throw wants("perThread", "a function", create);
  return create();
}
