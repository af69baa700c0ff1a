/**
 * What is known of who calls a fast copy, so that not every capture has to read the stack: see barrier.ts, which asks.
 *
 * An answer holds for one segment of a program in one slice of 10 ms. A segment is what runs between two suspensions: it begins
 * where a goroutine was resumed, in the frame that is deepest on its native stack, or where it was started. A function that
 * blocks all the time in one place is asked about a few times there; called from anywhere else, it is asked about again.
 *
 *     clone.k ──► Trust { turn, base, pc }   the answer that held last
 *     clone.s ──► [Trust, …]                 those for other segments
 */
import { R, type Clone } from "./state.ts";

/** How often one is asked about in a segment and slice; the second for those that are given to whom nobody knows. */
const FEW = 4;
const MORE = 16;
/** … in all segments of a slice together: 1 % of the time at most. */
const MANY = 40;
/** So many of all functions together in a slice; then only FEW of each. */
const ALL = 80;
/** Segments remembered for each function. */
const SEGMENTS = 8;

/** The answers about a function in one segment. */
export class Trust {
  /** The slice in which it has been asked about often enough; 0 before. */
  turn: number = 0;
  /** The clone the segment was resumed in, or where its goroutine was started. */
  base: unknown;
  /** The safepoint of that. */
  pc: number;
  /** The slice it was asked in last, and how often in that. */
  asked: number = 0;
  n: number = 0;
  constructor(base: unknown, pc: number) {
    this.base = base;
    this.pc = pc;
  }
}

/** Ask always: the turn never comes. */
const WARY: Trust = new Trust(null, -1);

/** Questions of all functions in a slice. */
const all = { turn: 0, n: 0 };

/** Marks the clone of a function that the engine or a package may call, before it leaves. */
export function wary(r: Clone): Clone {
  r.k = WARY;
  return r;
}

/** The same of one that is given to what may be compiled or not. */
export function given(r: Clone): Clone {
  r.m = MORE;
  return r;
}

/** Whether who calls the fast copy of `r` has been asked about often enough, in this segment and slice. */
export function isTrusted(r: Clone): boolean {
  const { k } = r;
  if (k === undefined || k === WARY) return false;
  const { g } = R.hot;
  const frame = g === null ? null : g.frame;
  if (frame !== null ? k.base === frame.r && k.pc === frame.pc : k.base === (g === null ? null : g.site))
    if (k.turn === R.turn) return true;
  return isElsewhere(r, frame === null ? (g === null ? null : g.site) : frame.r, frame === null ? 0 : frame.pc);
}

/** The same for a segment that is not the one it was asked in last. */
function isElsewhere(r: Clone, base: unknown, pc: number): boolean {
  const t = find(r, base, pc);
  if (t !== null && t.turn === R.turn) {
    r.k = t;
    return true;
  }
  if (r.t !== R.turn) {
    r.t = R.turn;
    r.n = 0;
  }
  const n = r.n!;
  if (n < FEW) return false;
  if (n >= MANY) return true;
  if (all.turn !== R.turn) {
    all.turn = R.turn;
    all.n = 0;
  }
  return all.n >= ALL;
}

function find(r: Clone, base: unknown, pc: number): Trust | null {
  const { s } = r;
  if (s === undefined) return null;
  for (let i = 0; i < s.length; i++) {
    const t = s[i]!;
    if (t.base === base && t.pc === pc) return t;
  }
  return null;
}

/** The caller could be suspended: it is not asked for again in this segment and slice, once it has been often. */
export function trust(r: Clone): void {
  if (r.k === WARY) return;
  const { g } = R.hot;
  const frame = g === null ? null : g.frame;
  const base = frame === null ? (g === null ? null : g.site) : frame.r;
  const pc = frame === null ? 0 : frame.pc;
  let t = find(r, base, pc);
  if (t === null) {
    t = new Trust(base, pc);
    const s = (r.s ??= []);
    // No method of an array: a program may have its own.
    s[s.length < SEGMENTS ? s.length : (r.n ?? 0) % SEGMENTS] = t;
  }
  if (t.asked !== R.turn) {
    t.asked = R.turn;
    t.n = 0;
  }
  r.k = t;
  if (r.t === R.turn) r.n!++;
  else {
    r.t = R.turn;
    r.n = 1;
  }
  if (all.turn === R.turn) all.n++;
  else {
    all.turn = R.turn;
    all.n = 1;
  }
  if (++t.n >= (r.m ?? FEW)) t.turn = R.turn;
}
