/**
 * A value as the bytes of a block: what is inside what, objects that stand in several places once. Code that reads them knows the type of
 * each by a byte before it.
 */
import { GortError } from "../errors/catalogue.ts";
import { G } from "../scheduler/g.ts";
import { Reader, Writer } from "./bytes.ts";
import { decodeError, decodeHeld, encodeError, encodeHeld } from "./errors.ts";
import { addReference, handleOf, type Sharable } from "./handles.ts";
import { X } from "./region.ts";
import { shareMemory } from "./memories.ts";
import { isMoved } from "./move.ts";

// Tags of values; the first four are those of cells, too.
export const UNDEFINED = 0;
export const NULL = 1;
export const FALSE = 2;
export const TRUE = 3;
const NUMBER = 4;
const FLOAT = 5;
const STRING = 6;
const BIGINT = 7;
const ARRAY = 8;
const OBJECT = 9;
const BARE = 10;
const MAP = 11;
const SET = 12;
const DATE = 13;
const REGEXP = 14;
const BUFFER = 15;
const VIEW = 16;
const ERROR = 17;
const AGAIN = 18;
const SHARED = 19;
/** An array with holes: its elements with their places. */
const SPARSE = 20;
/** An array with properties of its own, as `exec` and `match` give it. */
const NAMED = 21;
/** A resizable ArrayBuffer. */
const RESIZABLE = 22;
/** What is in the object follows behind all else: it lies deep. */
const DEEP = 23;

/** How deep values are written within each other: what is deeper comes behind, so that no stack is too small for it. */
const DEPTH = 400;

/** Views by number: the order must stay. */
const views = [
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
] as const;
/** Node's own, which is a Uint8Array and more. */
const NODE = 255;

/** Writes one value; also used for what an error holds. */
export class Encoder {
  readonly w: Writer;
  #path: (string | number)[];
  readonly #seen: Map<object, number> = new Map();
  /** What lies deep and is not written yet. */
  readonly #deep: [v: object, tag: number][] = [];
  readonly #shared: number[] = [];
  readonly #moved: ArrayBuffer[] = [];

  constructor(w: Writer, from: string) {
    this.w = w;
    this.#path = [from];
  }

  /** The value, and behind it what lies deep in it. */
  whole(v: unknown): void {
    this.value(v);
    if (this.#deep.length === 0) return;
    const from = `${String(this.#path[0])}…`;
    for (let i = 0; i < this.#deep.length; i++) {
      const [inner, tag] = this.#deep[i] as [object, number];
      this.#path = [from];
      this.#contents(inner, tag);
    }
  }

  value(v: unknown): void {
    const { w } = this;
    switch (typeof v) {
      case "undefined":
        w.byte(UNDEFINED);
        return;
      case "boolean":
        w.byte(v ? TRUE : FALSE);
        return;
      case "number":
        if ((v | 0) === v && (v !== 0 || 1 / v > 0)) {
          w.byte(NUMBER);
          w.int(v);
        } else {
          w.byte(FLOAT);
          w.double(v);
        }
        return;
      case "string":
        w.byte(STRING);
        w.string(v);
        return;
      case "bigint":
        w.byte(BIGINT);
        w.string(v.toString(16));
        return;
      case "object":
        if (v === null) w.byte(NULL);
        else this.#object(v);
        return;
      default:
        throw refused(this.#path, v);
    }
  }

  /** One step down, to what stands at `key`. */
  at(key: string | number, v: unknown): void {
    this.#path.push(key);
    this.value(v);
    this.#path.pop();
  }

  #object(v: object): void {
    const { w } = this;
    if (isSharable(v)) {
      const o = shared(v, this.#path);
      addReference(o);
      this.#shared.push(o);
      w.byte(SHARED);
      w.int(o);
      return;
    }
    if (v instanceof SharedArrayBuffer) {
      const o = shareMemory(v);
      addReference(o);
      this.#shared.push(o);
      w.byte(SHARED);
      w.int(o);
      return;
    }
    const again = this.#seen.get(v);
    if (again !== undefined) {
      w.byte(AGAIN);
      w.int(again);
      return;
    }
    this.#seen.set(v, this.#seen.size);
    if (Array.isArray(v)) this.#array(v);
    else if (ArrayBuffer.isView(v)) this.#view(v);
    else if (v instanceof ArrayBuffer) this.#buffer(v);
    else if (v instanceof Map) {
      this.#exactly(Map, v);
      this.#inside(v, MAP);
    } else if (v instanceof Set) {
      this.#exactly(Set, v);
      this.#inside(v, SET);
    } else if (v instanceof Date) {
      this.#exactly(Date, v);
      w.byte(DATE);
      w.double(v.getTime());
    } else if (v instanceof RegExp) {
      this.#exactly(RegExp, v);
      w.byte(REGEXP);
      w.string(v.source);
      w.string(v.flags);
    } else if (v instanceof Error) {
      const deep = this.#path.length > DEPTH;
      if (deep) w.byte(DEEP);
      w.byte(ERROR);
      if (!encodeError(this, v)) return;
      if (deep) this.#deep.push([v, ERROR]);
      else encodeHeld(this, v);
    } else this.#plain(v);
  }

  /** An instance of a class of the program's would arrive without its class. */
  #exactly(kind: { readonly prototype: object }, v: object): void {
    if (Object.getPrototypeOf(v) !== kind.prototype) throw refused(this.#path, v);
  }

  #plain(v: object): void {
    const proto: object | null = Object.getPrototypeOf(v) as object | null;
    // Another realm's plain object has another Object.prototype, whose own prototype is null.
    const plain = proto === null || (Object.getPrototypeOf(proto) === null && Object.hasOwn(proto, "isPrototypeOf"));
    if (!plain || v instanceof WeakRef || Object.prototype.toString.call(v) !== "[object Object]")
      throw refused(this.#path, v);
    this.#inside(v, proto === null ? BARE : OBJECT);
  }

  /** `v` and what is in it, which is written later where it lies deep. */
  #inside(v: object, tag: number): void {
    if (this.#path.length > DEPTH) {
      this.w.byte(DEEP);
      this.w.byte(tag);
      this.#deep.push([v, tag]);
      return;
    }
    this.w.byte(tag);
    this.#contents(v, tag);
  }

  #contents(v: object, tag: number): void {
    switch (tag) {
      case MAP: {
        const entries = [...(v as Map<unknown, unknown>)];
        this.w.int(entries.length);
        let i = 0;
        for (const [key, value] of entries) {
          this.at(`<key ${i}>`, key);
          this.at(`<value ${i++}>`, value);
        }
        return;
      }
      case SET: {
        const elements = [...(v as Set<unknown>)];
        this.w.int(elements.length);
        let i = 0;
        for (const value of elements) this.at(`<element ${i++}>`, value);
        return;
      }
      case OBJECT:
      case BARE:
        this.properties(v, Object.keys(v));
        return;
      case ERROR:
        encodeHeld(this, v as Error);
        return;
      default:
        this.#elements(v as unknown[], tag);
    }
  }

  properties(v: object, keys: readonly string[]): void {
    this.w.int(keys.length);
    for (const key of keys) {
      this.w.string(key);
      this.at(key, (v as Record<string, unknown>)[key]);
    }
  }

  #array(v: unknown[]): void {
    // Each realm's Array.prototype is an array itself, a class's prototype is not.
    if (!Array.isArray(Object.getPrototypeOf(v))) throw refused(this.#path, v);
    const n = v.length;
    const keys = Object.keys(v);
    const named = keys.length > 0 && !isIndex(keys.at(-1)!, n);
    const elements = named ? keys.findIndex((key) => !isIndex(key, n)) : keys.length;
    this.#inside(v, elements < n ? SPARSE : named ? NAMED : ARRAY);
  }

  #elements(v: unknown[], tag: number): void {
    const { w } = this;
    const n = v.length;
    if (tag !== SPARSE) {
      w.int(n);
      for (let i = 0; i < n; i++) this.at(i, v[i]);
      if (tag === NAMED)
        this.properties(
          v,
          Object.keys(v).filter((key) => !isIndex(key, n)),
        );
      return;
    }
    const keys = Object.keys(v);
    const places = keys.filter((key) => isIndex(key, n));
    w.double(n);
    w.int(places.length);
    for (const key of places) {
      w.double(Number(key));
      this.at(Number(key), v[Number(key)]);
    }
    this.properties(v, keys.slice(places.length));
  }

  #buffer(v: ArrayBuffer): void {
    this.#exactly(ArrayBuffer, v);
    if (v.detached) throw refused(this.#path, v);
    this.w.byte(v.resizable ? RESIZABLE : BUFFER);
    if (v.resizable) this.w.double(v.maxByteLength);
    this.w.blob(new Uint8Array(v));
    if (isMoved(v)) this.#moved.push(v);
  }

  #view(v: ArrayBufferView): void {
    if (v.buffer instanceof ArrayBuffer && v.buffer.detached) throw refused(this.#path, v);
    const kind = Buffer.isBuffer(v) ? NODE : views.findIndex((V) => v instanceof V);
    if (kind < 0) throw refused(this.#path, v);
    if (kind !== NODE) this.#exactly(views[kind]!, v);
    this.w.byte(VIEW);
    this.w.byte(kind);
    if (v.buffer instanceof SharedArrayBuffer) {
      this.w.int(v.byteOffset);
      this.w.int(v instanceof DataView ? v.byteLength : (v as Uint8Array).length);
      this.value(v.buffer);
      return;
    }
    // The whole buffer where the view covers it or somebody else sees it too; a slice where it is one of many in a pool.
    const slice = v.buffer.byteLength - v.byteLength > 4096;
    const buffer = slice ? v.buffer.slice(v.byteOffset, v.byteOffset + v.byteLength) : v.buffer;
    this.w.int(slice ? 0 : v.byteOffset);
    this.w.int(v instanceof DataView ? v.byteLength : (v as Uint8Array).length);
    this.value(buffer);
  }

  get hasMoved(): boolean {
    return this.#moved.length > 0;
  }

  /** The value is written: what was moved is gone here. */
  done(): void {
    for (const buffer of this.#moved) if (!buffer.detached) buffer.transfer(0);
  }

  /** It is not: the handles in it are not under way. */
  undo(): void {
    for (const o of this.#shared) Atomics.sub(X.I, (o + 48) >> 2, 1);
  }
}

export class Decoder {
  readonly r: Reader;
  readonly #seen: unknown[] = [];
  /** What is empty still. */
  readonly #deep: [v: object, tag: number][] = [];
  /** The block is read again: it goes on holding what it holds. */
  readonly #keep: boolean;

  constructor(r: Reader, keep: boolean = false) {
    this.r = r;
    this.#keep = keep;
  }

  /** The value, with what lies deep in it. */
  whole(): unknown {
    const v = this.value();
    for (let i = 0; i < this.#deep.length; i++) {
      const [inner, tag] = this.#deep[i] as [object, number];
      this.#contents(inner, tag);
    }
    return v;
  }

  value(): unknown {
    const { r } = this;
    const tag = r.byte();
    switch (tag) {
      case UNDEFINED:
        return undefined;
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case NUMBER:
        return r.int();
      case FLOAT:
        return r.double();
      case STRING:
        return r.string();
      case BIGINT: {
        const s = r.string();
        return s.startsWith("-") ? -BigInt(`0x${s.slice(1)}`) : BigInt(`0x${s}`);
      }
      case SHARED: {
        const o = r.int();
        if (this.#keep) addReference(o);
        return handleOf(o);
      }
      case AGAIN:
        return this.#seen[r.int()];
      default:
        return this.#object(tag);
    }
  }

  keep<T>(v: T): T {
    this.#seen.push(v);
    return v;
  }

  properties(v: object): void {
    for (let n = this.r.int(); n > 0; n--) {
      const key = this.r.string();
      const value = this.value();
      if (key === "__proto__")
        Object.defineProperty(v, key, { value, writable: true, enumerable: true, configurable: true });
      else (v as Record<string, unknown>)[key] = value;
    }
  }

  #object(tag: number): unknown {
    const { r } = this;
    switch (tag) {
      case DEEP: {
        const inner = r.byte();
        if (inner === ERROR) {
          const { e, bare } = decodeError(this);
          if (!bare) this.#deep.push([e, ERROR]);
          return this.keep(e);
        }
        const v = this.keep(empty(inner));
        this.#deep.push([v, inner]);
        return v;
      }
      case ARRAY:
      case NAMED:
      case SPARSE:
      case OBJECT:
      case BARE:
      case MAP:
      case SET: {
        const v = this.keep(empty(tag));
        this.#contents(v, tag);
        return v;
      }
      case DATE:
        return this.keep(new Date(r.double()));
      case REGEXP: {
        const source = r.string();
        return this.keep(new RegExp(source, r.string()));
      }
      case BUFFER:
        return this.keep(r.blobOf(r.int()).buffer);
      case RESIZABLE: {
        const maxByteLength = r.double();
        const bytes = r.blobOf(r.int());
        const buffer = new ArrayBuffer(bytes.length, { maxByteLength });
        new Uint8Array(buffer).set(bytes);
        return this.keep(buffer);
      }
      case VIEW: {
        const place = this.#seen.push(undefined) - 1;
        const kind = r.byte();
        const offset = r.int();
        const length = r.int();
        const buffer = this.value() as ArrayBuffer;
        const V = views[kind] as Uint8ArrayConstructor;
        return (this.#seen[place] =
          kind === NODE ? Buffer.from(buffer, offset, length) : new V(buffer, offset, length));
      }
      case ERROR: {
        const { e, bare } = decodeError(this);
        this.keep(e);
        if (!bare) decodeHeld(this, e);
        return e;
      }
      default:
        throw new Error("gort: a value that crossed threads cannot be read");
    }
  }

  #contents(v: object, tag: number): void {
    const { r } = this;
    switch (tag) {
      case OBJECT:
      case BARE:
        this.properties(v);
        return;
      case ERROR:
        decodeHeld(this, v as Error);
        return;
      case MAP:
        for (let n = r.int(); n > 0; n--) {
          const key = this.value();
          (v as Map<unknown, unknown>).set(key, this.value());
        }
        return;
      case SET:
        for (let n = r.int(); n > 0; n--) (v as Set<unknown>).add(this.value());
        return;
      case SPARSE: {
        const list = v as unknown[];
        const length = r.double();
        for (let n = r.int(); n > 0; n--) {
          const i = r.double();
          list[i] = this.value();
        }
        // Before its elements it would make room for all.
        list.length = length;
        this.properties(v);
        return;
      }
      default: {
        const list = v as unknown[];
        for (let n = r.int(), i = 0; i < n; i++) list[i] = this.value();
        if (tag === NAMED) this.properties(v);
      }
    }
  }
}

/** What a value of the type `tag` is before anything is in it. */
function empty(tag: number): object {
  switch (tag) {
    case OBJECT:
      return {};
    case BARE:
      return Object.create(null) as object;
    case MAP:
      return new Map();
    case SET:
      return new Set();
    default:
      return [];
  }
}

/** Keys are in order: those of elements come first. `n`: how many elements there are. */
function isIndex(key: string, n: number): boolean {
  const c = key.charCodeAt(0);
  if (c < 48 || c > 57) return false;
  const i = Number(key);
  return i < n && String(i) === key;
}

export function refused(path: readonly (string | number)[], v: unknown): GortError {
  return new GortError("GORT_SHARE", `${placeOf(path)} is ${describe(v)}`);
}

/** The shared object of `v`, which stands at `path`. One that stays on its thread, or holds what cannot cross, does not know where it is. */
export function shared(v: Sharable, path: string | readonly (string | number)[]): number {
  try {
    return v.$share();
  } catch (e) {
    if (e instanceof GortError && e.code === "GORT_SHARE") {
      const place = typeof path === "string" ? path : placeOf(path);
      e.message = e.message.replace("another thread: ", () => `another thread: ${place}: `);
      Error.captureStackTrace(e, shared); // its first line has the message
    }
    throw e;
  }
}

function placeOf(path: readonly (string | number)[]): string {
  let text = String(path[0]);
  for (const key of path.slice(1)) {
    const name = String(key);
    if (typeof key === "number") text += `[${key}]`;
    else if (name.startsWith("<") || /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) text += `.${name}`;
    else text += `[${JSON.stringify(name)}]`;
  }
  return text;
}

function describe(v: unknown): string {
  if (typeof v === "function") return /^class\b/.test(Function.prototype.toString.call(v)) ? "a class" : "a function";
  if (typeof v !== "object" || v === null) return `a ${typeof v}`;
  if (v instanceof G) return "a goroutine's handle";
  const memory = ArrayBuffer.isView(v) ? v.buffer : v;
  if (memory instanceof ArrayBuffer && memory.detached) return "memory that has been moved away";
  const maker = (v as { constructor?: unknown }).constructor;
  const name = typeof maker === "function" ? maker.name : "";
  return name === "" ? "an object with a prototype of its own" : `an instance of ${name}`;
}

export function isSharable(v: object): v is Sharable {
  return typeof (v as Partial<Sharable>).$share === "function";
}
