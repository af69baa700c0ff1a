/**
 * What is known of who calls a fast copy, so that not every capture has to read the stack: see barrier.ts, which asks.
 *
 * An answer holds for one segment of a program in one slice of 10 ms. A segment is what runs between two suspensions: it begins
 * where a goroutine was resumed, in the frame that is deepest on its native stack, or where it was started. A function that
 * blocks all the time in one place is asked about a few times there; called from anywhere else, it is asked about again.
 *
 *     clone.t   the slice
 *     clone.b, clone.c   one bit in each for a segment: it has been asked about often enough
 *     clone.s   segments that are asked about, and how often they have been
 *
 * Two segments may have the same two bits; then one counts for the other.
 */
import type { G } from "../scheduler/g.ts";
import { R, type Clone, type Frame } from "./state.ts";

/** How often one is asked about in a segment and slice; the second for those that are given to whom nobody knows. */
const FEW = 4;
const MORE = 16;
/** … in all segments of a slice together: 1 % of the time at most. */
const MANY = 40;
/** So many of all functions together in a slice; then only FEW of each. */
const ALL = 80;

/** `t` of those that are always asked about: no slice has this number. */
const WARY = -1;

/** A segment in which a function is asked about. */
class Asked {
  readonly b: number;
  readonly c: number;
  n: number = 0;
  constructor(b: number, c: number) {
    this.b = b;
    this.c = c;
  }
}

/** Numbers for clones, and the questions of all functions in a slice. */
const all = { ids: 0, turn: 0, n: 0 };

/**
 * Sets what is known of a clone, all fields in one order. It says itself, last of all, whether the engine or a package may call the function (`!`),
 * or whether it is given to what may be compiled or not (`?`).
 */
function known(r: Clone): Clone {
  if (r.i !== undefined) return r;
  const told = r(null) as string;
  const sign = told[told.length - 1];
  r.i = ++all.ids;
  r.t = sign === "!" ? WARY : 0;
  r.b = 0;
  r.c = 0;
  r.m = sign === "?" ? MORE : FEW;
  r.n = 0;
  r.s = null;
  return r;
}

/** What could not be suspended called this one: it is always asked about. */
export function wary(r: Clone): void {
  known(r).t = WARY;
}

/** Whether who calls the fast copy of `r` has been asked about often enough, in this segment and slice. */
export function isTrusted(r: Clone): boolean {
  if (r.t !== R.turn) return false;
  const { g } = R.hot;
  const frame = (g as G).frame as Frame | null;
  if (frame === null) return isTrustedAtStart(r, g as G);
  const i = frame.r.i as number;
  const { pc } = frame;
  return ((r.b! >>> ((i * 7 + pc) & 31)) & (r.c! >>> ((i + pc * 11) & 31)) & 1) !== 0;
}

/** The same where the goroutine has not been suspended yet. */
function isTrustedAtStart(r: Clone, g: G): boolean {
  const site = siteOf(g);
  return ((r.b! >>> (site & 31)) & (r.c! >>> ((site >>> 5) & 31)) & 1) !== 0;
}

/** A number for where a goroutine was started. */
function siteOf(g: G): number {
  const { site } = g;
  if (site === null) return 0;
  const end = site.length;
  return end * 37 + site.charCodeAt(end - 1) + site.charCodeAt(end - 3) * 11;
}

/** The caller could be suspended: it is not asked for again in this segment and slice, once it has been often. */
export function trust(r: Clone): void {
  if (known(r).t === WARY) return;
  if (r.t !== R.turn) {
    r.t = R.turn;
    r.b = 0;
    r.c = 0;
    r.n = 0;
    r.s = null;
  }
  if (all.turn !== R.turn) {
    all.turn = R.turn;
    all.n = 0;
  }
  const { g } = R.hot;
  const frame = g === null ? null : g.frame;
  const i = frame === null ? 0 : known(frame.r).i!;
  const site = frame !== null || g === null ? 0 : siteOf(g);
  const b = 1 << ((frame === null ? site : i * 7 + frame.pc) & 31);
  const c = 1 << ((frame === null ? site >>> 5 : i + frame.pc * 11) & 31);
  const asked = find(r, b, c);
  asked.n++;
  r.n!++;
  if (r.n! > FEW) all.n++;
  if (asked.n >= r.m!) {
    r.b! |= b;
    r.c! |= c;
  }
  if (r.n! >= MANY || (r.n! >= FEW && all.n >= ALL)) {
    r.b = -1;
    r.c = -1;
  }
}

function find(r: Clone, b: number, c: number): Asked {
  const list = (r.s ??= []) as Asked[];
  // No method of an array: a program may have its own.
  for (let i = 0; i < list.length; i++) {
    const s = list[i]!;
    if (s.b === b && s.c === c) return s;
  }
  return (list[list.length] = new Asked(b, c));
}
