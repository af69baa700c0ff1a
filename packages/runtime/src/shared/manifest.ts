/**
 * What goes along with the bytes of a value: references to shared objects, memory and cargo that `move` has made. Nothing of it has gone while
 * the value is written, nor while it is offered: it goes when the value is received, and stays where it is not.
 *
 *     refer, move, depart ─► undo                   the value cannot cross
 *              │ └─► mark … unload                  a part of it cannot, and stays behind
 *              └───► wait ─► done or hold           it was received, or not
 */
import type { Departure, Load } from "./cargo.ts";
import { addReference } from "./handles.ts";
import { O_REFS } from "./layout.ts";
import { X } from "./region.ts";

/** How much of each kind there was at a time. */
export type Mark = readonly [references: number, moved: number, departures: number];

export class Manifest implements Load {
  /** Addresses of shared objects; each has one reference more while it is under way. */
  readonly #references: number[] = [];
  readonly #moved: ArrayBuffer[] = [];
  readonly #departures: Departure[] = [];

  refer(o: number): void {
    addReference(o);
    this.#references.push(o);
  }

  move(buffer: ArrayBuffer): void {
    this.#moved.push(buffer);
  }

  depart(departure: Departure): void {
    this.#departures.push(departure);
  }

  /** Whether something is to be gone here once the value is received. */
  get hasMoved(): boolean {
    return this.#moved.length + this.#departures.length > 0;
  }

  mark(): Mark {
    return [this.#references.length, this.#moved.length, this.#departures.length];
  }

  /** What has come since `mark` stays here after all. */
  unload([references, moved, departures]: Mark): void {
    this.#moved.length = moved;
    for (const departure of this.#departures.splice(departures)) departure.stay(false);
    giveBack(this.#references.splice(references));
  }

  /** It may be received from here on. */
  wait(): void {
    for (const departure of this.#departures) departure.wait?.();
  }

  /** Somebody else has the value: what was moved is gone here. */
  done(): void {
    for (const buffer of this.#moved) if (!buffer.detached) buffer.transfer(0);
    for (const departure of this.#departures) departure.leave();
  }

  /** The value is written, and what belongs to it cannot cross, or nobody has received it: what was moved stays. */
  hold(): void {
    for (const departure of this.#departures) departure.stay(true);
  }

  /** The value is not written: the references in it are not under way. */
  undo(): void {
    for (const departure of this.#departures) departure.stay(false);
    giveBack(this.#references);
  }
}

function giveBack(references: readonly number[]): void {
  for (const o of references) Atomics.sub(X.I, (o + O_REFS) >> 2, 1);
}
