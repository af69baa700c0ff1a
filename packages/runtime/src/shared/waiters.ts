/** Who waits for a channel that has crossed: a goroutine, or something else. What it waits on is a record in the region; it comes back with the value. */
import type { Chan } from "../chan/chan.ts";
import { ended, shaped } from "../chan/want.ts";
import { sendClosed } from "../errors/catalogue.ts";
import { THROW, VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { ready } from "../scheduler/park.ts";
import { stackOf } from "../scheduler/stack.ts";
import type { Sudog } from "../scheduler/waitq.ts";
import type { Load } from "./cargo.ts";
import { decodeCell, dropCell, settled } from "./codec.ts";
import { failureOf } from "./failures.ts";
import { R_CELL, R_OBJECT, R_OK } from "./layout.ts";
import { X } from "./region.ts";
import { giveBackLater } from "./returns.ts";
import { drain, freeSlot, takeSlot, type Waiting } from "./waits.ts";

/**
 * Waits of this thread that nobody is in any more, though a value is on its way to them. It goes back to the front of its channel as soon as
 * it is here: whoever receives on this thread hears first what has come.
 */
const astray = { n: 0 };

export function hearAstray(): void {
  if (astray.n !== 0) drain();
}

/** A goroutine waits for one channel. */
export class GWait implements Waiting, Waitable {
  readonly g: G;
  /** Kept alive while somebody waits on it. */
  readonly ch: Chan;
  readonly r: number;
  readonly sends: boolean;
  readonly slot: number;
  readonly #load: Load | null;
  #abandoned: boolean = false;
  constructor(g: G, ch: Chan, r: number, sends: boolean, load: Load | null = null) {
    this.g = g;
    this.ch = ch;
    this.r = r;
    this.sends = sends;
    this.#load = load;
    this.slot = takeSlot(this);
  }

  told(r: number): void {
    const { g } = this;
    if (this.#abandoned) {
      astray.n--;
      this.#unwanted(r);
      return;
    }
    const ok = X.I[(r + R_OK) >> 2] === 1;
    if (this.sends) {
      settled(this.#load, ok);
      g.x = VALUE;
      g.v = undefined;
      if (!ok) {
        dropCell(r + R_CELL);
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
    settled(this.#load, false);
    if (this.sends) dropCell(this.r + R_CELL);
    X.p.release(this.r, 0);
    return true;
  }

  abandon(): void {
    this.#abandoned = true;
    astray.n++;
  }

  #unwanted(r: number): void {
    const ok = X.I[(r + R_OK) >> 2] === 1;
    if (ok && !this.sends) {
      giveBackLater(this.ch.o, r);
      return;
    }
    if (this.sends) {
      settled(this.#load, ok);
      if (!ok) dropCell(r + R_CELL);
    }
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
  readonly #load: Load | null;
  /** Nobody wants what is on its way. */
  #left: boolean = false;
  /** It has been told: its record may be another wait's. */
  #over: boolean = false;
  constructor(node: Sudog, r: number, sends: boolean, ch: Chan | null = null, load: Load | null = null) {
    this.node = node;
    this.r = r;
    this.sends = sends;
    this.#ch = ch;
    this.#load = load;
    this.slot = takeSlot(this);
  }

  told(r: number): void {
    this.#over = true;
    if (this.#left) astray.n--;
    const ok = X.I[(r + R_OK) >> 2] === 1;
    const o = X.I[(r + R_OBJECT) >> 2] as number;
    if (this.#left && ok && !this.sends && this.#ch !== null) {
      giveBackLater(o, r);
      return;
    }
    if (this.sends) settled(this.#load, ok);
    const v = this.sends
      ? (ok || dropCell(r + R_CELL), undefined)
      : ok
        ? decodeCell(r + R_CELL)
        : (failureOf(o) ?? undefined);
    X.p.release(r, 0);
    if (this.#left) return;
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
    if (this.#over || this.#left) return;
    if (X.p.cancel(this.r) === 0) {
      this.#left = true;
      astray.n++;
      return;
    }
    this.#over = true;
    freeSlot(this.slot);
    settled(this.#load, false);
    if (this.sends) dropCell(this.r + R_CELL);
    X.p.release(this.r, 0);
  }
}
