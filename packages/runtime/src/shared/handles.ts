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

const kinds: (Kind | undefined)[] = [];
const known: Map<number, WeakRef<object>> = new Map();
const gone: FinalizationRegistry<number> = new FinalizationRegistry((o) => {
  if (known.get(o)?.deref() !== undefined) return;
  known.delete(o);
  dropReference(o);
});

export function defineKind(kind: number, k: Kind): void {
  kinds[kind] = k;
}

/** `handle` is this thread's for `o`. It holds a reference, which the caller has taken. */
export function keepHandle(o: number, handle: object): void {
  known.set(o, new WeakRef(handle));
  gone.register(handle, o);
}

/** A value that holds `o` is under way. */
export function addReference(o: number): void {
  Atomics.add(X.I, (o + O_REFS) >> 2, 1);
}

export function dropReference(o: number): void {
  if (Atomics.sub(X.I, (o + O_REFS) >> 2, 1) !== 1) return;
  kinds[X.I[(o + O_KIND) >> 2] as number]?.free(o);
}

/** This thread's handle for `o`, which a value that arrived held. */
export function handleOf(o: number): object {
  const handle = known.get(o)?.deref();
  if (handle !== undefined) {
    dropReference(o);
    return handle;
  }
  const made = kinds[X.I[(o + O_KIND) >> 2] as number]?.adopt(o);
  if (made === undefined) throw new Error("gort: a shared object of no known kind");
  keepHandle(o, made);
  return made;
}
