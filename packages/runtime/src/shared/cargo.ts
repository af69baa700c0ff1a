/**
 * What `move` has made, as far as the codec must know of it. Memory crosses as bytes and is detached; what else can be handed over has a cargo,
 * which knows how it goes: streams (streams.ts), ports and file handles (parcels.ts).
 *
 *     move(x) ─► x is dead here, a new object with a cargo ─► encoder.ts loads it ─► all is written: it leaves; one value is refused: it stays
 */
import type { Decoder } from "./decoder.ts";
import type { Encoder } from "./encoder.ts";

export interface Cargo {
  /** Why it cannot go now, behind its name in an error; "" where it can. */
  obstacle(): string;
  /**
   * Writes what another thread makes of it again. Nothing has gone yet: one of the two functions of {@link Departure} is called later. What
   * turns out only now not to go writes nothing, and says why as {@link obstacle} does.
   */
  load(e: Encoder): Departure | string;
}

/** How it ends with a cargo that was loaded. */
export interface Departure {
  /** The value may be received from here on, or be taken back. */
  wait?(): void;
  /** All is written that it belongs to: it is gone here. Must not throw. */
  leave(): void;
  /** Something beside it cannot cross, or nobody has received it: it stays. `written`: in a cell, which is dropped behind this. */
  stay(written: boolean): void;
}

/** What was moved in a value that is offered: it goes when the value is received, not before. */
export interface Load {
  /** The value may be received from here on. */
  wait(): void;
  /** It was received, or never offered to anybody else: what was moved is gone here. */
  done(): void;
  /** It was not: what was moved stays. */
  hold(): void;
}

/** Buffers that `move` made: whoever sends one on loses it too. */
const buffers: WeakSet<ArrayBuffer> = new WeakSet();
const cargoes: WeakMap<object, Cargo> = new WeakMap();

export function isMoved(v: ArrayBuffer): boolean {
  return buffers.has(v);
}

export function setMoved(v: ArrayBuffer): void {
  buffers.add(v);
}

export function cargoOf(v: object): Cargo | undefined {
  return cargoes.get(v);
}

export function setCargo<T extends object>(v: T, cargo: Cargo): T {
  cargoes.set(v, cargo);
  return v;
}

/** What makes of the bytes behind a tag what has arrived. */
type Arrival = (d: Decoder) => object | null;

const arrivals: (Arrival | undefined)[] = [];

export function defineArrival(tag: number, f: Arrival): void {
  arrivals[tag] = f;
}

export function arrivalOf(tag: number): Arrival | undefined {
  return arrivals[tag];
}
