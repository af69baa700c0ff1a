/**
 * What this thread waits for in the region. A wait has a slot here, which its record names; when it is over the record comes
 * back through the inbox, with the value, and the slot's owner hears of it.
 */
import { M_HEARING, M_INBOX, R_KIND, R_M, R_NEXT, R_SELECT, R_SLOT, WAIT } from "./layout.ts";
import { record, X } from "./region.ts";

/** Owner of a slot. */
export interface Waiting {
  /** The record `r` has come back. It is the owner's to give back. */
  told(r: number): void;
}

const slots: (Waiting | null)[] = [null];
const free: number[] = [];

/** Gives `w` a slot: never 0. */
export function takeSlot(w: Waiting): number {
  const i = free.pop();
  if (i === undefined) return slots.push(w) - 1;
  slots[i] = w;
  return i;
}

export function freeSlot(i: number): void {
  slots[i] = null;
  free.push(i);
}

/** Whether goroutines of this thread wait for others. */
export function hasWaits(): boolean {
  return slots.length - 1 > free.length;
}

export function slotOf(i: number): Waiting | null {
  return slots[i] ?? null;
}

/** A record of a wait of this thread, its slot still unset. */
export function waitRecord(): number {
  const r = record();
  const I = X.I;
  I[(r + R_KIND) >> 2] = WAIT;
  I[(r + R_M) >> 2] = X.m;
  I[(r + R_SELECT) >> 2] = 0;
  return r;
}

/** Kinds of records that are no waits. */
const others: ((r: number) => void)[] = [];

export function onRecord(kind: number, f: (r: number) => void): void {
  others[kind] = f;
}

const order: number[] = [];

/** Whether another thread has woken who is being readied: for tools, which would take the running goroutine for the waker. */
export const told = { now: false };

/** What is to be done when all is heard that has come. */
export const behind: { all: (() => void) | null } = { all: null };

/** Hears everything that has come, oldest first; whether anything had. */
export function drain(): boolean {
  const I = X.I;
  if (I[X.at + (M_INBOX >> 2)] === 0) return false;
  let r = X.p.takeInbox(X.m);
  if (r === 0) return false;
  const from = order.length;
  told.now = true;
  // Should the thread end over one of them, the others are main's to recover. What is being heard already is older.
  const hearing = X.at + (M_HEARING >> 2);
  if (from === 0) I[hearing] = r;
  else I[((order[from - 1] as number) + R_NEXT) >> 2] = r;
  for (; r !== 0; r = I[(r + R_NEXT) >> 2] as number) order.push(r);
  while (order.length > from) {
    const next = order.pop() as number;
    const n = order.length;
    if (n === 0) I[hearing] = 0;
    else I[((order[n - 1] as number) + R_NEXT) >> 2] = 0;
    const kind = I[(next + R_KIND) >> 2] as number;
    if (kind === WAIT) {
      const slot = I[(next + R_SLOT) >> 2] as number;
      const w = slots[slot];
      freeSlot(slot);
      w?.told(next);
    } else others[kind]?.(next);
  }
  told.now = false;
  const { all } = behind;
  if (all !== null) {
    behind.all = null;
    all();
  }
  return true;
}
