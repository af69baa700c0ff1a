/**
 * Shared objects as this thread holds them: one handle for each, as long as somebody here can reach it. When the last handle
 * of the last thread is gone, and no value under way holds the object, its memory is given back.
 */
import { X } from "./region.ts";
import { O_KIND, O_REFS } from "./layout.ts";

/** What can be shared in place. */
export interface Sharable {
  /** The address of its object, which is made on the first call. */
  $share(): number;
}

interface Kind {
  /** A handle for an object that another thread has made. */
  adopt(o: number): object;
  /** Nobody can reach it any more. */
  free(o: number): void;
}

/** What this thread has of an object: its handle, as long as somebody can reach that, and references, one of them the handle's own. */
class Held {
  readonly o: number;
  readonly handle: WeakRef<object>;
  references: number = 1;
  constructor(o: number, handle: object) {
    this.o = o;
    this.handle = new WeakRef(handle);
  }
}

/** References taken at once for values that follow each other, and the most a handle keeps. */
const MANY = 64;

const kinds: (Kind | undefined)[] = [];
const known: Map<number, Held> = new Map();
const gone: FinalizationRegistry<Held> = new FinalizationRegistry((held) => {
  // There may be another handle by now.
  if (known.get(held.o) === held) known.delete(held.o);
  drop(held.o, held.references);
});

export function defineKind(kind: number, k: Kind): void {
  kinds[kind] = k;
}

/** `handle` is this thread's for `o`. It holds a reference, which the caller has taken. */
export function keepHandle(o: number, handle: object): void {
  const held = new Held(o, handle);
  known.set(o, held);
  gone.register(handle, held);
}

/** A value that holds `o` is under way. */
export function addReference(o: number): void {
  Atomics.add(X.I, (o + O_REFS) >> 2, 1);
}

function dropReference(o: number): void {
  drop(o, 1);
}

function drop(o: number, n: number): void {
  if (Atomics.sub(X.I, (o + O_REFS) >> 2, n) !== n) return;
  kinds[X.I[(o + O_KIND) >> 2] as number]?.free(o);
}

/**
 * The same for an object of which much is under way, and whose number of references says nothing: the handle has some
 * in store, so that not every value changes a word that all threads change.
 */
export function lendReference(o: number): void {
  const held = known.get(o)!;
  if (held.references === 1) {
    Atomics.add(X.I, (o + O_REFS) >> 2, MANY);
    held.references += MANY;
  }
  held.references--;
}

/** This thread's handle for `o`, which a value that arrived held. */
export function handleOf(o: number): object {
  const handle = known.get(o)?.handle.deref();
  if (handle === undefined) return adopt(o);
  dropReference(o);
  return handle;
}

/** The same of one that was lent: the reference stays here. */
export function handleOfLent(o: number): object {
  const held = known.get(o);
  const handle = held?.handle.deref();
  if (held === undefined || handle === undefined) return adopt(o);
  if (++held.references > 2 * MANY) {
    held.references -= MANY;
    drop(o, MANY);
  }
  return handle;
}

function adopt(o: number): object {
  const made = kinds[X.I[(o + O_KIND) >> 2] as number]?.adopt(o);
  if (made === undefined) throw new Error("gort: a shared object of no known kind");
  keepHandle(o, made);
  return made;
}
