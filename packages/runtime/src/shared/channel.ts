/**
 * Channels that have crossed to another thread. The Chan stays what the program holds; its values and waiters have moved to the
 * region (wasm/channel.ts, units.ts, counter.ts). A wait is a record; what comes back in it is the value.
 */
import type { Context } from "../context/context.ts";
import { Chan, WANT_RESULT, WANT_STEP, WANT_TUPLE } from "../chan/chan.ts";
import { Failure } from "../chan/failure.ts";
import { closeClosed, sendClosed } from "../errors/catalogue.ts";
import { R } from "../internal/state.ts";
import { rewait, watch } from "../scheduler/ctx.ts";
import { THROW, VALUE, type G, type Waitable, type WaitNode } from "../scheduler/g.ts";
import { current, park, ready, unpark } from "../scheduler/park.ts";
import { CHAN_RECEIVE, CHAN_SEND } from "../scheduler/reason.ts";
import { stackOf } from "../scheduler/stack.ts";
import type { Contended, Sudog } from "../scheduler/waitq.ts";
import { decodeCell, encodeCell, holdMoved, letMovedGo } from "./codec.ts";
import { defineKind, keepHandle } from "./handles.ts";
import {
  CELL,
  CHANNEL,
  CLOSED,
  FULL,
  NO_ROOM,
  O_BUFFER,
  O_CAP,
  O_CLOSED,
  O_COUNT,
  O_FAILURE,
  O_HEAD,
  O_HELD,
  O_KIND,
  O_REFS,
  O_ROOM,
  OK,
  R_CELL,
  R_OBJECT,
  R_OK,
  R_SLOT,
  UNIT,
} from "./layout.ts";
import { allocate, classOf, X } from "./region.ts";
import { UNDEFINED } from "./tags.ts";
import { drain, freeSlot, takeSlot, waitRecord, type Waiting } from "./waits.ts";

// ---- the object

/** A shared object of `kind`, which nobody else knows yet, with one reference. */
export function newObject(kind: number): number {
  const o = allocate(2 * UNIT);
  const { I } = X;
  I.fill(0, o >> 2, (o + 2 * UNIT) >> 2);
  I[(o + O_KIND) >> 2] = kind;
  I[(o + O_REFS) >> 2] = 1;
  X.p.enlist(o);
  return o;
}

/** Nobody can reach the object any more. */
export function freeObject(o: number): void {
  X.p.delist(o);
  X.p.release(o, 1);
}

/**
 * Channels that are becoming shared. What one holds may be another, or itself, and who waits for one may wait for others too: the objects
 * of all of them are made first, then everybody who waits moves over, in the order in which they wait.
 */
const sharing: { depth: number; readonly channels: Chan[]; readonly values: Map<WaitNode, number> } = {
  depth: 0,
  channels: [],
  /** Records with what waiting senders send. */
  values: new Map(),
};

/** Moves a channel to the region: values first, then who waits. `timers`: it is a timer's. Returns its object. */
export function shareChannel(ch: Chan, timers: boolean): number {
  const o = newObject(CHANNEL);
  // What the channel holds may refer to it.
  ch.o = o;
  keepHandle(o, ch);
  sharing.depth++;
  try {
    encodeChannel(ch, o, timers);
    ch.becomeShared(o);
    sharing.channels.push(ch);
  } finally {
    if (sharing.depth === 1) moveWaiters();
    sharing.depth--;
  }
  return o;
}

function encodeChannel(ch: Chan, o: number, timers: boolean): void {
  const { I } = X;
  I[(o + O_CAP) >> 2] = timers ? 1 : ch.size; // one tick waits to be received
  I[(o + O_HELD) >> 2] = timers ? 1 : 0;
  I[(o + O_CLOSED) >> 2] = ch.closed ? 1 : 0;
  const n = ch.count;
  const block = n === 0 ? 0 : allocate(n * CELL);
  const records: [WaitNode, number][] = [];
  const held = holdMoved();
  let written = 0;
  try {
    for (; written < n; written++)
      encodeCell(block + written * CELL, ch.buf[(ch.head + written) & (ch.buf.length - 1)], "a value in the channel");
    for (let w = ch.sendq.first; w !== null; w = w.next) {
      const select = isSelect(w);
      // A select that is the reason why this channel is shared hears itself that its value cannot cross.
      if (select && sharing.depth > 1) continue;
      const r = waitRecord();
      records.push([w, r]);
      I[(r + R_CELL) >> 2] = UNDEFINED;
      const own = select ? holdMoved() : 0;
      encodeCell(r + R_CELL, w.v, "the value of a sender that waits");
      if (!select) continue;
      // It is written when the select is.
      letMovedGo(own, false);
      unwrite(r);
      records.pop();
    }
  } catch (e) {
    // A channel whose values cannot cross stays as it was.
    for (let i = 0; i < written; i++) decodeCell(block + i * CELL);
    if (block !== 0) X.p.release(block, classOf(n * CELL));
    for (const [, r] of records) unwrite(r);
    letMovedGo(held, false);
    ch.o = 0;
    // What has crossed and refers to it says so.
    if ((I[(o + O_REFS) >> 2] as number) > 1) failObject(o, e);
    throw e;
  }
  letMovedGo(held, true);
  I[(o + O_BUFFER) >> 2] = block;
  I[(o + O_ROOM) >> 2] = n;
  I[(o + O_COUNT) >> 2] = n;
  for (const [w, r] of records) {
    sharing.values.set(w, r);
    w.v = undefined;
  }
}

function unwrite(r: number): void {
  decodeCell(r + R_CELL);
  X.p.release(r, 0);
}

function moveWaiters(): void {
  const { channels, values } = sharing;
  for (let i = 0; i < channels.length; i++) {
    const ch = channels[i] as Chan;
    while (ch.recvq.first !== null) moveFirst(ch, false);
    while (ch.sendq.first !== null) moveFirst(ch, true);
  }
  channels.length = 0;
  values.clear();
}

/** The first of those who wait for `ch` here, to send or to receive, waits in the region. */
export function moveFirst(ch: Chan, sends: boolean): void {
  const q = sends ? ch.sendq : ch.recvq;
  const w = q.first as WaitNode;
  if (isSelect(w)) {
    w.promote();
    q.remove(w);
    return;
  }
  q.shift();
  enqueue(ch, ch.o, w, sends ? (sharing.values.get(w) as number) : waitRecord(), sends);
}

function isSelect(w: WaitNode): w is Contended {
  return w.status < 0 && "promote" in w;
}

/** A waiter that is there already. */
function enqueue(ch: Chan, o: number, w: WaitNode, r: number, sends: boolean): void {
  if (w.status > 0) {
    const wait = new GWait(w as G, ch, r, sends);
    X.I[(r + R_SLOT) >> 2] = wait.slot;
    // With a context, what it waits on is the watch, which knows the wait.
    rewait(w as G, wait);
  } else {
    const wait = new NodeWait(w as Sudog, r, sends, ch);
    X.I[(r + R_SLOT) >> 2] = wait.slot;
    ch.elsewhere(w, wait);
  }
  X.p.enqueue(o, r, sends);
}

function freeChannel(o: number): void {
  const { I } = X;
  const room = I[(o + O_ROOM) >> 2] as number;
  const buffer = I[(o + O_BUFFER) >> 2] as number;
  let at = I[(o + O_HEAD) >> 2] as number;
  for (let n = I[(o + O_COUNT) >> 2] as number; n > 0; n--) {
    decodeCell(buffer + at * CELL);
    if (++at >= room) at = 0;
  }
  const failure = I[(o + O_FAILURE) >> 2] as number;
  if (failure !== 0) {
    decodeCell(failure);
    X.p.release(failure, 0);
  }
  if (buffer !== 0) X.p.release(buffer, classOf(room * CELL));
  freeObject(o);
}

defineKind(CHANNEL, {
  adopt(o: number): object {
    const ch = new Chan(0);
    ch.becomeShared(o);
    return ch;
  },
  free: freeChannel,
});

// ---- waits

/** A goroutine waits for one channel. */
class GWait implements Waiting, Waitable {
  readonly g: G;
  /** Kept alive while somebody waits on it. */
  readonly ch: Chan;
  readonly r: number;
  readonly sends: boolean;
  readonly slot: number;
  #abandoned: boolean = false;
  constructor(g: G, ch: Chan, r: number, sends: boolean) {
    this.g = g;
    this.ch = ch;
    this.r = r;
    this.sends = sends;
    this.slot = takeSlot(this);
  }

  told(r: number): void {
    const { g } = this;
    if (this.#abandoned) {
      this.#giveBack(r);
      return;
    }
    const ok = X.I[(r + R_OK) >> 2] === 1;
    if (this.sends) {
      g.x = VALUE;
      g.v = undefined;
      if (!ok) {
        decodeCell(r + R_CELL);
        g.v = stackOf(sendClosed(), g);
        g.x = THROW;
      }
    } else {
      const failure = ok ? null : failureOf(this.ch.o);
      g.v = ok ? shaped(decodeCell(r + R_CELL), g.x) : failure === null ? ended(g.x) : failure.error;
      g.x = failure === null ? VALUE : THROW;
    }
    X.p.release(r, 0);
    ready(g);
  }

  cancelWait(): boolean {
    // It may have succeeded, and the value is on its way.
    if (X.p.cancel(this.r) === 0) return false;
    freeSlot(this.slot);
    if (this.sends) decodeCell(this.r + R_CELL);
    X.p.release(this.r, 0);
    return true;
  }

  abandon(): void {
    this.#abandoned = true;
  }

  /** A value that was received for nobody is sent again. */
  #giveBack(r: number): void {
    const value = !this.sends && X.I[(r + R_OK) >> 2] === 1;
    if (value) this.ch.sendAsync(decodeCell(r + R_CELL)).catch(() => {});
    X.p.release(r, 0);
  }
}

/** Something else waits for one channel: a promise, a watch on a context. */
export class NodeWait implements Waiting {
  readonly node: Sudog;
  readonly r: number;
  readonly sends: boolean;
  readonly slot: number;
  readonly #ch: Chan | null;
  /** Nobody wants what is on its way. */
  #left: boolean = false;
  constructor(node: Sudog, r: number, sends: boolean, ch: Chan | null = null) {
    this.node = node;
    this.r = r;
    this.sends = sends;
    this.#ch = ch;
    this.slot = takeSlot(this);
  }

  told(r: number): void {
    const ok = X.I[(r + R_OK) >> 2] === 1;
    const o = X.I[(r + R_OBJECT) >> 2] as number;
    const v = this.sends
      ? (ok || decodeCell(r + R_CELL), undefined)
      : ok
        ? decodeCell(r + R_CELL)
        : (failureOf(o) ?? undefined);
    X.p.release(r, 0);
    if (this.#left) {
      // A value that was received for nobody is sent again.
      if (ok && !this.sends) this.#ch?.sendAsync(v).catch(() => {});
      return;
    }
    const g = this.node.fire(v, ok);
    if (g !== null) ready(g);
  }

  /** It was never queued. */
  abandon(): void {
    freeSlot(this.slot);
    X.p.release(this.r, 0);
  }

  /** Nobody wants it any more. It may have succeeded, and be on its way. */
  leave(): void {
    if (X.p.cancel(this.r) === 0) {
      this.#left = true;
      return;
    }
    freeSlot(this.slot);
    if (this.sends) decodeCell(this.r + R_CELL);
    X.p.release(this.r, 0);
  }
}

/** What a receiver that finds `o` closed throws, in a box; null where it is only the end. */
export function failureOf(o: number): Failure | null {
  const at = X.I[(o + O_FAILURE) >> 2] as number;
  return at === 0 ? null : new Failure(decodeCell(at, true));
}

/** What feeds the channel broke: receivers on every thread throw `error` once what is buffered is taken. */
export function failShared(ch: Chan, error: unknown): void {
  failObject(ch.o, error);
}

function failObject(o: number, error: unknown): void {
  const at = allocate(CELL);
  try {
    encodeCell(at, error, "the error of the source");
  } catch {
    encodeCell(at, new Error(String(error)), "the error of the source");
  }
  if (Atomics.compareExchange(X.I, (o + O_FAILURE) >> 2, 0, at) === 0 && X.p.close(o) !== 0) drain();
}

function shaped(v: unknown, want: number): unknown {
  return want === WANT_TUPLE ? [v, true] : want === WANT_RESULT ? { value: v, done: false } : v;
}

function ended(want: number): unknown {
  return want === WANT_TUPLE
    ? [undefined, false]
    : want === WANT_STEP
      ? R.END
      : want === WANT_RESULT
        ? { value: undefined, done: true }
        : undefined;
}

// ---- operations

/** A record for operations that need not wait: it is used up only by one that does. */
const at: { spare: number } = { spare: 0 };

function spareRecord(): number {
  const r = at.spare === 0 ? waitRecord() : at.spare;
  at.spare = 0;
  return r;
}

/** A record with `v` in its cell. */
function recordOf(v: unknown): number {
  const r = spareRecord();
  try {
    encodeCell(r + R_CELL, v, "the value sent");
  } catch (e) {
    // It cannot cross.
    X.p.release(r, 0);
    throw e;
  }
  return r;
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

function trySendRecord(o: number, r: number, queue: boolean): number {
  let code = X.p.send(o, r, queue);
  while (code === NO_ROOM) {
    growBuffer(o);
    code = X.p.send(o, r, queue);
  }
  // A receiver of this very thread may have been served.
  drain();
  return code;
}

/** Sends without waiting; false if it would have to. Throws when the channel is closed. */
export function trySendShared(ch: Chan, v: unknown): boolean {
  const { o } = ch;
  if (X.p.ready(o, true) === 0) return false;
  const r = recordOf(v);
  const code = trySendRecord(o, r, false);
  if (code !== OK) decodeCell(r + R_CELL);
  at.spare = r;
  if (code === CLOSED) throw sendClosed();
  return code === OK;
}

export function sendShared(ch: Chan, v: unknown, ctx: Context | undefined): void {
  const { o } = ch;
  const r = recordOf(v);
  let code = trySendRecord(o, r, false);
  if (code === FULL) {
    const g = current();
    const wait = new GWait(g, ch, r, true);
    X.I[(r + R_SLOT) >> 2] = wait.slot;
    park(g, CHAN_SEND, wait);
    code = trySendRecord(o, r, true);
    if (code !== OK && code !== CLOSED) {
      if (ctx !== undefined) watch(g, ctx);
      return;
    }
    // It went through after all.
    freeSlot(wait.slot);
    unpark(g);
  }
  if (code !== OK) decodeCell(r + R_CELL);
  at.spare = r;
  if (code === CLOSED) throw sendClosed();
}

/** Receives without waiting: into the spare record, whose cell holds the value when OK comes back. */
function tryRecvRecord(o: number): number {
  const r = spareRecord();
  at.spare = r;
  const code = X.p.recv(o, r, false);
  if (code === OK) drain();
  return code;
}

/** The channel is closed: throws if that is because of a failure. */
function closed(o: number): undefined {
  const failure = failureOf(o);
  if (failure !== null) throw failure.error;
  return undefined;
}

/** As `tryRecv` of a channel. */
export function tryRecvShared(ch: Chan): [unknown, boolean] | undefined {
  const code = tryRecvRecord(ch.o);
  if (code === FULL) return undefined;
  return code === OK ? [decodeCell(at.spare + R_CELL), true] : [closed(ch.o), false];
}

export function recvShared(ch: Chan, want: number, ctx: Context | undefined): unknown {
  const { o } = ch;
  const code = tryRecvRecord(o);
  if (code === OK) return shaped(decodeCell(at.spare + R_CELL), want);
  if (code === CLOSED) {
    closed(o);
    return ended(want);
  }
  const g = current();
  const r = spareRecord();
  const wait = new GWait(g, ch, r, false);
  X.I[(r + R_SLOT) >> 2] = wait.slot;
  g.x = want;
  park(g, CHAN_RECEIVE, wait);
  const then = X.p.recv(o, r, true);
  if (then === OK || then === CLOSED) {
    freeSlot(wait.slot);
    unpark(g);
    at.spare = r;
    drain();
    return then === OK ? shaped(decodeCell(r + R_CELL), want) : (closed(o), ended(want));
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
  if (sends) encodeCell(r + R_CELL, node.v, "the value sent");
  const wait = new NodeWait(node, r, sends, ch);
  X.I[(r + R_SLOT) >> 2] = wait.slot;
  ch.elsewhere(node, wait);
  const o = ch.o;
  // In one step with the look whether it is ready.
  let code = sends ? X.p.send(o, r, true) : X.p.recv(o, r, true);
  while (code === NO_ROOM) {
    growBuffer(o);
    code = X.p.send(o, r, true);
  }
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
