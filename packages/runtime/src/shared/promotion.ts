/**
 * A channel becomes shared, as it crosses for the first time: its values and whoever waits for it move to the region. From then on
 * channel.ts has its operations. A channel with a value that cannot cross stays as it was.
 */
import type { Chan } from "../chan/chan.ts";
import { GortError } from "../errors/catalogue.ts";
import { rewait } from "../scheduler/ctx.ts";
import type { G, WaitNode } from "../scheduler/g.ts";
import type { Contended, Sudog } from "../scheduler/waitq.ts";
import type { Load } from "./cargo.ts";
import { dropCell, encodeCell, offered, settled } from "./codec.ts";
import { failObject } from "./failures.ts";
import { keepHandle } from "./handles.ts";
import { CELL, CHANNEL, O_BUFFER, O_CAP, O_CLOSED, O_COUNT, O_HELD, O_REFS, O_ROOM, R_CELL, R_SLOT } from "./layout.ts";
import { newObject } from "./objects.ts";
import { allocate, classOf, X } from "./region.ts";
import { GWait, NodeWait } from "./waiters.ts";
import { waitRecord } from "./waits.ts";

/** The record with what a waiting sender sends, and what is moved in it. */
interface Offer {
  readonly r: number;
  readonly load: Load | null;
}

/**
 * Channels that are becoming shared. What one holds may be another, or itself, and who waits for one may wait for others too: the objects
 * of all of them are made first, then everybody who waits moves over, in the order in which they wait.
 */
const sharing: { depth: number; readonly channels: Chan[]; readonly values: Map<WaitNode, Offer> } = {
  depth: 0,
  channels: [],
  /** Records with what waiting senders send. */
  values: new Map(),
};

/** Makes a channel shared, and ends what feeds it here. Throws GORT_SHARE where it cannot be: then it stays as it was. */
export function shareChannel(ch: Chan): void {
  if (ch.failure !== null) staysLocal("a channel whose source has failed");
  if (ch.size < 0) staysLocal("the nil channel");
  const { source } = ch;
  if (source !== null && source.share === undefined) staysLocal("a channel that events feed");
  ch.source = null;
  try {
    promote(ch, source !== null);
  } catch (e) {
    ch.source = source;
    throw e;
  }
  source?.share?.();
}

function staysLocal(what: string): never {
  throw new GortError("GORT_SHARE", `${what} stays on its thread`);
}

/** Moves a channel to the region: values first, then who waits. `timers`: it is a timer's. */
function promote(ch: Chan, timers: boolean): void {
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
}

function encodeChannel(ch: Chan, o: number, timers: boolean): void {
  const { I } = X;
  I[(o + O_CAP) >> 2] = timers ? 1 : ch.size; // one tick waits to be received
  I[(o + O_HELD) >> 2] = timers ? 1 : 0;
  I[(o + O_CLOSED) >> 2] = ch.closed ? 1 : 0;
  const n = ch.count;
  const block = n === 0 ? 0 : allocate(n * CELL);
  const records: [WaitNode, Offer][] = [];
  const loads: (Load | null)[] = [];
  let written = 0;
  try {
    for (; written < n; written++) {
      const v = ch.buf[(ch.head + written) & (ch.buf.length - 1)];
      loads.push(encodeCell(block + written * CELL, v, "a value in the channel"));
    }
    for (let w = ch.sendq.first; w !== null; w = w.next) {
      const select = isSelect(w);
      // A select that is the reason why this channel is shared hears itself that its value cannot cross.
      if (select && sharing.depth > 1) continue;
      const r = waitRecord();
      let load: Load | null;
      try {
        load = encodeCell(r + R_CELL, w.v, "the value of a sender that waits");
      } catch (e) {
        X.p.release(r, 0);
        throw e;
      }
      if (!select) {
        records.push([w, { r, load }]);
        continue;
      }
      // It is written when the select is.
      unwrite({ r, load });
    }
  } catch (e) {
    // A channel whose values cannot cross stays as it was.
    for (const load of loads) settled(load, false);
    for (let i = 0; i < written; i++) dropCell(block + i * CELL);
    if (block !== 0) X.p.release(block, classOf(n * CELL));
    for (const [, offer] of records) unwrite(offer);
    ch.o = 0;
    // What has crossed and refers to it says so.
    if ((I[(o + O_REFS) >> 2] as number) > 1) failObject(o, e);
    throw e;
  }
  for (const load of loads) settled(load, true);
  I[(o + O_BUFFER) >> 2] = block;
  I[(o + O_ROOM) >> 2] = n;
  I[(o + O_COUNT) >> 2] = n;
  for (const [w, offer] of records) {
    sharing.values.set(w, offer);
    w.v = undefined;
  }
}

function unwrite({ r, load }: Offer): void {
  settled(load, false);
  dropCell(r + R_CELL);
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
  const { r, load } = sends ? (sharing.values.get(w) as Offer) : { r: waitRecord(), load: null };
  enqueue(ch, ch.o, w, r, sends, load);
}

function isSelect(w: WaitNode): w is Contended {
  return w.status < 0 && "promote" in w;
}

/** A waiter that is there already. */
function enqueue(ch: Chan, o: number, w: WaitNode, r: number, sends: boolean, load: Load | null): void {
  offered(load);
  if (w.status > 0) {
    const wait = new GWait(w as G, ch, r, sends, load);
    X.I[(r + R_SLOT) >> 2] = wait.slot;
    // With a context, what it waits on is the watch, which knows the wait.
    rewait(w as G, wait);
  } else {
    const wait = new NodeWait(w as Sudog, r, sends, ch, load);
    X.I[(r + R_SLOT) >> 2] = wait.slot;
    ch.elsewhere(w, wait);
  }
  X.p.enqueue(o, r, sends);
}
