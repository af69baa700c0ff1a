/**
 * `parallel`: functions whose goroutines may run on any thread. What they are given and what they return is always copied (or
 * shared, or moved), also where they happen to run on the thread that started them: so a program means the same on one P.
 */
import { GortError } from "../errors/catalogue.ts";
import { cureFor } from "../errors/cure.ts";
import { R as state } from "../internal/state.ts";
import type { G } from "../scheduler/g.ts";
import { S } from "../scheduler/p.ts";
import { capturedStack } from "../scheduler/stack.ts";
import { nativeLines } from "../scheduler/native-stack.ts";
import type { Sharable } from "./handles.ts";
import { define, isParallel, type Parallel } from "./functions.ts";
import type { ENDS } from "./layout.ts";
import "./contexts.ts";
import type { MayCross } from "./shareable.ts";
import { spawnParallel } from "./tasks.ts";
import { openThreads } from "./threads.ts";
import { isReachable } from "./bundled.ts";

/** Starts a goroutine of a parallel function; its handle if it is kept. `group`: told of its end; ENDS: its handle is, and its result is nobody's. */
export function goParallel(
  f: Parallel,
  args: readonly unknown[],
  flags: number,
  site: string | null,
  group: Sharable | typeof ENDS | null = null,
): G | null {
  openForParallel();
  return spawnParallel(f, args, flags, site, group);
}

/** There are to be parallel goroutines. */
export function openForParallel(): void {
  // From a bundle that has nothing for threads to start from, they find neither the runtime nor the functions: all goroutines take turns here.
  if (S.shared === null) openThreads(S.bundled === 0 ? S.gomaxprocs : 1);
}

/**
 * Marks a module-level function as able to run on any thread: `go(f, …)` may then run it anywhere, and `f` is called as before.
 * The compiler gives it its id; what it is given, and returns, must be able to cross ({@link Shareable}).
 * Go: no counterpart, every goroutine may run anywhere.
 * @throws GortError GORT_NOT_COMPILED in code that was not compiled
 */
export function parallel<A extends unknown[], R>(f: ((...args: A) => R) & MayCross<A, R>): (...args: A) => R {
  // The compiler writes these two; a function that another thread cannot find is no parallel function.
  const id = arguments[1] as string | undefined;
  const url = arguments[2] as string | undefined;
  if (id === undefined || url === undefined) throw misplaced();
  S.parallels++;
  if (!isReachable(url)) S.bundled = 1;
  return define(f, id, url);
}

/** `parallel` where the compiler has not said how the function is found. */
function misplaced(): GortError {
  const cure = cureFor("GORT_PARALLEL_PLACE", nativeLines()[0] ?? "");
  // A package is loaded before the program that imports it: what is compiled of that is not known yet.
  if (cure === undefined && state.modules === 0) return new GortError("GORT_NOT_COMPILED");
  const error = new GortError("GORT_PARALLEL_PLACE", "", cure);
  capturedStack(error, null);
  return error;
}

export { isParallel };
