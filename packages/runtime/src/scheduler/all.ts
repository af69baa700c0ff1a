/**
 * All goroutines that are not dead. Those that have parked are in a list, linked both ways, from the first time on; the others
 * are in a run queue, or running. So one that ends without having waited, as most of a crowd do, is never linked.
 */
import { R } from "../internal/state.ts";
import { DEAD, LISTED, STATUS } from "./status.ts";
import type { G } from "./g.ts";
import { S } from "./p.ts";

/** A goroutine parks for the first time. */
export function list(g: G): void {
  g.status |= LISTED;
  const last = S.allLast;
  g.aprev = last;
  if (last === null) S.allFirst = g;
  else last.anext = g;
  S.allLast = g;
}

/** A goroutine that is in the list has ended. */
export function unlist(g: G): void {
  const { anext, aprev } = g;
  if (aprev === null) S.allFirst = anext;
  else aprev.anext = anext;
  if (anext === null) S.allLast = aprev;
  else anext.aprev = aprev;
  g.anext = g.aprev = null;
}

/** Calls `f` with each goroutine, once, in no particular order. `f` must change nothing. */
export function eachGoroutine(f: (g: G) => void): void {
  for (let g = S.allFirst; g !== null; g = g.anext) f(g);
  const { g: running, runnext, local, waiting, global } = R.hot;
  const others = (g: G | null): void => {
    for (; g !== null; g = g.next as G | null) if ((g.status & LISTED) === 0) f(g);
  };
  if (running !== null && (running.status & LISTED) === 0 && (running.status & STATUS) !== DEAD) f(running);
  // It may have yielded, and stand in a queue too, only between two switches, when nobody asks.
  if (runnext !== null && (runnext.status & LISTED) === 0) f(runnext);
  others(local.first);
  others(waiting.first);
  others(global.first);
}

/** All goroutines, oldest first. */
export function allGoroutines(): G[] {
  const all: G[] = [];
  eachGoroutine((g) => all.push(g));
  return all.sort((a, b) => a.id - b.id);
}
