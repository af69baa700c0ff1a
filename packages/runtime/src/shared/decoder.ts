/** The value that the bytes of a block are: what encoder.ts has written, read in the same order. */
import type { Reader } from "./bytes.ts";
import { arrivalOf } from "./cargo.ts";
import { decodeError, decodeHeld } from "./errors.ts";
import { addReference, handleOf } from "./handles.ts";
import * as tags from "./tags.ts";

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
      case tags.UNDEFINED:
        return undefined;
      case tags.NULL:
        return null;
      case tags.FALSE:
        return false;
      case tags.TRUE:
        return true;
      case tags.NUMBER:
        return r.int();
      case tags.FLOAT:
        return r.double();
      case tags.STRING:
        return r.string();
      case tags.BIGINT: {
        const s = r.string();
        return s.startsWith("-") ? -BigInt(`0x${s.slice(1)}`) : BigInt(`0x${s}`);
      }
      case tags.SHARED: {
        const o = r.int();
        if (this.#keep) addReference(o);
        return handleOf(o);
      }
      case tags.AGAIN:
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
      case tags.DEEP: {
        const inner = r.byte();
        if (inner === tags.ERROR) {
          const { e, bare } = decodeError(this);
          if (!bare) this.#deep.push([e, tags.ERROR]);
          return this.keep(e);
        }
        const v = this.keep(empty(inner));
        this.#deep.push([v, inner]);
        return v;
      }
      case tags.ARRAY:
      case tags.NAMED:
      case tags.SPARSE:
      case tags.OBJECT:
      case tags.BARE:
      case tags.MAP:
      case tags.SET: {
        const v = this.keep(empty(tag));
        this.#contents(v, tag);
        return v;
      }
      case tags.DATE:
        return this.keep(new Date(r.double()));
      case tags.REGEXP: {
        const source = r.string();
        return this.keep(new RegExp(source, r.string()));
      }
      case tags.BUFFER:
        return this.keep(r.blobOf(r.int()).buffer);
      case tags.RESIZABLE: {
        const maxByteLength = r.double();
        const bytes = r.blobOf(r.int());
        const buffer = new ArrayBuffer(bytes.length, { maxByteLength });
        new Uint8Array(buffer).set(bytes);
        return this.keep(buffer);
      }
      case tags.VIEW: {
        const place = this.#seen.push(undefined) - 1;
        const kind = r.byte();
        const offset = r.int();
        const length = r.int();
        const buffer = this.value() as ArrayBuffer;
        const V = tags.views[kind]!;
        return (this.#seen[place] =
          kind === tags.NODE ? Buffer.from(buffer, offset, length) : new V(buffer, offset, length));
      }
      case tags.ERROR: {
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
      case tags.OBJECT:
      case tags.BARE:
        this.properties(v);
        return;
      case tags.ERROR:
        decodeHeld(this, v as Error);
        return;
      case tags.MAP:
        for (let n = r.int(); n > 0; n--) {
          const key = this.value();
          (v as Map<unknown, unknown>).set(key, this.value());
        }
        return;
      case tags.SET:
        for (let n = r.int(); n > 0; n--) (v as Set<unknown>).add(this.value());
        return;
      case tags.SPARSE: {
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
        if (tag === tags.NAMED) this.properties(v);
      }
    }
  }
}

/** What a value of the type `tag` is before anything is in it. */
function empty(tag: number): object {
  switch (tag) {
    case tags.OBJECT:
      return {};
    case tags.BARE:
      return Object.create(null) as object;
    case tags.MAP:
      return new Map();
    case tags.SET:
      return new Set();
    default:
      return [];
  }
}
