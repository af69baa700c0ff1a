/**
 * Timers and tickers, by the rules of Go 1.23: their channels behave unbuffered, no stale value is ever received after
 * `stop` or `reset`, and nobody needs to stop a timer to have it freed.
 *
 * A channel timer is only a deadline. It is in the heap while somebody waits on its channel, and otherwise the clock is read when
 * somebody asks: so an unreferenced timer is garbage like anything else, and a ticker nobody reads costs nothing.
 */
import { milliseconds, SyncError, wants } from "../errors/catalogue.ts";
import { Chan } from "../chan/chan.ts";
import type { RecvChan, Source } from "../chan/ends.ts";
import { capture } from "../scheduler/als.ts";
import { born } from "../scheduler/bubble.ts";
import { FRESH } from "../scheduler/status.ts";
import { newG, start } from "../scheduler/go.ts";
import type { Contended } from "../scheduler/waitq.ts";
import { clock as clockNow, dateOn, nowOn, type Clock } from "./clock.ts";
import { TimerNode } from "./heap.ts";

/** Milliseconds from now as a deadline; negative and NaN are now. */
function deadline(clock: Clock | null, ms: number): number {
  return nowOn(clock) + (ms > 0 ? ms : 0);
}

/** Go: "stop of synctest timer from outside bubble". */
function mustBeMine(clock: Clock | null, what: string): void {
  if (clock !== null && clock !== clockNow())
    throw new SyncError("GORT_BUBBLE", `${what} of a bubble's timer from outside the bubble`);
}

class ChanTimer implements Source {
  readonly ch: Chan<Date> = born(new Chan<Date>(0));
  readonly #clock: Clock | null = clockNow();
  /** The next deadline; -1 when stopped or received. */
  #when: number;
  #period: number;
  #node: TimerNode | null = null;
  /** Its channel has crossed to another thread: it cannot know who waits there, and runs until it is stopped. */
  #shared: boolean = false;

  constructor(ms: number, period: number) {
    this.#when = deadline(this.#clock, ms);
    this.#period = period;
    this.ch.source = this;
  }

  due(): boolean {
    mustBeMine(this.#clock, "receive");
    return this.#when >= 0 && nowOn(this.#clock) >= this.#when;
  }

  take(): Date {
    const now = nowOn(this.#clock);
    const late = now - this.#when;
    // Ticks missed are dropped, as in Go: at most one waits to be received.
    this.#when = this.#period > 0 ? this.#when + this.#period * (1 + Math.floor(late / this.#period)) : -1;
    return new Date(dateOn(this.#clock) - late);
  }

  attach(): void {
    if (this.#when < 0 || this.#node !== null) return;
    this.#node = new TimerNode(this.#clock, this.#when, fireChannel, this);
    this.#node.start();
  }

  detach(): void {
    if (this.#node === null) return;
    this.#node.stop();
    this.#node = null;
  }

  /** The heap's turn has come: the first waiter gets the value. */
  fire(): void {
    this.#node = null;
    if (this.#shared) {
      if (this.#when < 0) return;
      // A tick that nobody took stays, and this one is dropped.
      this.ch.trySend(this.take());
      this.attach();
      return;
    }
    let w = this.ch.recvq.first;
    // Those that another thread has served will leave; the time is for who is left.
    while (w !== null && w.status < 0 && (w as Partial<Contended>).mayFire?.() === false) w = w.next;
    if (w === null || this.#when < 0) return;
    this.ch.deliver(w, this.take());
    if (this.ch.recvq.first !== null) this.attach();
  }

  /** Whether there was still something to receive. */
  stop(): boolean {
    mustBeMine(this.#clock, "stop");
    const active = this.#when >= 0;
    this.#when = -1;
    this.detach();
    // What was sent and not received is stale, and counts as not expired.
    if (this.#shared && this.ch.tryRecv() !== undefined) return true;
    return active;
  }

  share(): void {
    this.#shared = true;
    // What has come and waits to be received is there for all.
    if (this.#when >= 0 && nowOn(this.#clock) >= this.#when) this.fire();
    else this.attach();
  }

  reset(ms: number, period: number): boolean {
    mustBeMine(this.#clock, "reset");
    const active = this.stop();
    this.#when = deadline(this.#clock, ms);
    this.#period = period;
    if (this.#shared || this.ch.recvq.first !== null) this.attach();
    return active;
  }
}

function fireChannel(t: TimerNode): void {
  (t.arg as ChanTimer).fire();
}

/** A function to be called in its own goroutine. */
class FuncTimer {
  readonly #f: () => void;
  readonly #als: ReturnType<typeof capture> = capture();
  #node: TimerNode;

  constructor(ms: number, f: () => void) {
    this.#f = f;
    this.#node = this.#started(clockNow(), ms);
  }

  #started(clock: Clock | null, ms: number): TimerNode {
    const node = new TimerNode(clock, deadline(clock, ms), fireFunction, this);
    node.start();
    return node;
  }

  fire(): void {
    start(newG(this.#f, FRESH, null, 0, null, this.#als));
  }

  stop(): boolean {
    mustBeMine(this.#node.clock, "stop");
    return this.#node.stop();
  }

  reset(ms: number): boolean {
    mustBeMine(this.#node.clock, "reset");
    const active = this.#node.stop();
    this.#node = this.#started(this.#node.clock, ms);
    return active;
  }
}

function fireFunction(t: TimerNode): void {
  (t.arg as FuncTimer).fire();
}

/** A single event in the future. Go: time.Timer. */
export class Timer implements Disposable {
  readonly #impl: ChanTimer | FuncTimer;
  /** Receives the time of the event, once. Never, for a timer of {@link afterFunc}. */
  readonly c: RecvChan<Date>;

  /** @param ms milliseconds from now */
  constructor(ms: number);
  constructor(ms: number, f?: () => void) {
    milliseconds(ms, "Timer");
    if (f === undefined) {
      const impl = new ChanTimer(ms, 0);
      this.#impl = impl;
      this.c = impl.ch;
    } else {
      this.#impl = new FuncTimer(ms, f);
      this.c = new Chan<Date>(-1);
    }
  }

  /** Stops it; false if it had already expired (and been received) or been stopped. Nothing is received afterwards. Go: Stop. */
  stop(): boolean {
    return this.#impl.stop();
  }

  /** Makes it expire `ms` milliseconds from now; whether it had been active. Go: Reset. */
  reset(ms: number): boolean {
    return this.#impl.reset(milliseconds(ms, "Timer.reset"), 0);
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

/** A tick each `ms` milliseconds; ticks nobody receives in time are dropped. Go: time.Ticker. */
export class Ticker implements Disposable {
  readonly #impl: ChanTimer;
  readonly c: RecvChan<Date>;

  /** @throws SyncError GORT_TICKER_INTERVAL "non-positive interval for NewTicker" */
  constructor(ms: number) {
    if (!(milliseconds(ms, "Ticker") > 0))
      throw new SyncError("GORT_TICKER_INTERVAL", "non-positive interval for NewTicker");
    this.#impl = new ChanTimer(ms, ms);
    this.c = this.#impl.ch;
  }

  /** Turns it off. Its channel is not closed: a reader of it waits. Go: Stop. */
  stop(): boolean {
    return this.#impl.stop();
  }

  /** Starts a new period of `ms` milliseconds now. Go: Reset. @throws SyncError GORT_TICKER_INTERVAL "non-positive interval for Ticker.Reset" */
  reset(ms: number): void {
    if (!(milliseconds(ms, "Ticker.reset") > 0))
      throw new SyncError("GORT_TICKER_INTERVAL", "non-positive interval for Ticker.Reset");
    this.#impl.reset(ms, ms);
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** `for (const at of ticker)`: the times of its ticks, for ever. */
  [Symbol.iterator](): IterableIterator<Date> {
    return this.c[Symbol.iterator]();
  }

  /** The same for compiled code. */
  $step(): unknown {
    return this.#impl.ch.$step();
  }
}

/** A channel that receives the time once, `ms` milliseconds from now. Go: time.After. */
export function after(ms: number): RecvChan<Date> {
  return new ChanTimer(milliseconds(ms, "after"), 0).ch;
}

/** Calls `f` in its own goroutine `ms` milliseconds from now, unless stopped. Go: time.AfterFunc. */
export function afterFunc(ms: number, f: () => void): Timer {
  if (typeof f !== "function") throw wants("afterFunc", "a function", f);
  milliseconds(ms, "afterFunc");
  return new (Timer as new (ms: number, f: () => void) => Timer)(ms, f);
}
