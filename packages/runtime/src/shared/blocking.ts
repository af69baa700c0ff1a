/**
 * Calls that block their thread: on threads kept for that, made when none is free and used again. Only main makes threads: others
 * ask it to.
 *
 *     blocking(f, …) ─► record ─► inbox of a free thread (G_BLOCKING), or of main, which starts one ─► a goroutine there, without a P
 *     its end        ─► the outcome to the caller; the thread is free again
 */
import { wants } from "../errors/catalogue.ts";
import { KEPT } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { takeSite } from "../scheduler/go.ts";
import { join } from "../scheduler/goroutine.ts";
import { current } from "../scheduler/park.ts";
import { BLOCKING } from "../scheduler/reason.ts";
import { S } from "../scheduler/p.ts";
import { wake } from "../scheduler/wake.ts";
import { isParallel } from "./functions.ts";
import { CALL, M_BLOCKING, R_KIND } from "./layout.ts";
import { goParallel, openForParallel } from "./parallel.ts";
import { X } from "./region.ts";
import type { MayCross } from "./shareable.ts";
import { begin, handleFor, newTask } from "./tasks.ts";
import { onRecord } from "./waits.ts";
import { startCalling } from "./workers.ts";

/**
 * Runs `f`, a parallel function, on a thread kept for calls that block it, and parks the caller until it returns: for synchronous
 * functions that take long, native addons, `Atomics.wait`. Everything else goes on meanwhile. Threads are made when none is free, and kept.
 * Ends the program with Go's "thread exhaustion" beyond 10,000. Go: what the runtime does around a system call.
 * @throws whatever `f` throws; TypeError if it is no parallel function
 */
export function blocking<A extends unknown[], R>(f: ((...args: A) => R) & MayCross<A, R>, ...args: A): R {
  const site = takeSite();
  if (typeof f !== "function" || !isParallel(f)) throw wants("blocking", "a parallel function", f);
  current(); // before anything has happened
  openForParallel();
  // No other thread finds the runtime: it blocks this one.
  if (S.bundled !== 0) return join(goParallel(f, args, KEPT, site) as G, undefined, BLOCKING) as R;
  const r = newTask(f, args, site, null);
  const g = handleFor(r, f, KEPT, site);
  X.I[(r + R_KIND) >> 2] = CALL;
  assign(r);
  return join(g, undefined, BLOCKING) as R;
}

/** Gives a call to a thread that is free. */
function assign(r: number): void {
  const free = X.p.takeBlocking();
  const m = free !== 0 ? free - 1 : X.m === 0 ? startCalling() : 0;
  X.p.postTo(m, r);
}

function called(r: number): void {
  if (X.I[X.at + (M_BLOCKING >> 2)] !== 1) {
    assign(r); // this is main, and another thread asks
    return;
  }
  S.runq.put(begin(r));
  if (S.inLoop === 0) wake();
}

onRecord(CALL, called);
