/**
 * Selects in which a shared channel takes part. All channels of such a select are shared (those that were not become it), so that
 * one word decides which case fires, on whatever thread; a time is a case outside, and asks that word first. Timers' channels stay
 * local in the same way.
 */
import type { Chan } from "../chan/chan.ts";
import { sendClosed } from "../errors/catalogue.ts";
import { random } from "../internal/host.ts";
import { growBuffer } from "./sending.ts";
import { hearAstray } from "./waiters.ts";
import type { Load } from "./cargo.ts";
import { decodeCell, dropCell, encodeCell, offered, settled } from "./codec.ts";
import { failureOf } from "./failures.ts";
import { NO_ROOM, OK, R_CELL, R_FIRED, R_INDEX, R_OBJECT, R_OK, R_SELECT, R_SLOT, UNIT } from "./layout.ts";
import { allocate, classOf, X } from "./region.ts";
import { UNDEFINED } from "./tags.ts";
import { drain, freeSlot, takeSlot, waitRecord, type Waiting } from "./waits.ts";

/** A case as this file sees it: a send of `v`, or a receive. */
export interface SharedCase {
  readonly ch: Chan;
  readonly sends: boolean;
  readonly v: unknown;
  /** Its number in the select. */
  readonly index: number;
}

/** What a select waits with in the region. */
export class SharedSelect implements Waiting {
  readonly #records: number[] = [];
  /** What is moved in the value of each. */
  readonly #loads: (Load | null)[] = [];
  readonly #cases: readonly SharedCase[];
  readonly #fired: (index: number, v: unknown, ok: boolean) => void;
  #slot: number = 0;
  /** The outcome of {@link go}, when it did not wait. */
  index: number = -1;
  value: unknown = undefined;
  ok: boolean = false;

  /** How many cases it has. */
  get size(): number {
    return this.#cases.length;
  }

  constructor(cases: readonly SharedCase[], fired: (index: number, v: unknown, ok: boolean) => void) {
    this.#cases = cases;
    this.#fired = fired;
    const { I } = X;
    try {
      for (const c of cases) {
        const o = c.ch.$share();
        const r = waitRecord();
        this.#records.push(r);
        I[(r + R_SELECT) >> 2] = this.#records[0] as number;
        I[(r + R_FIRED) >> 2] = 0;
        I[(r + R_OBJECT) >> 2] = o;
        I[(r + R_OK) >> 2] = c.sends ? 1 : 0;
        I[(r + R_INDEX) >> 2] = c.index;
        I[(r + R_CELL) >> 2] = UNDEFINED;
        this.#loads.push(c.sends ? encodeCell(r + R_CELL, c.v, "the value sent") : null);
      }
    } catch (e) {
      this.drop();
      throw e;
    }
  }

  /**
   * Fires a case that is ready, else waits with all if `queue` is true. True when a case fired. A case on a closed channel that sends
   * throws. Where no case has fired and it does not wait, it may be called again; {@link drop} ends it.
   */
  go(queue: boolean): boolean {
    hearAstray();
    const { I } = X;
    const records = this.#records;
    const n = records.length;
    if (queue) {
      this.#slot = takeSlot(this);
      for (const r of records) I[(r + R_SLOT) >> 2] = this.#slot;
      for (const load of this.#loads) offered(load);
    }
    const order = records.slice();
    for (let i = n - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    const sorted = records.toSorted((a, b) => (I[(a + R_OBJECT) >> 2] as number) - (I[(b + R_OBJECT) >> 2] as number));
    let list = 0;
    let code: number;
    try {
      list = allocate(n * 8);
      I.set(order, list >> 2);
      I.set(sorted, (list >> 2) + n);
      code = X.p.select(list, n, queue);
      while (code !== -1 && code >> 24 === NO_ROOM) {
        growBuffer(I[((order[code & 0xff_ffff] as number) + R_OBJECT) >> 2] as number);
        code = X.p.select(list, n, queue);
      }
    } catch (e) {
      // There is no memory for it, and it waits nowhere.
      if (queue) freeSlot(this.#slot);
      this.drop();
      throw e;
    } finally {
      if (list !== 0) X.p.release(list, classOf(Math.max(n * 8, UNIT)));
    }
    if (code === -1) return false;
    if (queue) freeSlot(this.#slot);
    this.#take(order[code & 0xff_ffff] as number, code >> 24 === OK);
    drain();
    return true;
  }

  /** It has not fired, does not wait, and never will. */
  drop(): void {
    this.#clear(0);
  }

  #take(r: number, ok: boolean): void {
    const c = this.#cases[this.#records.indexOf(r)] as SharedCase;
    this.index = c.index;
    this.ok = ok;
    this.value = undefined;
    const failure = c.sends || ok ? null : failureOf(c.ch.o);
    if (!c.sends && ok) this.value = decodeCell(r + R_CELL);
    this.#clear(c.sends && ok ? r : c.sends ? 0 : r);
    if (c.sends && !ok) throw sendClosed();
    if (failure !== null) throw failure.error;
  }

  /** Gives the records back; the values of sends that did not happen too. `done`: the record whose value is gone. */
  #clear(done: number): void {
    this.#records.forEach((r, i) => {
      settled(this.#loads[i] ?? null, r === done);
      if (r !== done && (this.#cases[i] as SharedCase).sends) dropCell(r + R_CELL);
      X.p.release(r, 0);
    });
    this.#records.length = 0;
    this.#loads.length = 0;
  }

  /** A case has fired on some thread. */
  told(r: number): void {
    for (const other of this.#records) if (other !== r) X.p.cancel(other);
    const c = this.#cases[this.#records.indexOf(r)] as SharedCase;
    const ok = X.I[(r + R_OK) >> 2] === 1;
    const v = c.sends ? undefined : ok ? decodeCell(r + R_CELL) : (failureOf(c.ch.o) ?? undefined);
    this.#clear(c.sends && !ok ? 0 : r);
    this.#fired(c.index, v, ok);
  }

  /** For a case outside the region: may it fire? If so, the others are off. */
  claim(): boolean {
    if (X.p.fire(this.#records[0] as number) === 0) return false;
    for (const r of this.#records) X.p.cancel(r);
    freeSlot(this.#slot);
    this.#clear(0);
    return true;
  }
}
