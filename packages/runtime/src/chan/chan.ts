/**
 * Channels.
 *
 *     sendq ⇄ waiting senders, each with its value (G.v)
 *       │
 *     buf [ head … head+count )  a ring that grows by doubling up to `size`
 *       │
 *     recvq ⇄ waiting receivers, each with what it wants (G.x: a value, a tuple, a step)
 *
 * Invariants (a goroutine that both sends and receives in one select aside):
 * - at least one of sendq and recvq is empty;
 * - buffered: receivers wait only while count is 0, senders only while count is size;
 * - everything in a queue can be woken: who loses (select, context) leaves its queues at once, in O(1).
 *
 * A value goes straight from sender to waiting receiver. Wake-up is park and ready; channels know nothing else of the scheduler.
 */
import { inspect } from "node:util";
import type { Context } from "../context/context.ts";
import { closeClosed, closeNil, sendClosed } from "../errors/catalogue.ts";
import { R } from "../internal/state.ts";
import { watch } from "../scheduler/ctx.ts";
import { REASON_SHIFT, VALUE } from "../scheduler/status.ts";
import type { G, Waitable, WaitNode } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { CHAN_RECEIVE, CHAN_RECEIVE_NIL, CHAN_SEND, CHAN_SEND_NIL } from "../scheduler/reason.ts";
import { S } from "../scheduler/p.ts";
import { WaitQ, type Sudog } from "../scheduler/waitq.ts";
import {
  addNode,
  capacityOf,
  closeShared,
  freeChannel,
  lengthOf,
  recvShared,
  sendShared,
  tryRecvShared,
  trySendShared,
} from "../shared/channel.ts";
import { failObject } from "../shared/failures.ts";
import { defineKind } from "../shared/handles.ts";
import { CHANNEL } from "../shared/layout.ts";
import { shareChannel } from "../shared/promotion.ts";
import type { NodeWait } from "../shared/waiters.ts";
import { AsyncChanIterator, receiveAsync, sendAsync } from "./async.ts";
import { wakeAll } from "./closing.ts";
import type { Received, RecvChan, SendChan, Source } from "./ends.ts";
import type { Failure } from "./failure.ts";
import { ChanIterator } from "./iterator.ts";
import { WANT_RESULT, WANT_STEP, WANT_TUPLE, WANT_VALUE } from "./want.ts";

/** The size of a channel that has crossed to another thread: shared/channel.ts. It looks empty and full here. */
const SHARED = -2;

export class Chan<T = unknown> implements SendChan<T>, RecvChan<T>, Waitable {
  /** Capacity; -1: the nil channel, on which nothing is ever ready; -2: the channel is shared. */
  size: number;
  count: number = 0;
  closed: boolean = false;
  /** Index of the oldest value. */
  head: number = 0;
  /** Its length is 0 or a power of two. */
  buf: T[] = [];
  readonly recvq: WaitQ = new WaitQ();
  readonly sendq: WaitQ = new WaitQ();
  source: Source | null = null;
  /** Its object in the region, when it is shared. */
  o: number = 0;
  /** Closed by something that broke: what receivers throw once what is buffered is taken. */
  failure: Failure | null = null;

  constructor(size: number) {
    this.size = size;
  }

  get len(): number {
    return this.size === SHARED ? lengthOf(this) : this.count;
  }

  get cap(): number {
    return this.size < 0 ? (this.size === SHARED ? capacityOf(this) : 0) : this.size;
  }

  get isNil(): boolean {
    return this.size === -1;
  }

  get isShared(): boolean {
    return this.size === SHARED;
  }

  send(v: T, ctx?: Context): void {
    if (this.closed) throw sendClosed();
    const w = this.recvq.first;
    if (w !== null) this.deliver(w, v);
    else if (this.count < this.size) this.put(v);
    else this.#parkSend(v, ctx);
  }

  trySend(v: T): boolean {
    if (this.closed) throw sendClosed();
    const w = this.recvq.first;
    if (w !== null) this.deliver(w, v);
    else if (this.count < this.size) this.put(v);
    else return this.size === SHARED && trySendShared(this, v);
    return true;
  }

  recv(ctx?: Context): T | undefined {
    if (this.count > 0) return this.take();
    const w = this.sendq.first;
    if (w !== null) return this.takeFrom(w);
    if (this.closed) return this.ended();
    if (this.source !== null && this.source.due()) return this.source.take() as T;
    return this.#parkRecv(WANT_VALUE, ctx) as undefined;
  }

  recvOk(ctx?: Context): Received<T> {
    if (this.size !== SHARED && this.canRecv()) return this.#received();
    return this.#parkRecv(WANT_TUPLE, ctx) as unknown as Received<T>;
  }

  tryRecv(): Received<T> | undefined {
    if (this.size === SHARED) return tryRecvShared(this as Chan) as Received<T> | undefined;
    return this.canRecv() ? this.#received() : undefined;
  }

  #received(): Received<T> {
    return this.closed && this.count === 0 ? [this.ended(), false] : [this.takeNow() as T, true];
  }

  /** Nothing more will come: throws if that is because of a failure. */
  ended(): undefined {
    if (this.failure !== null) throw this.failure.error;
    return undefined;
  }

  /** For compiled `for … of`: the next value, or R.END. */
  $step(): unknown {
    if (this.count > 0) return this.take();
    const w = this.sendq.first;
    if (w !== null) return this.takeFrom(w);
    if (this.closed) return this.failure === null ? R.END : this.ended();
    if (this.source !== null && this.source.due()) return this.source.take();
    return this.#parkRecv(WANT_STEP, undefined);
  }

  recvAsync(): Promise<T | undefined> {
    return receiveAsync(this as Chan, false) as Promise<T | undefined>;
  }

  sendAsync(v: T): Promise<void> {
    return sendAsync(this as Chan, v);
  }

  close(): void {
    if (this.size < 0) {
      if (this.size !== SHARED) throw closeNil();
      closeShared(this);
      return;
    }
    if (this.closed) throw closeClosed();
    this.#close(null);
  }

  /** Closes because what feeds the channel broke: receivers get what is buffered, then `failure.error` thrown, each time. */
  fail(failure: Failure): void {
    if (this.size === SHARED) failObject(this.o, failure.error);
    else if (!this.closed) this.#close(failure);
  }

  #close(failure: Failure | null): void {
    this.closed = true;
    this.failure = failure;
    wakeAll(this.recvq, this.sendq, failure);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return new ChanIterator(this);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new AsyncChanIterator(this);
  }

  toString(): string {
    return `chan(${this.cap})`;
  }

  // ---- for select, timers and async waiters

  canRecv(): boolean {
    if (this.count > 0 || this.sendq.first !== null || this.closed) return true;
    return this.source !== null ? this.source.due() : this.size === SHARED && met();
  }

  canSend(): boolean {
    if (this.closed || this.recvq.first !== null || this.count < this.size) return true;
    return this.size === SHARED && met();
  }

  /** Receives what `canRecv` promised; `undefined` if that is only the end, which throws if it is a failure. */
  takeNow(): T | undefined {
    if (this.count > 0) return this.take();
    const w = this.sendq.first;
    if (w !== null) return this.takeFrom(w);
    if (this.source !== null && !this.closed) return this.source.take() as T;
    return this.ended();
  }

  addReceiver(n: WaitNode): void {
    if (this.size === SHARED) {
      addNode(this as Chan, n as Sudog, false);
      return;
    }
    this.recvq.push(n);
    if (this.source !== null) this.source.attach();
  }

  addSender(n: WaitNode): void {
    if (this.size === SHARED) addNode(this as Chan, n as Sudog, true);
    else this.sendq.push(n);
  }

  removeSender(n: WaitNode): void {
    if (this.size === SHARED) nodes.get(n)?.leave();
    else this.sendq.remove(n);
  }

  removeReceiver(n: WaitNode): void {
    if (this.size === SHARED) {
      nodes.get(n)?.leave();
      return;
    }
    this.recvq.remove(n);
    if (this.source !== null && this.recvq.first === null) this.source.detach();
  }

  // ---- shared with other threads

  /** The address of the channel's object; made when the channel first crosses to another thread. */
  $share(): number {
    if (this.o === 0) shareChannel(this as Chan);
    return this.o;
  }

  /** Its values and waiters are in the region from here on. */
  becomeShared(o: number): void {
    this.o = o;
    this.size = SHARED;
    this.count = 0;
    this.head = 0;
    this.buf = [];
    this.closed = false;
  }

  /** The waiter `n` waits in the region. */
  elsewhere(n: WaitNode, wait: NodeWait): void {
    nodes.set(n, wait);
  }

  /** Hands a value to `w`, the first receiver. */
  deliver(w: WaitNode, v: T): void {
    if (w.prev === null) this.recvq.shift();
    else this.recvq.remove(w); // a timer has passed over those that another thread has served
    if (w.status > 0) {
      const g = w as G;
      const want = g.x;
      g.v = want === WANT_TUPLE ? [v, true] : want === WANT_RESULT ? { value: v, done: false } : v; // `shaped`, where it is hot
      g.x = VALUE;
      ready(g);
    } else {
      const g = (w as Sudog).fire(v, true);
      if (g !== null) ready(g);
    }
  }

  put(v: T): void {
    const n = this.count;
    if (n === this.buf.length) this.#grow();
    const buf = this.buf;
    buf[(this.head + n) & (buf.length - 1)] = v;
    this.count = n + 1;
  }

  /** Takes the oldest value; a sender that waits for room puts its own in. */
  take(): T {
    const buf = this.buf;
    const h = this.head;
    const v = buf[h] as T;
    buf[h] = undefined as T; // must not be kept alive here
    this.head = (h + 1) & (buf.length - 1);
    this.count--;
    const w = this.sendq.first;
    if (w !== null) this.put(this.takeFrom(w));
    return v;
  }

  /** Takes the value of `w`, the first sender, and wakes it. */
  takeFrom(w: WaitNode): T {
    this.sendq.shift();
    const v = w.v as T;
    w.v = undefined;
    if (w.status > 0) {
      const g = w as G;
      g.x = VALUE;
      ready(g);
    } else {
      const g = (w as Sudog).fire(undefined, true);
      if (g !== null) ready(g);
    }
    return v;
  }

  cancelWait(g: G): void {
    if (g.status >> REASON_SHIFT === CHAN_SEND) this.sendq.remove(g);
    else this.removeReceiver(g);
  }

  #parkSend(v: T, ctx: Context | undefined): void {
    if (this.size === SHARED) {
      sendShared(this as Chan, v, ctx);
      return;
    }
    const g = current();
    if (this.size < 0) {
      park(g, CHAN_SEND_NIL, null);
    } else {
      g.v = v;
      this.sendq.push(g);
      park(g, CHAN_SEND, this);
    }
    if (ctx !== undefined) watch(g, ctx);
  }

  #parkRecv(want: number, ctx: Context | undefined): undefined {
    if (this.size === SHARED) return recvShared(this as Chan, want, ctx) as undefined;
    const g = current();
    if (this.size < 0) {
      park(g, CHAN_RECEIVE_NIL, null);
    } else {
      g.x = want;
      this.addReceiver(g);
      park(g, CHAN_RECEIVE, this);
    }
    if (ctx !== undefined) watch(g, ctx);
    return undefined;
  }

  /** For {@link ChanIterator}. */
  $result(): IteratorResult<T, undefined> {
    if (this.size !== SHARED && this.canRecv()) {
      if (this.closed && this.count === 0) return { value: this.ended(), done: true };
      return { value: this.takeNow() as T, done: false };
    }
    return this.#parkRecv(WANT_RESULT, undefined) as unknown as IteratorResult<T, undefined>;
  }

  /** The ring starts small: a capacity is a limit, not a size. */
  #grow(): void {
    const old = this.buf;
    const n = old.length;
    const buf: T[] = [];
    for (let i = 0; i < n; i++) buf.push(old[(this.head + i) & (n - 1)] as T);
    for (let i = n === 0 ? Math.min(8, this.size) : n; i > 0; i--) buf.push(undefined as T);
    while ((buf.length & (buf.length - 1)) !== 0) buf.push(undefined as T);
    this.buf = buf;
    this.head = 0;
  }
}

defineKind(CHANNEL, {
  adopt(o: number): Chan {
    const ch = new Chan(0);
    ch.becomeShared(o);
    return ch;
  },
  free: freeChannel,
});

/** Waiters that are no goroutines, of channels that are shared. */
const nodes: WeakMap<WaitNode, NodeWait> = new WeakMap();

/** A select has met a shared channel, of which nothing is certain until it is done: it takes another way. */
function met(): boolean {
  S.met = 1;
  return false;
}

Object.defineProperty(Chan.prototype, inspect.custom, {
  value(this: Chan): string {
    return this.isNil ? "Chan { nil }" : `Chan { len: ${this.len}, cap: ${this.cap} }`;
  },
});
