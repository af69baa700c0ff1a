/**
 * All goroutines that are not dead. Those that have parked are in a list, linked both ways, from the first time on; the others
 * are in a run queue, or running. So one that ends without having waited, as most of a crowd do, is never linked.
 */
import { R } from "../internal/state.ts";
import { LISTED, type G } from "./g.ts";
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

/** All goroutines, oldest first. */
export function allGoroutines(): G[] {
  const all: Set<G> = new Set();
  for (let g = S.allFirst; g !== null; g = g.anext) all.add(g);
  const { g: running, runnext, local, global } = R.hot;
  if (running !== null) all.add(running);
  if (runnext !== null) all.add(runnext);
  for (let g = local.first; g !== null; g = g.next as G | null) all.add(g);
  for (let g = global.first; g !== null; g = g.next as G | null) all.add(g);
  return [...all].sort((a, b) => a.id - b.id);
}
