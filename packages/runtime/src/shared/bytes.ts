/** Bytes being written, and being read: what codec.ts makes of a value. Little-endian, not aligned. */

export class Writer {
  bytes: Uint8Array = new Uint8Array(1024);
  view: DataView = new DataView(this.bytes.buffer);
  length: number = 0;

  #room(n: number): void {
    const need = this.length + n;
    if (need <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(need, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  byte(v: number): void {
    this.#room(1);
    this.bytes[this.length++] = v;
  }

  int(v: number): void {
    this.#room(4);
    this.view.setInt32(this.length, v, true);
    this.length += 4;
  }

  double(v: number): void {
    this.#room(8);
    this.view.setFloat64(this.length, v, true);
    this.length += 8;
  }

  /** Length and units: one byte each where all fit, told by the sign of the length. */
  string(s: string): void {
    const n = s.length;
    this.#room(4 + 2 * n);
    const start = this.length + 4;
    const { bytes } = this;
    for (let i = 0; i < n; i++) {
      const c = s.charCodeAt(i);
      if (c > 255) {
        this.#wide(s);
        return;
      }
      bytes[start + i] = c;
    }
    this.view.setInt32(this.length, n, true);
    this.length = start + n;
  }

  #wide(s: string): void {
    const n = s.length;
    this.view.setInt32(this.length, -n, true);
    this.length += 4;
    for (let i = 0; i < n; i++, this.length += 2) this.view.setUint16(this.length, s.charCodeAt(i), true);
  }

  blob(data: Uint8Array): void {
    this.int(data.length);
    this.#room(data.length);
    this.bytes.set(data, this.length);
    this.length += data.length;
  }
}

export class Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at: number, length: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, at, length);
    this.at = 0;
  }

  byte(): number {
    return this.view.getUint8(this.at++);
  }

  int(): number {
    const v = this.view.getInt32(this.at, true);
    this.at += 4;
    return v;
  }

  double(): number {
    const v = this.view.getFloat64(this.at, true);
    this.at += 8;
    return v;
  }

  string(): string {
    const n = this.int();
    const { view } = this;
    let s = "";
    if (n < 0) {
      for (let i = 0; i < -n; i++, this.at += 2) s += String.fromCharCode(view.getUint16(this.at, true));
      return s;
    }
    if (n > 64) {
      return Buffer.from(this.blobOf(n).buffer).toString("latin1");
    }
    for (let i = 0; i < n; i++) s += String.fromCharCode(view.getUint8(this.at++));
    return s;
  }

  /** The next `n` bytes, copied out of the region. */
  blobOf(n: number): Uint8Array<ArrayBuffer> {
    const start = this.view.byteOffset + this.at;
    this.at += n;
    return new Uint8Array(this.bytes.subarray(start, start + n));
  }
}
