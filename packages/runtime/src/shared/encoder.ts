/**
 * A value as the bytes of a block: what is inside what, objects that stand in several places once. Code that reads them (decoder.ts)
 * knows the type of each by a byte before it (tags.ts).
 */
import type { Writer } from "./bytes.ts";
import { cargoOf, isMoved } from "./cargo.ts";
import { encodeError, encodeHeld } from "./errors.ts";
import { Manifest } from "./manifest.ts";
import { shareMemory } from "./memories.ts";
import { copyOf } from "./parcels.ts";
import { isSharable, refused, shared } from "./refusal.ts";
import * as tags from "./tags.ts";

/** How deep values are written within each other: what is deeper comes behind, so that no stack is too small for it. */
const DEPTH = 400;

/** Writes one value; also used for what an error holds. */
export class Encoder {
  readonly w: Writer;
  #path: (string | number)[];
  readonly #seen: Map<object, number> = new Map();
  /** What lies deep and is not written yet. */
  readonly #deep: [v: object, tag: number][] = [];
  /** What goes along with the bytes. */
  readonly manifest: Manifest = new Manifest();
  /** What was met within what stays behind where it cannot cross: that must be known at once, not when what lies deep is written. Else null. */
  #perhaps: object[] | null = null;
  /** The value is read again and again, by whoever comes: what is handed over goes to one. */
  readonly kept: boolean;

  constructor(w: Writer, from: string, kept: boolean = false) {
    this.w = w;
    this.#path = [from];
    this.kept = kept;
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
        w.byte(tags.UNDEFINED);
        return;
      case "boolean":
        w.byte(v ? tags.TRUE : tags.FALSE);
        return;
      case "number":
        if ((v | 0) === v && (v !== 0 || 1 / v > 0)) {
          w.byte(tags.NUMBER);
          w.int(v);
        } else {
          w.byte(tags.FLOAT);
          w.double(v);
        }
        return;
      case "string":
        w.byte(tags.STRING);
        w.string(v);
        return;
      case "bigint":
        w.byte(tags.BIGINT);
        w.string(v.toString(16));
        return;
      case "object":
        if (v === null) w.byte(tags.NULL);
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

  /** What an error holds at `key`, where it can cross: else nothing is written, and the answer is false. */
  perhaps(key: string, v: unknown): boolean {
    const { w } = this;
    const [length, depth, before] = [w.length, this.#path.length, this.#perhaps];
    const met = (this.#perhaps ??= []);
    const [seen, deep, goods] = [met.length, this.#deep.length, this.manifest.mark()];
    try {
      w.string(key);
      this.at(key, v);
      return true;
    } catch {
      // A getter in it may throw, too.
      w.length = length;
      this.#path.length = depth;
      this.#deep.length = deep;
      this.manifest.unload(goods);
      for (const one of met.splice(seen)) this.#seen.delete(one);
      return false;
    } finally {
      this.#perhaps = before;
    }
  }

  #object(v: object): void {
    const { w } = this;
    if (isSharable(v)) {
      this.#reference(shared(v, this.#path));
      return;
    }
    if (v instanceof SharedArrayBuffer) {
      this.#reference(shareMemory(v));
      return;
    }
    const again = this.#seen.get(v);
    if (again !== undefined) {
      w.byte(tags.AGAIN);
      w.int(again);
      return;
    }
    this.#seen.set(v, this.#seen.size);
    this.#perhaps?.push(v);
    if (Array.isArray(v)) this.#array(v);
    else if (ArrayBuffer.isView(v)) this.#view(v);
    else if (v instanceof ArrayBuffer) this.#buffer(v);
    else if (v instanceof Map) {
      this.#exactly(Map, v);
      this.#inside(v, tags.MAP);
    } else if (v instanceof Set) {
      this.#exactly(Set, v);
      this.#inside(v, tags.SET);
    } else if (v instanceof Date) {
      this.#exactly(Date, v);
      w.byte(tags.DATE);
      w.double(v.getTime());
    } else if (v instanceof RegExp) {
      this.#exactly(RegExp, v);
      w.byte(tags.REGEXP);
      w.string(v.source);
      w.string(v.flags);
    } else if (v instanceof Error) {
      const deep = this.#path.length > DEPTH;
      if (deep) w.byte(tags.DEEP);
      w.byte(tags.ERROR);
      if (!encodeError(this, v)) return;
      if (deep) this.#deep.push([v, tags.ERROR]);
      else encodeHeld(this, v);
    } else this.#plain(v);
  }

  /** The shared object `o`. */
  #reference(o: number): void {
    this.manifest.refer(o);
    this.w.byte(tags.SHARED);
    this.w.int(o);
  }

  /** An instance of a class of the program's would arrive without its class. */
  #exactly(kind: { readonly prototype: object }, v: object): void {
    if (Object.getPrototypeOf(v) !== kind.prototype) throw refused(this.#path, v);
  }

  #plain(v: object): void {
    const proto: object | null = Object.getPrototypeOf(v) as object | null;
    // Another realm's plain object has another Object.prototype, whose own prototype is null.
    const plain = proto === null || (Object.getPrototypeOf(proto) === null && Object.hasOwn(proto, "isPrototypeOf"));
    if (!plain || v instanceof WeakRef || Object.prototype.toString.call(v) !== "[object Object]") {
      this.#handOver(v);
      return;
    }
    this.#inside(v, proto === null ? tags.BARE : tags.OBJECT);
  }

  /** What is no data crosses if `move` has made it, or the engine copies it. */
  #handOver(v: object): void {
    const cargo = this.kept ? null : (cargoOf(v) ?? copyOf(v));
    if (cargo === null || cargo.obstacle() !== "") throw refused(this.#path, v);
    const departure = cargo.load(this);
    if (typeof departure === "string") throw refused(this.#path, v, departure);
    this.manifest.depart(departure);
  }

  /** `v` and what is in it, which is written later where it lies deep. */
  #inside(v: object, tag: number): void {
    if (this.#path.length > DEPTH) {
      if (this.#perhaps !== null) throw refused(this.#path, v);
      this.w.byte(tags.DEEP);
      this.w.byte(tag);
      this.#deep.push([v, tag]);
      return;
    }
    this.w.byte(tag);
    this.#contents(v, tag);
  }

  #contents(v: object, tag: number): void {
    switch (tag) {
      case tags.MAP: {
        const entries = [...(v as Map<unknown, unknown>)];
        this.w.int(entries.length);
        let i = 0;
        for (const [key, value] of entries) {
          this.at(`<key ${i}>`, key);
          this.at(`<value ${i++}>`, value);
        }
        return;
      }
      case tags.SET: {
        const elements = [...(v as Set<unknown>)];
        this.w.int(elements.length);
        let i = 0;
        for (const value of elements) this.at(`<element ${i++}>`, value);
        return;
      }
      case tags.OBJECT:
      case tags.BARE:
        this.properties(v, Object.keys(v));
        return;
      case tags.ERROR:
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
    this.#inside(v, elements < n ? tags.SPARSE : named ? tags.NAMED : tags.ARRAY);
  }

  #elements(v: unknown[], tag: number): void {
    const { w } = this;
    const n = v.length;
    if (tag !== tags.SPARSE) {
      w.int(n);
      for (let i = 0; i < n; i++) this.at(i, v[i]);
      if (tag === tags.NAMED)
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
    this.w.byte(v.resizable ? tags.RESIZABLE : tags.BUFFER);
    if (v.resizable) this.w.double(v.maxByteLength);
    this.w.blob(new Uint8Array(v));
    if (!this.kept && isMoved(v)) this.manifest.move(v);
  }

  #view(v: ArrayBufferView): void {
    if (v.buffer instanceof ArrayBuffer && v.buffer.detached) throw refused(this.#path, v);
    const kind = Buffer.isBuffer(v) ? tags.NODE : tags.views.findIndex((V) => v instanceof V);
    if (kind < 0) throw refused(this.#path, v);
    if (kind !== tags.NODE) this.#exactly(tags.views[kind]!, v);
    this.w.byte(tags.VIEW);
    this.w.byte(kind);
    if (v.buffer instanceof SharedArrayBuffer) {
      this.w.int(v.byteOffset);
      this.w.int(v instanceof DataView ? v.byteLength : (v as Uint8Array).length);
      this.value(v.buffer);
      return;
    }
    // The whole buffer where the view covers it, where it goes along anyhow, and where it is handed over; a slice where it is one of many in a pool.
    const { buffer: all, byteOffset, byteLength } = v as ArrayBufferView<ArrayBuffer>;
    const slice = all.byteLength - byteLength > 4096 && !this.#seen.has(all) && !isMoved(all);
    const buffer = slice ? all.slice(byteOffset, byteOffset + byteLength) : all;
    this.w.int(slice ? 0 : v.byteOffset);
    this.w.int(v instanceof DataView ? v.byteLength : (v as Uint8Array).length);
    this.value(buffer);
  }
}

/** Keys are in order: those of elements come first. `n`: how many elements there are. */
function isIndex(key: string, n: number): boolean {
  const c = key.charCodeAt(0);
  if (c < 48 || c > 57) return false;
  const i = Number(key);
  return i < n && String(i) === key;
}
