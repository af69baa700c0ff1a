/**
 * The stable merge sort engines use for arrays (Peters' list sort): natural runs, extended by binary insertion to at
 * least `minRun`, merged with galloping. Comparisons are made in the same order as V8 makes them, so a comparator that is
 * inconsistent or that counts gives what it gave natively.
 *
 *     runs:   … | base, length | base, length |        a stack, kept balanced:
 *                      A              B                |n-2| > |n-1| + |n|,  |n-1| > |n|
 */
import { type Callback, copy, push, slice, toNumber } from "./intrinsics.ts";

interface State {
  readonly a: unknown[];
  readonly f: Callback;
  /** Wins in a row that make merging gallop; adapts. */
  gallop: number;
  readonly bases: number[];
  readonly lengths: number[];
}

const MIN_GALLOP = 7;

/** What the comparator says of x and y, as a number that is not NaN. */
function order(f: Callback, x: unknown, y: unknown): number {
  const v = f(x, y);
  const n = typeof v === "number" ? v : toNumber(v);
  return n !== n ? 0 : n;
}

/** Sorts `a` in place; fewer than `small` elements by insertion alone. */
export function timSort(a: unknown[], f: Callback, small: number): void {
  let left = a.length;
  if (left < 2) return;
  const s: State = { a, f, gallop: MIN_GALLOP, bases: [], lengths: [] };
  if (left < small) {
    insert(s, 0, 1, left);
    return;
  }
  const min = minRun(left);
  let low = 0;
  while (left > 0) {
    let length = countRun(s, low, low + left);
    if (length < min) {
      const forced = min < left ? min : left;
      insert(s, low, low + length, low + forced);
      length = forced;
    }
    push(s.bases, low);
    push(s.lengths, length);
    collapse(s);
    low += length;
    left -= length;
  }
  while (s.bases.length > 1) {
    let n = s.bases.length - 2;
    if (n > 0 && s.lengths[n - 1]! < s.lengths[n + 1]!) n--;
    mergeAt(s, n);
  }
}

function minRun(length: number): number {
  let n = length;
  let r = 0;
  while (n >= 64) {
    r |= n & 1;
    n >>= 1;
  }
  return n + r;
}

/** The length of the run that begins at `low`; a descending one is reversed. */
function countRun(s: State, low: number, high: number): number {
  const { a, f } = s;
  if (low + 1 === high) return 1;
  let last = a[low + 1];
  const descending = order(f, last, a[low]) < 0;
  let length = 2;
  for (let i = low + 2; i < high; i++) {
    const now = a[i];
    const o = order(f, now, last);
    if (descending ? o >= 0 : o < 0) break;
    last = now;
    length++;
  }
  if (descending) {
    for (let i = low, j = low + length - 1; i < j; i++, j--) {
      const t = a[i];
      a[i] = a[j];
      a[j] = t;
    }
  }
  return length;
}

/** Inserts what lies in [start, high) into the sorted [low, start). */
function insert(s: State, low: number, start: number, high: number): void {
  const { a, f } = s;
  for (let i = start === low ? start + 1 : start; i < high; i++) {
    let left = low;
    let right = i;
    const pivot = a[i];
    while (left < right) {
      const mid = left + ((right - left) >> 1);
      if (order(f, pivot, a[mid]) < 0) right = mid;
      else left = mid + 1;
    }
    for (let p = i; p > left; p--) a[p] = a[p - 1];
    a[left] = pivot;
  }
}

/** Whether run n - 2 is longer than the two above it. */
function balanced(lengths: number[], n: number): boolean {
  return n < 2 || lengths[n - 2]! > lengths[n - 1]! + lengths[n]!;
}

function collapse(s: State): void {
  const { lengths } = s;
  while (lengths.length > 1) {
    let n = lengths.length - 2;
    if (!balanced(lengths, n + 1) || !balanced(lengths, n)) {
      if (lengths[n - 1]! < lengths[n + 1]!) n--;
      mergeAt(s, n);
    } else if (lengths[n]! <= lengths[n + 1]!) mergeAt(s, n);
    else break;
  }
}

/** Merges runs i and i + 1. */
function mergeAt(s: State, i: number): void {
  const { a, bases, lengths } = s;
  let baseA = bases[i]!;
  let lengthA = lengths[i]!;
  const baseB = bases[i + 1]!;
  let lengthB = lengths[i + 1]!;
  lengths[i] = lengthA + lengthB;
  if (i === bases.length - 3) {
    bases[i + 1] = bases[i + 2]!;
    lengths[i + 1] = lengths[i + 2]!;
  }
  bases.length--;
  lengths.length--;
  // What of A is in place already, and what of B.
  const k = gallopRight(s, a, a[baseB], baseA, lengthA, 0);
  baseA += k;
  lengthA -= k;
  if (lengthA === 0) return;
  lengthB = gallopLeft(s, a, a[baseA + lengthA - 1], baseB, lengthB, lengthB - 1);
  if (lengthB === 0) return;
  if (lengthA <= lengthB) mergeLow(s, baseA, lengthA, baseB, lengthB);
  else mergeHigh(s, baseA, lengthA, baseB, lengthB);
}

/** Where `key` belongs in a sorted stretch, left of its equals; the search starts at `hint`. */
function gallopLeft(s: State, a: unknown[], key: unknown, base: number, length: number, hint: number): number {
  const { f } = s;
  let last = 0;
  let offset = 1;
  if (order(f, a[base + hint], key) < 0) {
    const max = length - hint;
    while (offset < max && order(f, a[base + hint + offset], key) < 0) {
      last = offset;
      offset = offset * 2 + 1;
    }
    if (offset > max) offset = max;
    last += hint;
    offset += hint;
  } else {
    const max = hint + 1;
    while (offset < max && !(order(f, a[base + hint - offset], key) < 0)) {
      last = offset;
      offset = offset * 2 + 1;
    }
    if (offset > max) offset = max;
    const t = last;
    last = hint - offset;
    offset = hint - t;
  }
  last++;
  while (last < offset) {
    const m = last + ((offset - last) >> 1);
    if (order(f, a[base + m], key) < 0) last = m + 1;
    else offset = m;
  }
  return offset;
}

/** The same, right of its equals. */
function gallopRight(s: State, a: unknown[], key: unknown, base: number, length: number, hint: number): number {
  const { f } = s;
  let last = 0;
  let offset = 1;
  if (order(f, key, a[base + hint]) < 0) {
    const max = hint + 1;
    while (offset < max && order(f, key, a[base + hint - offset]) < 0) {
      last = offset;
      offset = offset * 2 + 1;
    }
    if (offset > max) offset = max;
    const t = last;
    last = hint - offset;
    offset = hint - t;
  } else {
    const max = length - hint;
    while (offset < max && !(order(f, key, a[base + hint + offset]) < 0)) {
      last = offset;
      offset = offset * 2 + 1;
    }
    if (offset > max) offset = max;
    last += hint;
    offset += hint;
  }
  last++;
  while (last < offset) {
    const m = last + ((offset - last) >> 1);
    if (order(f, key, a[base + m]) < 0) offset = m;
    else last = m + 1;
  }
  return offset;
}

/** Merges from the left; A, the shorter one, waits in a copy. */
function mergeLow(s: State, baseA: number, countA: number, baseB: number, countB: number): void {
  const { a, f } = s;
  const temp = slice(a, baseA, countA);
  let lengthA = countA;
  let lengthB = countB;
  let to = baseA;
  let fromA = 0;
  let fromB = baseB;
  a[to++] = a[fromB++];
  merge: if (--lengthB > 0 && lengthA > 1) {
    let min = s.gallop;
    for (;;) {
      let winsA = 0;
      let winsB = 0;
      // One by one, until one run keeps winning.
      for (;;) {
        if (order(f, a[fromB], temp[fromA]) < 0) {
          a[to++] = a[fromB++];
          winsB++;
          lengthB--;
          winsA = 0;
          if (lengthB === 0) break merge;
          if (winsB >= min) break;
        } else {
          a[to++] = temp[fromA++];
          winsA++;
          lengthA--;
          winsB = 0;
          if (lengthA === 1) break merge;
          if (winsA >= min) break;
        }
      }
      min++;
      let first = true;
      while (winsA >= MIN_GALLOP || winsB >= MIN_GALLOP || first) {
        first = false;
        min = min - 1 > 1 ? min - 1 : 1;
        s.gallop = min;
        winsA = gallopRight(s, temp, a[fromB], fromA, lengthA, 0);
        if (winsA > 0) {
          copy(temp, fromA, a, to, winsA);
          to += winsA;
          fromA += winsA;
          lengthA -= winsA;
          // 0 only where the comparator is inconsistent.
          if (lengthA <= 1) break merge;
        }
        a[to++] = a[fromB++];
        if (--lengthB === 0) break merge;
        winsB = gallopLeft(s, a, temp[fromA], fromB, lengthB, 0);
        if (winsB > 0) {
          copy(a, fromB, a, to, winsB);
          to += winsB;
          fromB += winsB;
          lengthB -= winsB;
          if (lengthB === 0) break merge;
        }
        a[to++] = temp[fromA++];
        if (--lengthA === 1) break merge;
      }
      min++;
      s.gallop = min;
    }
  }
  if (lengthB === 0) copy(temp, fromA, a, to, lengthA);
  else if (lengthA > 0) {
    // The last of A belongs at the end.
    copy(a, fromB, a, to, lengthB);
    a[to + lengthB] = temp[fromA];
  }
}

/** Merges from the right; B, the shorter one, waits in a copy. */
function mergeHigh(s: State, baseA: number, countA: number, baseB: number, countB: number): void {
  const { a, f } = s;
  const temp = slice(a, baseB, countB);
  let lengthA = countA;
  let lengthB = countB;
  let to = baseB + countB - 1;
  let fromB = countB - 1;
  let fromA = baseA + countA - 1;
  a[to--] = a[fromA--];
  merge: if (--lengthA > 0 && lengthB > 1) {
    let min = s.gallop;
    for (;;) {
      let winsA = 0;
      let winsB = 0;
      for (;;) {
        if (order(f, temp[fromB], a[fromA]) < 0) {
          a[to--] = a[fromA--];
          winsA++;
          lengthA--;
          winsB = 0;
          if (lengthA === 0) break merge;
          if (winsA >= min) break;
        } else {
          a[to--] = temp[fromB--];
          winsB++;
          lengthB--;
          winsA = 0;
          if (lengthB === 1) break merge;
          if (winsB >= min) break;
        }
      }
      min++;
      let first = true;
      while (winsA >= MIN_GALLOP || winsB >= MIN_GALLOP || first) {
        first = false;
        min = min - 1 > 1 ? min - 1 : 1;
        s.gallop = min;
        let k = gallopRight(s, a, temp[fromB], baseA, lengthA, lengthA - 1);
        winsA = lengthA - k;
        if (winsA > 0) {
          to -= winsA;
          fromA -= winsA;
          copy(a, fromA + 1, a, to + 1, winsA);
          lengthA -= winsA;
          if (lengthA === 0) break merge;
        }
        a[to--] = temp[fromB--];
        if (--lengthB === 1) break merge;
        k = gallopLeft(s, temp, a[fromA], 0, lengthB, lengthB - 1);
        winsB = lengthB - k;
        if (winsB > 0) {
          to -= winsB;
          fromB -= winsB;
          copy(temp, fromB + 1, a, to + 1, winsB);
          lengthB -= winsB;
          if (lengthB <= 1) break merge;
        }
        a[to--] = a[fromA--];
        if (--lengthA === 0) break merge;
      }
      min++;
      s.gallop = min;
    }
  }
  if (lengthA === 0) copy(temp, 0, a, to - (lengthB - 1), lengthB);
  else if (lengthB > 0) {
    // The first of B belongs at the front.
    to -= lengthA;
    fromA -= lengthA;
    copy(a, fromA + 1, a, to + 1, lengthA);
    a[to] = temp[fromB];
  }
}
