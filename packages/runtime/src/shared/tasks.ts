/**
 * Parallel goroutines before they start and after they end: records that any thread may take, and what comes back to whoever
 * holds the handle.
 *
 *     go(f, …) ─► record in the queue of this P ─► whoever takes it makes a goroutine: it stays on that thread
 *     while it runs the record is in that thread's list, so that it is known should the thread end: recovery.ts
 *     its end  ─► the same record, with the outcome, to the inbox of the creator, whose handle settles
 */
import { reportUncaught } from "../scheduler/fatal.ts";
import { settleHandle } from "../scheduler/finish.ts";
import { extra } from "../scheduler/extra.ts";
import { FRESH, FRESH_MANY, FRESH_ONE, KEPT, THROW, VALUE } from "../scheduler/status.ts";
import { G } from "../scheduler/g.ts";
import { R } from "../internal/state.ts";
import { install } from "../scheduler/hooks.ts";
import { S } from "../scheduler/p.ts";
import { stackOf } from "../scheduler/stack.ts";
import { asText, GortError } from "../errors/catalogue.ts";
import { MemberFrame, type Ender } from "../scheduler/finally.ts";
import type { Load } from "./cargo.ts";
import { decodeCell, dropCell, encodeCell, settled } from "./codec.ts";
import { addressOf, functionAt, nameIn, type Parallel } from "./functions.ts";
import { handleOfLent, lendReference, type Sharable } from "./handles.ts";
import { nextId } from "./ids.ts";
import { isSharable } from "./refusal.ts";
import { tellStatus } from "./status.ts";
import { intern, textAt } from "./texts.ts";
import {
  CALL,
  CELL,
  DONE,
  ENDS,
  FATAL,
  M_ALIVE,
  R_CELL,
  R_KIND,
  R_M,
  R_OK,
  R_SLOT,
  T_ARGUMENTS,
  T_COUNT,
  T_FUNCTION,
  T_GROUP,
  T_ID,
  T_PARENT,
  T_SITE,
  TASK,
} from "./layout.ts";
import { allocate, classOf, record, X } from "./region.ts";
import { freeSlot, onRecord, slotOf, takeSlot, type Waiting } from "./waits.ts";

/** The handle of a parallel goroutine, on the thread of its creator. */
class Handle implements Waiting {
  readonly g: G;
  constructor(g: G) {
    this.g = g;
  }
  told(): void {}
}

/** A wait group, as far as it concerns this file. */
interface Group {
  /** The parallel goroutine of `r` is done, which the group has started. */
  $left(r: number): void;
}

/** Hears of the end of a parallel goroutine that a wait group has started, whose handle it holds meanwhile. */
class Member implements Ender {
  readonly #group: Group;
  readonly #r: number;
  constructor(group: Group, r: number) {
    this.#group = group;
    this.#r = r;
  }
  ended(): void {
    this.#group.$left(this.#r);
  }
}

/** Of a goroutine whose handle hears of its end. */
const END: Ender = { ended(): void {} };

/** Makes and queues a parallel goroutine; its handle if it is kept. */
export function spawnParallel(
  f: Parallel,
  args: readonly unknown[],
  flags: number,
  site: string | null,
  group: Sharable | typeof ENDS | null,
): G | null {
  const r = newTask(f, args, site, group);
  const g = (flags & KEPT) !== 0 ? handleFor(r, f, flags, site) : null;
  const machine = S.shared!;
  const p = machine.p;
  if (p >= 0) X.p.putNext(p, r);
  else X.p.queueChain(r, r, 1);
  machine.wake();
  return g;
}

/** The record of a parallel goroutine that is in no queue yet, and that nobody has the handle of. */
export function newTask(
  f: Parallel,
  args: readonly unknown[],
  site: string | null,
  group: Sharable | typeof ENDS | null,
): number {
  const { I } = X;
  const r = record();
  const n = args.length;
  let block = 0;
  let written = 0;
  let load: Load | null = null;
  try {
    // Nothing of what is sent is to be taken back over it.
    I[(r + T_FUNCTION) >> 2] = addressOf(f);
    if (n === 1) load = encodeCell(r + R_CELL, args[0], "args[0]");
    else if (n > 1 && mayMeet(args)) load = encodeCell(r + R_CELL, args, "args");
    else if (n > 1) {
      block = allocate(n * CELL);
      for (; written < n; written++)
        load = encodeCell(block + written * CELL, args[written], `args[${written}]`) ?? load;
    }
    settled(load, true);
  } catch (e) {
    settled(load, false);
    for (let i = 0; i < written; i++) dropCell(block + i * CELL);
    if (block !== 0) X.p.release(block, classOf(n * CELL));
    X.p.release(r, 0);
    throw e;
  }
  const id = nextId();
  const creator = R.g;
  const parent = creator === null ? 0 : creator.id;
  I[(r + R_KIND) >> 2] = TASK;
  I[(r + R_M) >> 2] = X.m;
  I[(r + T_COUNT) >> 2] = n;
  I[(r + T_ARGUMENTS) >> 2] = block;
  X.F[(r + T_ID) >> 3] = id;
  I[(r + T_PARENT) >> 2] = parent;
  I[(r + T_SITE) >> 2] = site === null ? 0 : intern(site);
  let o = 0;
  if (group === ENDS) o = ENDS;
  else if (group !== null) lendReference((o = group.$share()));
  I[(r + T_GROUP) >> 2] = o;
  I[(r + R_SLOT) >> 2] = 0;
  if (S.created++ === 0) install();
  return r;
}

/** Whether what one argument holds may be in another, too: then they are written as one value, so that it is one again on the other side. */
function mayMeet(args: readonly unknown[]): boolean {
  let n = 0;
  for (let i = 0; i < args.length; i++) {
    const v = args[i];
    if (typeof v === "object" && v !== null && !isSharable(v) && ++n > 1) return true;
  }
  return false;
}

/** The handle of the parallel goroutine of `r`: here alone. */
export function handleFor(r: number, f: Parallel, flags: number, site: string | null): G {
  const { I } = X;
  const id = X.F[(r + T_ID) >> 3] as number;
  const g = new G(id, flags, f, FRESH, null, (I[(r + T_PARENT) >> 2] as number) >>> 0, site, undefined);
  I[(r + R_SLOT) >> 2] = takeSlot(new Handle(g));
  return g;
}

/** This thread has taken `r`: the goroutine of it. */
export function begin(r: number): G {
  const { I } = X;
  const slot = I[(r + R_SLOT) >> 2] as number;
  const n = I[(r + T_COUNT) >> 2] as number;
  const block = I[(r + T_ARGUMENTS) >> 2] as number;
  const own = I[(r + R_M) >> 2] === X.m;
  // From here on it is lost if the thread ends.
  X.p.started(r);
  let w: unknown = null;
  // Where several have no block of their own, the record's cell has all.
  if (n === 1 || (n > 1 && block === 0)) w = decodeCell(r + R_CELL);
  else if (n > 1) {
    const list: unknown[] = [];
    for (let i = 0; i < n; i++) list.push(decodeCell(block + i * CELL));
    X.p.release(block, classOf(n * CELL));
    w = list;
  }
  const x = n === 0 ? FRESH : n === 1 ? FRESH_ONE : FRESH_MANY;
  let g: G;
  if (own && slot !== 0) {
    g = (slotOf(slot) as Handle).g;
    freeSlot(slot);
    g.x = x;
    g.w = w;
  } else {
    g = new G(
      X.F[(r + T_ID) >> 3] as number,
      0,
      null,
      x,
      w,
      (I[(r + T_PARENT) >> 2] as number) >>> 0,
      textAt(I[(r + T_SITE) >> 2] as number),
      undefined,
    );
  }
  const ext = extra(g);
  ext.parallel = true;
  ext.task = r;
  const at = I[(r + T_FUNCTION) >> 2] as number;
  const group = I[(r + T_GROUP) >> 2] as number;
  if (++S.count > S.maxAlive) S.maxAlive = S.count;
  I[X.at + (M_ALIVE >> 2)] = S.count;
  g.v = functionAt(at);
  if (group !== 0) g.frame = new MemberFrame(group === ENDS ? END : new Member(handleOfLent(group) as Group, r));
  if (S.tracer !== null) S.tracer.created(g);
  return g;
}

/** A parallel goroutine of this thread has ended; true if its handle is another thread's, which hears of it. */
export function ended(g: G, v: unknown, x: number, exited: boolean): boolean {
  const { I } = X;
  const ext = extra(g);
  const r = ext.task;
  const creator = I[(r + R_M) >> 2] as number;
  const away = I[(r + R_SLOT) >> 2] !== 0 && creator !== X.m;
  // What it has returned may be more than the thread has memory for: until that is written, the goroutine is one that would be lost.
  if (away) x = encodeOutcome(g, r, v, x);
  X.p.stopped(r);
  tellStatus();
  // Whoever has joined it counts it no more.
  I[X.at + (M_ALIVE >> 2)] = S.count;
  const called = I[(r + R_KIND) >> 2] === CALL;
  // Before anybody can hear of it and call again.
  if (called) X.p.putBlocking(X.m);
  // Else copyOutcome needs it still.
  if (!away) return false;
  ext.task = 0;
  I[(r + R_OK) >> 2] = exited ? 2 : x === VALUE ? 1 : 0;
  I[(r + R_KIND) >> 2] = DONE;
  // Should the creator have ended, main takes it from there.
  X.p.post(r);
  return true;
}

/** Writes what `g` has returned or thrown; that it cannot cross is said by an error in its place: of whom, and who started it. */
function encodeOutcome(g: G, r: number, v: unknown, x: number): number {
  const at = r + R_CELL;
  try {
    settled(encodeCell(at, v, x === THROW ? "error" : "result"), true);
  } catch (e) {
    const id = textAt(X.I[(X.I[(r + T_FUNCTION) >> 2] as number) >> 2] as number) ?? "";
    const name = nameIn(id);
    const error = outcomeRefused(e, `what ${name} ${x === THROW ? "has thrown" : "returns"}`, g, name);
    settled(encodeCell(at, error, "error"), true);
    return THROW;
  }
  return x;
}

/** The goroutine of `r` has failed without having ended: what its handle is to be told. */
export function encodeFailure(r: number, e: Error): void {
  settled(encodeCell(r + R_CELL, e, "error"), true);
  X.I[(r + R_OK) >> 2] = 0;
  X.I[(r + R_KIND) >> 2] = DONE;
}

/** The outcome of a goroutine whose handle is here, as it would come from another thread. Called once, behind {@link ended}. */
export function copyOutcome(g: G, v: unknown, x: number): { v: unknown; x: number } {
  const ext = extra(g);
  const r = ext.task;
  ext.task = 0;
  try {
    // Nobody has the handle, or it is the same on both sides.
    if (X.I[(r + R_SLOT) >> 2] === 0) return { v, x };
    if (typeof v !== "object" && typeof v !== "function" && typeof v !== "symbol") return { v, x };
    x = encodeOutcome(g, r, v, x);
    return { v: decodeCell(r + R_CELL), x };
  } finally {
    X.p.release(r, 0);
  }
}

/** What `what` is cannot cross: GORT_SHARE with that in place of "result", and where the goroutine was started: it has no stack any more. */
function outcomeRefused(e: unknown, what: string, g: G, name: string): unknown {
  if (!(e instanceof GortError)) return e;
  e.message = e.message.replace(/(?<=: )(?:result|error)(?=[ .[:])/, what);
  return stackOf(e, g, name);
}

function received(r: number): void {
  const { I } = X;
  const slot = I[(r + R_SLOT) >> 2] as number;
  const { g } = slotOf(slot) as Handle;
  freeSlot(slot);
  const how = I[(r + R_OK) >> 2];
  const v = decodeCell(r + R_CELL);
  X.p.release(r, 0);
  settleHandle(g, v, how === 0 ? THROW : VALUE, how === 2);
}

/**
 * An exception that nobody waits for, on a thread that is not main: main ends the process, if nobody listens there. `text`: null of a promise
 * that nobody handles.
 */
export function sendFatal(e: unknown, text: string | null): void {
  const r = record();
  const { I } = X;
  try {
    settled(encodeCell(r + R_CELL, [e, text], "error"), true);
  } catch {
    encodeCell(r + R_CELL, [new Error(asText(e)), text], "error");
  }
  I[(r + R_KIND) >> 2] = FATAL;
  I[(r + R_M) >> 2] = 0;
  X.p.post(r);
}

function fatalElsewhere(r: number): void {
  const [e, text] = decodeCell(r + R_CELL) as [unknown, string | null];
  X.p.release(r, 0);
  if (text !== null) reportUncaught(e, text);
  // What becomes of it is for Node to say, as if it had been rejected here.
  else void Promise.reject(e as Error);
}

onRecord(DONE, received);
onRecord(FATAL, fatalElsewhere);
