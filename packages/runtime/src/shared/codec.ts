/**
 * Values on their way to another thread. A value is a cell: 16 bytes, in which numbers, short strings and handles of shared
 * objects stand themselves; anything else is written to a block of the arena, which whoever takes the value gives back.
 *
 *     cell   tag │ size or value │ number, characters, or the block's address and class
 *
 * What cannot cross (functions, class instances, symbols, promises) is refused with the path to it.
 */
import { GortError } from "../errors/catalogue.ts";
import { Reader, Writer } from "./bytes.ts";
import type { Load } from "./cargo.ts";
import { Decoder } from "./decoder.ts";
import { Encoder } from "./encoder.ts";
import { addReference, handleOf } from "./handles.ts";
import { isSharable, refused, shared } from "./refusal.ts";
import { allocate, classOf, X } from "./region.ts";
import { FALSE, NULL, TRUE, UNDEFINED } from "./tags.ts";

// Tags of cells, behind the four that values in a block have too.
const INT = 4;
const DOUBLE = 5;
const SHORT = 6;
const HANDLE = 7;
const BLOCK = 8;

/** Characters of a string that fit a cell. */
const FIT = 8;

/** Bytes of the last value that did not fit a cell. */
export const encoded = { size: 0 };

/** The writer that is not in use; encoding may nest, when a channel with values in it becomes shared. */
let spare: Writer | null = new Writer();

/**
 * Writes `v` to the cell at address `at`. `from`: where `v` stands, for the error. What `move` has made in it, which goes or stays as
 * {@link settled} is told; mostly null. Throws GORT_SHARE.
 */
export function encodeCell(at: number, v: unknown, from: string): Load | null {
  const I = X.I;
  const i = at >> 2;
  switch (typeof v) {
    case "undefined":
      I[i] = UNDEFINED;
      return null;
    case "boolean":
      I[i] = v ? TRUE : FALSE;
      return null;
    case "number":
      if ((v | 0) === v && (v !== 0 || 1 / v > 0)) {
        I[i] = INT;
        I[i + 1] = v;
      } else {
        I[i] = DOUBLE;
        X.F[(at + 8) >> 3] = v;
      }
      return null;
    case "string":
      if (v.length <= FIT && shortString(at, v)) return null;
      break;
    case "object":
      if (v === null) {
        I[i] = NULL;
        return null;
      }
      if (isSharable(v)) {
        const o = shared(v, from);
        addReference(o);
        I[i] = HANDLE;
        I[i + 1] = o;
        return null;
      }
      break;
    case "function":
    case "symbol":
      throw refused([from], v);
  }
  return encodeBlock(at, v, from, false);
}

function shortString(at: number, s: string): boolean {
  const n = s.length;
  const { B } = X;
  for (let k = 0; k < n; k++) {
    const c = s.charCodeAt(k);
    if (c > 255) return false;
    B[at + 8 + k] = c;
  }
  X.I[at >> 2] = SHORT;
  X.I[(at >> 2) + 1] = n;
  return true;
}

/** As {@link encodeCell}, where the cell is read more than once: what `move` has made stays, memory is copied. */
export function encodeKept(at: number, v: unknown, from: string): void {
  if (typeof v === "object" && v !== null && !isSharable(v)) encodeBlock(at, v, from, true);
  else encodeCell(at, v, from);
}

/** From here on somebody may receive it. */
export function offered(load: Load | null): void {
  if (load !== null) load.wait();
}

/** It was received, or, before its cell is given up, it was not. */
export function settled(load: Load | null, gone: boolean): void {
  if (load === null) return;
  if (gone) load.done();
  else load.hold();
}

function encodeBlock(at: number, v: unknown, from: string, kept: boolean): Load | null {
  const w = spare ?? new Writer();
  spare = null;
  w.length = 0;
  const e = new Encoder(w, from, kept);
  let block: number;
  try {
    e.whole(v);
    block = allocate(w.length);
  } catch (error) {
    e.manifest.undo();
    spare = w;
    // Ten frames of what walks the value would leave none of who gave it.
    if (error instanceof GortError) Error.captureStackTrace(error, encodeBlock);
    throw error;
  }
  const n = w.length;
  X.B.set(w.bytes.subarray(0, n), block);
  encoded.size = n;
  spare = w.bytes.length > 1 << 20 ? new Writer() : w;
  const i = at >> 2;
  X.I[i] = BLOCK;
  X.I[i + 1] = n;
  X.I[i + 2] = block;
  X.I[i + 3] = classOf(n);
  return e.manifest.hasMoved ? e.manifest : null;
}

/** Nobody will have the value of the cell at `at`: what it holds is let go. What has to be let go itself, a port, is made for that. */
export function dropCell(at: number): void {
  const { I } = X;
  const i = at >> 2;
  if (I[i] !== BLOCK) {
    if (I[i] === HANDLE) handleOf(I[i + 1] as number);
    return;
  }
  const block = I[i + 2] as number;
  new Decoder(new Reader(X.B, block, I[i + 1] as number), false, true).whole();
  X.p.release(block, I[i + 3] as number);
}

/** Takes the value of the cell at `at`: once, because its block is given back. `keep`: it is read again. */
export function decodeCell(at: number, keep: boolean = false): unknown {
  const I = X.I;
  const i = at >> 2;
  const aux = I[i + 1] as number;
  switch (I[i]) {
    case UNDEFINED:
      return undefined;
    case NULL:
      return null;
    case FALSE:
      return false;
    case TRUE:
      return true;
    case INT:
      return aux;
    case DOUBLE:
      return X.F[(at + 8) >> 3];
    case SHORT: {
      let s = "";
      for (let k = 0; k < aux; k++) s += String.fromCharCode(X.B[at + 8 + k] as number);
      return s;
    }
    case HANDLE:
      // A cell that is kept goes on holding it; the handle has a reference of its own.
      if (keep) addReference(aux);
      return handleOf(aux);
    default: {
      const block = I[i + 2] as number;
      const v = new Decoder(new Reader(X.B, block, aux), keep).whole();
      if (!keep) X.p.release(block, I[i + 3] as number);
      return v;
    }
  }
}
