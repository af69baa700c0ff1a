/** Bytes of an execution trace: events of numbers in LEB128, in chunks that are handed on when they are full. */

export const CHUNK: number = 64 * 1024;
/** The longest event that is not text: six arguments of at most ten bytes. */
const ROOM = 80;

export class TraceBytes {
  readonly #out: (chunk: Uint8Array) => void;
  #chunk: Uint8Array = new Uint8Array(CHUNK);
  #at: number = 0;
  /** Bytes so far. */
  written: number = 0;

  constructor(out: (chunk: Uint8Array) => void) {
    this.#out = out;
  }

  /** Whole numbers up to 2^53. */
  #varint(n: number): void {
    const chunk = this.#chunk;
    let at = this.#at;
    while (n >= 0x80) {
      // Shifts and masks are of 32 bits.
      if (n > 0x7fff_ffff) {
        chunk[at++] = (n % 128) | 0x80;
        n = Math.floor(n / 128);
      } else {
        chunk[at++] = (n & 0x7f) | 0x80;
        n >>>= 7;
      }
    }
    chunk[at++] = n;
    this.#at = at;
  }

  flush(): void {
    if (this.#at === 0) return;
    this.written += this.#at;
    this.#out(this.#chunk.subarray(0, this.#at));
    this.#chunk = new Uint8Array(CHUNK);
    this.#at = 0;
  }

  #room(bytes: number): void {
    if (this.#at + bytes > CHUNK) this.flush();
  }

  /** Whether a chunk begins with the next event of up to `bytes` bytes. If so, the one before it is handed on. */
  begins(bytes: number = ROOM): boolean {
    this.#room(bytes);
    return this.#at === 0;
  }

  /** One to three arguments. */
  event1(type: number, a: number): void {
    this.#room(ROOM);
    this.#chunk[this.#at++] = type;
    this.#varint(a);
  }
  event2(type: number, a: number, b: number): void {
    this.#room(ROOM);
    this.#chunk[this.#at++] = type | 0x40;
    this.#varint(a);
    this.#varint(b);
  }
  event3(type: number, a: number, b: number, c: number): void {
    this.#room(ROOM);
    this.#chunk[this.#at++] = type | 0x80;
    this.#varint(a);
    this.#varint(b);
    this.#varint(c);
  }

  /** Four: as below, without a list of them. */
  event4(type: number, a: number, b: number, c: number, d: number): void {
    this.#room(ROOM);
    this.#chunk[this.#at++] = type | 0xc0;
    const lengthAt = this.#at++;
    this.#varint(a);
    this.#varint(b);
    this.#varint(c);
    this.#varint(d);
    this.#chunk[lengthAt] = this.#at - lengthAt - 1;
  }

  /** Four or more: their bytes are counted first. */
  event(type: number, args: readonly number[]): void {
    if (args.length * 10 + 12 > CHUNK) throw new Error("gort: a trace event is too long");
    this.#room(args.length * 10 + 12);
    const chunk = this.#chunk;
    chunk[this.#at++] = type | 0xc0;
    // Room for the longest length that can be needed, moved back afterwards.
    const lengthAt = this.#at;
    const reserved = args.length * 10 < 0x80 ? 1 : 3;
    this.#at += reserved;
    for (const a of args) this.#varint(a);
    const length = this.#at - lengthAt - reserved;
    const end = this.#at;
    this.#at = lengthAt;
    this.#varint(length);
    const used = this.#at - lengthAt;
    if (used !== reserved) chunk.copyWithin(this.#at, lengthAt + reserved, end);
    this.#at += length;
  }

  /** `id, length, bytes`, as strings are written; with `log`, the text of a log, which has no number. */
  text(type: number | null, id: number, text: string): void {
    const bytes = Buffer.from(text).subarray(0, CHUNK / 2);
    this.#room(bytes.length + 24);
    if (type !== null) {
      this.#chunk[this.#at++] = type;
      this.#varint(id);
    }
    this.#varint(bytes.length);
    this.#chunk.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  header(text: string): void {
    this.#chunk.set(Buffer.from(text, "latin1"), this.#at);
    this.#at += text.length;
  }
}
