/**
 * A select in which channels take part that have crossed to another thread: what it waits with stands in the region (shared/selects.ts), and one
 * word there decides which case fires. Timers' channels stay here, and ask that word before they fire.
 */
import { random } from "../internal/host.ts";
import { THROW } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { current, park, ready, unpark } from "../scheduler/park.ts";
import { SELECT } from "../scheduler/reason.ts";
import { moveFirst } from "../shared/promotion.ts";
import { SharedSelect, type SharedCase } from "../shared/selects.ts";
import { RECV, SEND, TIMEOUT, type SelectCase } from "./case.ts";
import type { Chan } from "./chan.ts";
import type { Select } from "./selector.ts";

/**
 * Fires a case of `select` that is ready, or with `queue` parks and waits in the region. What is sent is encoded once: what `move` has made
 * goes in only once, and getters run before the goroutine is parked.
 */
export function look(select: Select, queue: boolean): boolean {
  let g: G | null = null;
  try {
    const s = encoded(select);
    if (fires(select, s, false)) return true;
    if (!queue) {
      s.drop();
      return false;
    }
    select.g = g = current();
    park(g, SELECT, select);
    if (!fires(select, s, true)) return false;
    select.g = null;
    unpark(g);
    return true;
  } catch (e) {
    select.g = null;
    if (g !== null) unpark(g);
    throw e;
  }
}

/** `select` waits for local channels only, and one of them becomes shared: all do. Timers go on. */
export function promote(select: Select): void {
  const { g } = select;
  // It stands in the channel's queues several times.
  if (g === null || select.shared !== null) return;
  try {
    const s = encoded(select);
    goBehind(select);
    if (!fires(select, s, true)) return;
  } catch (e) {
    // What it sends cannot cross: as if it had begun now.
    goBehind(select);
    select.leave();
    g.v = e;
    g.x = THROW;
    ready(g);
    return;
  }
  const { index, value, ok } = select;
  ready(select.claim(select.cases[index] as SelectCase, value, ok));
}

/** Its cases in the region. May run getters, and throw: a value that cannot cross. */
function encoded(select: Select): SharedSelect {
  const list: SharedCase[] = [];
  for (let i = 0; i < select.n; i++) {
    const c = select.cases[i] as SelectCase;
    const { ch } = c;
    if (ch !== null && !ch.isNil && ch.source === null) list.push({ ch, sends: c.dir === SEND, v: c.v, index: i });
  }
  return new SharedSelect(list, (index, v, ok) => firedElsewhere(select, index, v, ok));
}

function firedElsewhere(select: Select, index: number, v: unknown, ok: boolean): void {
  select.shared = null;
  if (select.g === null) return;
  ready(select.claim(select.cases[index] as SelectCase, v, ok));
}

/** Fires a case that is ready; with `queue`, waits in the region if there is none. */
function fires(select: Select, s: SharedSelect, queue: boolean): boolean {
  const timers: SelectCase[] = [];
  for (let i = 0; i < select.n; i++) {
    const c = select.cases[i] as SelectCase;
    const { ch } = c;
    if (ch !== null && !ch.isNil && ch.source !== null && ch.canRecv()) timers.push(c);
  }
  // Of a time that has come and a channel that is ready, each has its chance.
  const all = timers.length + s.size;
  if (timers.length > 0 && random.below(all) < timers.length) return takeTimer(select, timers, s);
  if (s.go(queue && timers.length === 0)) {
    select.index = s.index;
    select.value = s.value;
    select.ok = s.ok;
    return true;
  }
  if (timers.length > 0) return takeTimer(select, timers, s);
  if (queue) select.shared = s;
  return false;
}

function takeTimer(select: Select, timers: readonly SelectCase[], s: SharedSelect): boolean {
  s.drop();
  const c = timers[random.below(timers.length)] as SelectCase;
  select.index = c.index;
  select.value = (c.ch as Chan).takeNow();
  select.ok = true;
  return true;
}

/** Leaves the queues that its channels had before they were shared, once those are in the region who have waited longer. */
function goBehind(select: Select): void {
  for (let i = select.n - 1; i >= 0; i--) {
    const c = select.cases[i] as SelectCase;
    const { ch } = c;
    if (c.dir === TIMEOUT || ch?.isShared !== true) continue;
    const q = c.dir === RECV ? ch.recvq : ch.sendq;
    while (q.first !== null && (q.first as Partial<SelectCase>).select !== select) moveFirst(ch, c.dir === SEND);
    q.remove(c);
  }
}
