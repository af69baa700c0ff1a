/** The value that the bytes of a block are: what encoder.ts has written, read in the same order. */
import type { Reader } from "./bytes.ts";
import { arrivalOf } from "./cargo.ts";
import { decodeError, decodeHeld } from "./errors.ts";
import { addReference, handleOf } from "./handles.ts";
import {
  UNDEFINED,
  NULL,
  FALSE,
  TRUE,
  NUMBER,
  FLOAT,
  STRING,
  BIGINT,
  ARRAY,
  OBJECT,
  BARE,
  MAP,
  SET,
  DATE,
  REGEXP,
  BUFFER,
  VIEW,
  ERROR,
  AGAIN,
  SHARED,
  SPARSE,
  NAMED,
  RESIZABLE,
  DEEP,
  views,
  NODE,
} from "./tags.ts";

export class Decoder {
  readonly r: Reader;
  readonly #seen: unknown[] = [];
  /** What is empty still. */
  readonly #deep: [v: object, tag: number][] = [];
  /** The block is read again: it goes on holding what it holds. */
  readonly #keep: boolean;

  /** Nobody will have the value. */
  readonly dropped: boolean;

  constructor(r: Reader, keep: boolean = false, dropped: boolean = false) {
    this.r = r;
    this.#keep = keep;
    this.dropped = dropped;
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
        const V = views[kind]!;
        return (this.#seen[place] =
          kind === NODE ? Buffer.from(buffer, offset, length) : new V(buffer, offset, length));
      }
      case ERROR: {
        const { e, bare } = decodeError(this);
        this.keep(e);
        if (!bare) decodeHeld(this, e);
        return e;
      }
      default: {
        const arrive = arrivalOf(tag);
        if (arrive === undefined) throw new Error("gort: a value that crossed threads cannot be read");
        return arrive(this);
      }
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
