/**
 * Goroutines that nothing will ever wake: those that wait on something which only goroutines like them can reach. The garbage
 * collector knows. For the length of one collection the list of all goroutines is taken apart, so that a goroutine lives only if
 * somebody can still wake it: through a queue it stands in, a timer, a promise, its handle. Which have gone is seen by weak references.
 *
 *     begin()   weak references of all that wait. Making one keeps its goroutine alive until the job is over, so …
 *     finish()  … in a later job: what is known of each is written down, the list is cut, gc(), the list is tied again from
 *               those that are left
 *
 * A goroutine that ordinary code waits for (`run`, `asPromise`) is never taken. Its `finally` blocks do not run: nothing of it runs.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { R } from "../internal/state.ts";
import { list } from "../scheduler/all.ts";
import { LISTED, MAIN, STATUS, WAITING } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { S } from "../scheduler/p.ts";

let collect: (() => void) | null = null;

/** A full collection, done when it returns. */
export function gc(): void {
  if (collect === null) {
    const exposed = (globalThis as { gc?: () => void }).gc;
    if (exposed !== undefined) collect = () => void exposed();
    else {
      setFlagsFromString("--expose-gc");
      collect = runInNewContext("gc") as () => void;
    }
  }
  collect();
}

/** What is to be known of a goroutine that may be gone: made before the collection, must not hold the goroutine. */
export type Describe<T> = (g: G) => T;

function isAwaited(g: G): boolean {
  return (g.status & MAIN) !== 0 || g.ext?.resolve != null;
}

interface Entry<T> {
  readonly ref: WeakRef<G>;
  readonly known: T;
}

/** Cuts the list. Returns those that are kept whatever happens. */
function cut<T>(
  refs: readonly WeakRef<G>[],
  ids: ReadonlyMap<number, number>,
  describe: Describe<T>,
): [Entry<T>[], G[]] {
  const entries: Entry<T>[] = [];
  const kept: G[] = [];
  let g = S.allFirst;
  S.allFirst = S.allLast = null;
  while (g !== null) {
    const after: G | null = g.anext;
    g.anext = g.aprev = null;
    g.status &= ~LISTED;
    const i = ids.get(g.id);
    if (i === undefined || (g.status & STATUS) !== WAITING || isAwaited(g)) kept.push(g);
    else entries.push({ ref: refs[i] as WeakRef<G>, known: describe(g) });
    g = after;
  }
  return [entries, kept];
}

/** What a register of the engine, or a field of ours, may still hold of the goroutine that ran last. */
function forgetLast(): void {
  R.v = R.fv = R.sv = undefined;
  R.hot = R.hot.turned();
}

/** Ties the list again; returns what was known of those that are gone. */
function tie<T>(entries: readonly Entry<T>[], kept: readonly G[]): T[] {
  const gone: T[] = [];
  const left: G[] = [...kept];
  for (const { ref, known } of entries) {
    const g = ref.deref();
    if (g === undefined) gone.push(known);
    else left.push(g);
  }
  left.sort((a, b) => a.id - b.id).forEach(list);
  S.count -= gone.length;
  return gone;
}

function weak(): [WeakRef<G>[], Map<number, number>] {
  const refs: WeakRef<G>[] = [];
  const ids = new Map<number, number>();
  for (let g = S.allFirst; g !== null; g = g.anext) {
    if ((g.status & STATUS) !== WAITING || isAwaited(g)) continue;
    ids.set(g.id, refs.length);
    refs.push(new WeakRef(g));
  }
  return [refs, ids];
}

/**
 * Finds them, takes them off the books, and returns what `describe` said of each. Call it from a job of its own (a timer), not from a
 * goroutine: the stack of whoever calls holds what it holds.
 */
export async function reclaimUnreachable<T>(describe: Describe<T>): Promise<T[]> {
  const [refs, ids] = weak();
  // Two turns of the event loop: references made in this job are strong until it is over.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  if (R.g !== null || S.inLoop !== 0) return [];
  const [entries, kept] = cut(refs, ids, describe);
  forgetLast();
  gc();
  return tie(entries, kept);
}
