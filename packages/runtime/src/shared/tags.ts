/** What the bytes of a value begin with, each value's own: encoder.ts writes them, decoder.ts reads them. */

// Tags of values; the first four are those of cells, too.
export const UNDEFINED = 0;
export const NULL = 1;
export const FALSE = 2;
export const TRUE = 3;
export const NUMBER = 4;
export const FLOAT = 5;
export const STRING = 6;
export const BIGINT = 7;
export const ARRAY = 8;
export const OBJECT = 9;
export const BARE = 10;
export const MAP = 11;
export const SET = 12;
export const DATE = 13;
export const REGEXP = 14;
export const BUFFER = 15;
export const VIEW = 16;
export const ERROR = 17;
export const AGAIN = 18;
export const SHARED = 19;
/** An array with holes: its elements with their places. */
export const SPARSE = 20;
/** An array with properties of its own, as `exec` and `match` give it. */
export const NAMED = 21;
/** A resizable ArrayBuffer. */
export const RESIZABLE = 22;
/** What is in the object follows behind all else: it lies deep (encoder.ts). */
export const DEEP = 23;
/** What was handed over (cargo.ts). */
export const READABLE = 24;
export const WRITABLE = 25;
export const TRANSFORM = 26;
export const PARCEL = 27;

/** Views by number: the order must stay. */
export const views: readonly (new (buffer: ArrayBuffer, at: number, length: number) => ArrayBufferView)[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  ...(typeof Float16Array === "function" ? [Float16Array] : []),
];
/** Node's own, which is a Uint8Array and more. */
export const NODE = 255;
