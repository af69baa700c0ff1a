/** Typed arrays, as their methods see them. Nothing here suspends. */
import { b } from "../internal/barrier.ts";
import { type Constructor, type List, isConstructor, isObject } from "./intrinsics.ts";

const { apply, construct } = Reflect;
const TypedArray = Object.getPrototypeOf(Uint8Array) as object & { prototype: object };
const own = TypedArray.prototype;
const readLength = Object.getOwnPropertyDescriptor(own, "length")!.get!;
const readTag = Object.getOwnPropertyDescriptor(own, Symbol.toStringTag)!.get!;
/** Throws for an array whose buffer is gone. */
const keys = (own as { keys: Function }).keys;
const speciesSymbol: typeof Symbol.species = Symbol.species;

const constructors: Record<string, Constructor> = { __proto__: null } as never;
for (const name of [
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "BigInt64Array",
  "BigUint64Array",
  "Float16Array",
  "Float32Array",
  "Float64Array",
]) {
  const c = (globalThis as unknown as Record<string, Constructor | undefined>)[name];
  if (c !== undefined) constructors[name] = c;
}

/** Its length; 0 for what is no typed array, or cannot be read any more. */
export function typedLength(o: unknown): number {
  return tagOf(o) === undefined ? 0 : (apply(readLength, o, []) as number);
}

function tagOf(o: unknown): string | undefined {
  return apply(readTag, o, []) as string | undefined;
}

/** SpeciesConstructor of a typed array. */
export function typedSpecies(o: List): Constructor {
  const usual = constructors[tagOf(o)!]!;
  const c = (o as { constructor?: unknown }).constructor;
  if (c === undefined) return usual;
  if (!isObject(c)) throw new TypeError("The .constructor property is not an object");
  const s = (c as { [Symbol.species]?: unknown })[speciesSymbol];
  if (s === undefined || s === null) return usual;
  if (!isConstructor(s)) throw new TypeError("object.constructor[Symbol.species] is not a constructor");
  return s;
}

/** TypedArrayCreateFromConstructor: checked, at least `n` long, and with numbers of the kind `like` has. */
export function createTyped(c: Constructor, n: number, like: List | null): List {
  const made = b(construct(c, [n])) as List;
  const tag = tagOf(made);
  if (tag === undefined) throw new TypeError("this is not a typed array.");
  const length = typedLength(made);
  if (length === 0) apply(keys, made, []);
  if (length < n) throw new TypeError("Derived TypedArray constructor created an array which was too small");
  if (like !== null && tag.startsWith("Big") !== tagOf(like)!.startsWith("Big"))
    throw new TypeError("Content type of the source and of the created typed array differ");
  return made;
}
