/** perThread: a value of a module that is meant to be one on each thread. */

/**
 * Marks a module-level value as one that each thread makes for itself, when it first loads what uses it: a cache, a pool, a
 * counter of its own. Parallel functions may change it.
 */
export function perThread<T>(create: () => T): T {
  return create();
}
