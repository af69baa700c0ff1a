/**
 * Channels that have crossed to another thread. The Chan stays what the program holds; its values and waiters have moved to the
 * region (promotion.ts), where wasm/channel.ts has the steps. A wait is a record (waiters.ts); what comes back in it is the value.
 */
import type { Context } from "../context/context.ts";
import type { Chan } from "../chan/chan.ts";
import { ended, shaped } from "../chan/want.ts";
import { closeClosed, sendClosed } from "../errors/catalogue.ts";
import { watch } from "../scheduler/ctx.ts";
import { current, park, unpark } from "../scheduler/park.ts";
import { CHAN_RECEIVE, CHAN_SEND } from "../scheduler/reason.ts";
import type { Sudog } from "../scheduler/waitq.ts";
import type { Load } from "./cargo.ts";
import { decodeCell, dropCell, encodeCell, offered, settled } from "./codec.ts";
import { failureOf } from "./failures.ts";
import {
  CELL,
  CLOSED,
  FULL,
  NO_ROOM,
  O_BUFFER,
  O_CAP,
  O_COUNT,
  O_FAILURE,
  O_HEAD,
  O_HELD,
  O_ROOM,
  OK,
  O_SEND_FIRST,
  R_CELL,
  R_KIND,
  R_M,
  R_OBJECT,
  R_OK,
  R_QNEXT,
  R_SLOT,
  RETURNED,
} from "./layout.ts";
import { freeObject } from "./objects.ts";
import { allocate, classOf, X } from "./region.ts";
import { GWait, NodeWait } from "./waiters.ts";
import { behind, drain, freeSlot, onRecord, waitRecord } from "./waits.ts";

/** Nobody can reach the channel any more, nor what it holds. */
export function freeChannel(o: number): void {
  const { I } = X;
  const room = I[(o + O_ROOM) >> 2] as number;
  const buffer = I[(o + O_BUFFER) >> 2] as number;
  let at = I[(o + O_HEAD) >> 2] as number;
  for (let n = I[(o + O_COUNT) >> 2] as number; n > 0; n--) {
    dropCell(buffer + at * CELL);
    if (++at >= room) at = 0;
  }
  for (let r = I[(o + O_SEND_FIRST) >> 2] as number; r !== 0;) {
    const next = I[(r + R_QNEXT) >> 2] as number;
    dropCell(r + R_CELL);
    X.p.release(r, 0);
    r = next;
  }
  const failure = I[(o + O_FAILURE) >> 2] as number;
  if (failure !== 0) {
    dropCell(failure);
    X.p.release(failure, 0);
  }
  if (buffer !== 0) X.p.release(buffer, classOf(room * CELL));
  freeObject(o);
}

/** A record for operations that need not wait: it is used up only by one that does. */
const at: { spare: number } = { spare: 0 };

function spareRecord(): number {
  const r = at.spare === 0 ? waitRecord() : at.spare;
  at.spare = 0;
  return r;
}

/** The operation with `r` is over. What was heard meanwhile may have left a record of its own. */
function leaveSpare(r: number): void {
  if (at.spare === 0) at.spare = r;
  else X.p.release(r, 0);
}

/** `v` in the cell of the record `r`, which is given back where it cannot cross; what is moved in it. */
function write(r: number, v: unknown): Load | null {
  try {
    return encodeCell(r + R_CELL, v, "the value sent");
  } catch (e) {
    X.p.release(r, 0);
    throw e;
  }
}

/** Makes room for more values; a capacity is a limit, not a size. `above`: how many more there may be all the same. */
export function growBuffer(o: number, above: number = 0): void {
  const { I } = X;
  const room = I[(o + O_ROOM) >> 2] as number;
  const more = Math.min(Math.max(8, room * 2), ((I[(o + O_CAP) >> 2] as number) >>> 0) + above);
  const block = allocate(more * CELL);
  const old = X.p.grow(o, block, more);
  if (old === block) X.p.release(block, classOf(more * CELL));
  else if (old !== 0) X.p.release(old, classOf(room * CELL));
}

/** How many values may wait in `ch` from here on. Only who alone sends may say so: nobody else is woken. */
export function setCapacity(ch: Chan, n: number): void {
  X.I[(ch.o + O_CAP) >> 2] = n;
}

/** One step of a send, with room for the value. Where there is no memory for that, `r` and what it holds are given back, its slot too. */
function sendRecord(o: number, r: number, queue: boolean, load: Load | null): number {
  let code = X.p.send(o, r, queue);
  while (code === NO_ROOM) {
    try {
      growBuffer(o);
    } catch (e) {
      if (queue) freeSlot(X.I[(r + R_SLOT) >> 2] as number);
      takeBack(r, load);
      X.p.release(r, 0);
      throw e;
    }
    code = X.p.send(o, r, queue);
  }
  return code;
}

function trySendRecord(o: number, r: number, queue: boolean, load: Load | null): number {
  const code = sendRecord(o, r, queue, load);
  if (code === OK) settled(load, true);
  // A receiver of this very thread may have been served.
  drain();
  return code;
}

/** Nobody has received the value of `r`, and nobody will. */
function takeBack(r: number, load: Load | null): void {
  settled(load, false);
  dropCell(r + R_CELL);
}

/** Sends without waiting; false if it would have to. Throws when the channel is closed. */
export function trySendShared(ch: Chan, v: unknown): boolean {
  const { o } = ch;
  if (X.p.ready(o, true) === 0) return false;
  const r = spareRecord();
  const load = write(r, v);
  const code = trySendRecord(o, r, false, load);
  if (code !== OK) takeBack(r, load);
  leaveSpare(r);
  if (code === CLOSED) throw sendClosed();
  return code === OK;
}

export function sendShared(ch: Chan, v: unknown, ctx: Context | undefined): void {
  const { o } = ch;
  const r = spareRecord();
  const load = write(r, v);
  let code = trySendRecord(o, r, false, load);
  if (code === FULL) {
    const g = current();
    const wait = new GWait(g, ch, r, true, load);
    offered(load);
    X.I[(r + R_SLOT) >> 2] = wait.slot;
    park(g, CHAN_SEND, wait);
    try {
      code = sendRecord(o, r, true, load);
    } catch (e) {
      unpark(g);
      throw e;
    }
    if (code === OK) settled(load, true);
    drain();
    if (code !== OK && code !== CLOSED) {
      if (ctx !== undefined) watch(g, ctx);
      return;
    }
    // It went through after all.
    freeSlot(wait.slot);
    unpark(g);
  }
  if (code !== OK) takeBack(r, load);
  leaveSpare(r);
  if (code === CLOSED) throw sendClosed();
}

/**
 * Values that came through `o` for nobody, in records of waits that are over, the oldest first: others receive them, before what is in the
 * channel.
 */
export function giveBack(o: number, list: readonly number[]): void {
  const { I } = X;
  list.forEach((r, i) => (I[(r + R_QNEXT) >> 2] = list[i + 1] ?? 0));
  let left = list[0] as number;
  while ((left = X.p.giveBack(o, left, false)) !== 0) {
    const above = (I[(o + O_COUNT) >> 2] as number) + list.length - ((I[(o + O_CAP) >> 2] as number) >>> 0);
    try {
      growBuffer(o, Math.max(0, above));
    } catch {
      // There is no memory for that: they wait where they are.
      for (const r of list) {
        I[(r + R_KIND) >> 2] = RETURNED;
        I[(r + R_M) >> 2] = 0;
      }
      left = X.p.giveBack(o, left, true);
      break;
    }
  }
  for (const r of left === 0 ? list : list.slice(0, list.indexOf(left))) X.p.release(r, 0);
}

/** Values by channel that this thread has heard of for nobody. They go back together, or the last would be before the first. */
const unwanted: Map<number, number[]> = new Map();

/** The same for what comes in `r`, when all else is heard. */
export function giveBackLater(o: number, r: number): void {
  const list = unwanted.get(o);
  if (list === undefined) unwanted.set(o, [r]);
  else list.push(r);
  behind.all = giveAllBack;
}

function giveAllBack(): void {
  const all = [...unwanted];
  unwanted.clear();
  for (const [o, list] of all) giveBack(o, list);
  drain();
}

/** Whoever has received the value has it; else the channel was closed over it. */
onRecord(RETURNED, (r) => {
  if (X.I[(r + R_OK) >> 2] !== 1) dropCell(r + R_CELL);
  X.p.release(r, 0);
});

/** The value that `r` has received. Only then is it free for others, of whom {@link drain} may call some: a sender of this very thread may have been served. */
function taken(r: number): unknown {
  const v = decodeCell(r + R_CELL);
  leaveSpare(r);
  drain();
  return v;
}

/** The channel is closed: throws if that is because of a failure. */
function closed(o: number): undefined {
  const failure = failureOf(o);
  if (failure !== null) throw failure.error;
  return undefined;
}

/** As `tryRecv` of a channel. */
export function tryRecvShared(ch: Chan): [unknown, boolean] | undefined {
  const r = spareRecord();
  const code = X.p.recv(ch.o, r, false);
  if (code === OK) return [taken(r), true];
  leaveSpare(r);
  return code === FULL ? undefined : [closed(ch.o), false];
}

export function recvShared(ch: Chan, want: number, ctx: Context | undefined): unknown {
  const { o } = ch;
  const r = spareRecord();
  const code = X.p.recv(o, r, false);
  if (code === OK) return shaped(taken(r), want);
  if (code === CLOSED) {
    leaveSpare(r);
    closed(o);
    return ended(want);
  }
  const g = current();
  const wait = new GWait(g, ch, r, false);
  X.I[(r + R_SLOT) >> 2] = wait.slot;
  g.x = want;
  park(g, CHAN_RECEIVE, wait);
  const then = X.p.recv(o, r, true);
  if (then === OK || then === CLOSED) {
    freeSlot(wait.slot);
    unpark(g);
    if (then === OK) return shaped(taken(r), want);
    leaveSpare(r);
    drain();
    closed(o);
    return ended(want);
  }
  if (ctx !== undefined) watch(g, ctx);
  return undefined;
}

export function closeShared(ch: Chan): void {
  if (X.p.close(ch.o) === 0) throw closeClosed();
  drain();
}

/** A node joins the waiters, as `recvq.push` and `sendq.push` do. */
export function addNode(ch: Chan, node: Sudog, sends: boolean): void {
  const r = waitRecord();
  const load = sends ? write(r, node.v) : null;
  const wait = new NodeWait(node, r, sends, ch, load);
  offered(load);
  X.I[(r + R_SLOT) >> 2] = wait.slot;
  ch.elsewhere(node, wait);
  const o = ch.o;
  // In one step with the look whether it is ready.
  const code = sends ? sendRecord(o, r, true, load) : X.p.recv(o, r, true);
  if (code === OK || code === CLOSED) {
    X.I[(r + R_OK) >> 2] = code === OK ? 1 : 0;
    X.I[(r + R_OBJECT) >> 2] = o;
    freeSlot(wait.slot);
    wait.told(r);
  }
  drain();
}

export function lengthOf(ch: Chan): number {
  return isTimers(ch) ? 0 : (X.I[(ch.o + O_COUNT) >> 2] as number);
}

export function capacityOf(ch: Chan): number {
  return isTimers(ch) ? 0 : (X.I[(ch.o + O_CAP) >> 2] as number) >>> 0;
}

/** To the program a timer's channel has no buffer, on any thread (Go 1.23). */
function isTimers(ch: Chan): boolean {
  return X.I[(ch.o + O_HELD) >> 2] !== 0;
}
