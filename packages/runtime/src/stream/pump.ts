/**
 * Pump: the goroutine that carries a source's values into its channel. It is one of the program's: counted, shown in dumps with the
 * place that made it, found by verifyNone if nobody stops it.
 *
 *     ASK ──next()──► ANSWERED ──wait──► GOT ──(wait for a promised value)──► VALUE ──send──► ASK
 *                                         └─ done: close ─► end
 *
 * Written as a frame, because the runtime is not compiled: each step may park as its last action, and is resumed with the outcome.
 */
import type { Context } from "../context/context.ts";
import { Failure } from "../chan/failure.ts";
import { R, suspendable, type Frame } from "../internal/state.ts";
import { STATUS, THROW, VALUE, WAITING } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { newG, start } from "../scheduler/go.ts";
import { ready } from "../scheduler/park.ts";
import { wait } from "../scheduler/wait.ts";
import type { Feed } from "./feed.ts";
import { siteHere, type Feeder, type SourceChannel } from "./source.ts";

const ASK = 1;
const ANSWERED = 2;
const GOT = 3;
const PROMISED = 4;

/** What a pump that is parked is woken with when it should end. */
const STOP: object = Object.freeze({});

export class Pump implements Frame, Feeder {
  readonly r: (f: Frame | null) => unknown = pumpFrame;
  pc: number = ASK;
  next: Frame | null = null;
  stopped: boolean = false;
  g: G | null = null;
  readonly feed: Feed;
  readonly ch: SourceChannel<unknown>;
  readonly ctx: Context | undefined;
  constructor(feed: Feed, ch: SourceChannel<unknown>, ctx: Context | undefined) {
    this.feed = feed;
    this.ch = ch;
    this.ctx = ctx;
  }

  /** Starts the goroutine: its first frame is this one. */
  start(): void {
    const g = newG(started, VALUE, null, 0, siteHere());
    g.v = undefined;
    g.frame = this;
    this.g = g;
    start(g);
  }

  /** The consumer wants no more. */
  stop(): void {
    this.stopped = true;
    this.feed.stop();
    const { g } = this;
    if (g === null || (g.status & STATUS) !== WAITING) return; // it will see `stopped` at its next step
    g.cancel();
    g.v = STOP;
    g.x = THROW;
    ready(g);
  }

  /** The source has ended by itself, or because of `failure`. */
  end(failure: Failure | null): undefined {
    this.g = null;
    this.ch.feeder = null;
    if (failure !== null) this.ch.fail(failure);
    else if (!this.ch.closed) this.ch.close();
  }
}

function started(): void {}

function pumpFrame(f: Frame | null): unknown {
  if (f === null) return "gort.fromAsyncIterable\n<anonymous>\n";
  const p = f as Pump;
  let v = R.v;
  let x = R.x;
  while (!p.stopped) {
    if (x === THROW) return failed(p, v);
    try {
      v = step(p, v);
    } catch (e) {
      v = e;
      x = THROW;
      continue;
    }
    if (R.u !== 0) return undefined;
    if (v === STOP) return p.end(null);
  }
  p.g = null;
  return undefined;
}
suspendable(pumpFrame);

/** `e` came from the source, or from the context: then the source is told. */
function failed(p: Pump, e: unknown): undefined {
  const promised = p.feed.sync && p.pc === PROMISED; // an iterable does not know that a promise of its was rejected
  if (promised || (p.ctx !== undefined && e === p.ctx.err())) p.feed.stop();
  return p.end(new Failure(e));
}

/** One step; the result of the last one is `v`. May have parked when it returns. */
function step(p: Pump, v: unknown): unknown {
  switch (p.pc) {
    case ASK: {
      const err = p.ctx?.err();
      if (err !== undefined) throw err;
      p.pc = ANSWERED;
      return p.feed.next();
    }
    case ANSWERED:
      p.pc = GOT;
      return wait(v, p.ctx);
    case GOT: {
      if (typeof v !== "object" || v === null) throw new TypeError(`Iterator result ${String(v)} is not an object`);
      const { done, value } = v as IteratorResult<unknown>;
      if (done === true) return STOP;
      p.pc = PROMISED;
      return p.feed.sync ? wait(value, p.ctx) : value;
    }
    default:
      p.pc = ASK;
      return p.ch.send(v, p.ctx);
  }
}
suspendable(step);
