/**
 * A connection: what reads like blocking code is Node's event-driven socket.
 *
 *     socket ──'data'──► waiting reader's buffer, else kept ──► read()     more than HIGH kept: the socket is paused
 *     write() ──► socket; what the kernel does not take at once parks the writer until it has
 *
 * Invariants: while readers wait, nothing is kept; a waiter's `v` is the buffer it reads into, or what it has {@link Written}.
 */
import type { Socket } from "node:net";
import type { Context } from "../context/context.ts";
import { argument } from "../errors/catalogue.ts";
import { watch } from "../scheduler/ctx.ts";
import { THROW, VALUE, type G, type Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { waitReason } from "../scheduler/reason.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { Deadline } from "./deadline.ts";
import { closedError, deadlineError, netError, type NetError } from "./error.ts";

const IO_WAIT: number = waitReason("IO wait");
/** Bytes kept for nobody before the socket is paused, and those at which it goes on. */
const HIGH = 65_536;
const LOW = 16_384;

/** What a waiting writer has given to the socket. */
interface Written {
  readonly n: number;
}

/** Goroutines that wait for one direction of a connection. */
class Waiters implements Waitable {
  readonly q: WaitQ = new WaitQ();

  park(v: unknown, ctx: Context | undefined): undefined {
    const g = current();
    g.v = v;
    this.q.push(g);
    park(g, IO_WAIT, this);
    if (ctx !== undefined) watch(g, ctx);
    return undefined;
  }

  /** Wakes the first one with a value. */
  wake(v: unknown): void {
    const g = this.q.shift() as G;
    g.v = v;
    g.x = VALUE;
    ready(g);
  }

  fail(error: () => NetError): void {
    for (let g = this.q.shift() as G | null; g !== null; g = this.q.shift() as G | null) {
      g.v = error();
      g.x = THROW;
      ready(g);
    }
  }

  cancelWait(g: G): void {
    this.q.remove(g);
  }
}

/** A TCP, Unix or TLS connection. Go: net.Conn. */
export class Conn implements Disposable {
  readonly #socket: Socket;
  readonly #readers: Waiters = new Waiters();
  readonly #writers: Waiters = new Waiters();
  /** Bytes that have come and nobody has read, and how many; `#offset` of the first chunk's are read. */
  readonly #chunks: Buffer[] = [];
  #kept: number = 0;
  #offset: number = 0;
  #paused: boolean = false;
  /** The other end has sent its last byte. */
  #ended: boolean = false;
  #closed: boolean = false;
  #error: Error | null = null;
  readonly #readDeadline: Deadline = new Deadline(() =>
    this.#readers.fail(() => deadlineError("read", this.remoteAddr)),
  );
  readonly #writeDeadline: Deadline = new Deadline(() =>
    this.#writers.fail(() => deadlineError("write", this.remoteAddr)),
  );
  /** The other end: "127.0.0.1:8080", "[::1]:8080", or a path. */
  readonly remoteAddr: string;
  /** This end. */
  readonly localAddr: string;

  /** Node's socket is this connection's from now on. */
  constructor(socket: Socket, path: string = "") {
    this.#socket = socket;
    this.remoteAddr = path === "" ? hostPort(socket.remoteAddress, socket.remotePort) : path;
    this.localAddr = path === "" ? hostPort(socket.localAddress, socket.localPort) : path;
    socket.on("data", (chunk: Buffer) => this.#came(chunk));
    socket.on("end", () => this.#end());
    socket.on("error", (e: Error) => this.#fail(e));
    socket.on("close", () => this.#gone());
  }

  /**
   * Reads what has come, parking the caller until something has; returns the number of bytes put into `buf`, 0 at the end of the
   * stream. Go: Conn.Read, whose io.EOF is 0 here.
   * @param ctx stop waiting when it ends (throws its error; the connection stays open)
   * @throws NetError when the connection has failed, was closed, or the deadline has passed
   */
  read(buf: Uint8Array, ctx?: Context): number {
    if (!(buf instanceof Uint8Array)) throw argument("Conn.read: a Uint8Array to read into");
    if (this.#readDeadline.passed) throw deadlineError("read", this.remoteAddr);
    if (this.#closed) throw closedError("read", this.remoteAddr);
    if (buf.length === 0) return 0;
    if (this.#kept > 0) return this.#take(buf);
    if (this.#error !== null) throw netError("read", this.remoteAddr, this.#error);
    if (this.#ended) return 0;
    return this.#readers.park(buf, ctx) as unknown as number;
  }

  /**
   * Writes all of `data`, parking the caller until the operating system has it; returns the number of bytes. `data` may be used again
   * then. Go: Conn.Write.
   * @param ctx stop waiting when it ends (throws its error; how much has been written is not known)
   * @throws NetError when the connection has failed, was closed, or the deadline has passed
   */
  write(data: Uint8Array | string, ctx?: Context): number {
    if (typeof data !== "string" && !(data instanceof Uint8Array))
      throw argument("Conn.write: a Uint8Array or a string to write");
    if (this.#writeDeadline.passed) throw deadlineError("write", this.remoteAddr);
    if (this.#closed || this.#socket.writableEnded) throw closedError("write", this.remoteAddr);
    if (this.#error !== null) throw netError("write", this.remoteAddr, this.#error);
    const n = typeof data === "string" ? Buffer.byteLength(data) : data.length;
    const err = ctx?.err();
    if (err !== undefined) throw err;
    this.#socket.write(data);
    if (this.#socket.writableLength === 0) return n;
    const written: Written = { n };
    // Behind everything that was written before: called when the system has it all.
    this.#socket.write("", (e) => {
      // Who has given up is not in the queue, and may wait for another write by now.
      if (!e && this.#writers.q.first?.v === written) this.#writers.wake(n);
    });
    return this.#writers.park(written, ctx) as unknown as number;
  }

  /** Closes the connection. What was written is sent; who waits for it gets a NetError. Go: Close. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forget();
    this.#socket.destroySoon();
    // Where nobody reads any more, nothing may keep the socket from its end.
    this.#socket.resume();
  }

  /** Sends what was written, and the end: the other side reads 0. Reading goes on. Go: TCPConn.CloseWrite. */
  closeWrite(): void {
    if (this.#closed) throw closedError("close", this.remoteAddr);
    this.#socket.end();
  }

  /** Reads and writes fail with code "ETIMEDOUT" once `at` has passed, waiting ones too; null: no deadline. Go: SetDeadline. */
  setDeadline(at: Date | null): void {
    this.setReadDeadline(at);
    this.setWriteDeadline(at);
  }

  /** The same for reads alone. Go: SetReadDeadline. */
  setReadDeadline(at: Date | null): void {
    if (this.#closed) throw closedError("set", this.remoteAddr);
    this.#readDeadline.set(date(at));
  }

  /** The same for writes alone. Go: SetWriteDeadline. */
  setWriteDeadline(at: Date | null): void {
    if (this.#closed) throw closedError("set", this.remoteAddr);
    this.#writeDeadline.set(date(at));
  }

  /** Small writes go out at once (true, as in Go), or wait to be joined. Go: SetNoDelay. */
  setNoDelay(on: boolean = true): void {
    this.#socket.setNoDelay(on);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #came(chunk: Buffer): void {
    if (this.#closed) return;
    let at = 0;
    while (at < chunk.length) {
      const reader = this.#readers.q.first as G | null;
      if (reader === null) break;
      const into = reader.v as Uint8Array;
      const n = Math.min(into.length, chunk.length - at);
      chunk.copy(into, 0, at, at + n);
      at += n;
      this.#readers.wake(n);
    }
    if (at === chunk.length) return;
    this.#chunks.push(at === 0 ? chunk : chunk.subarray(at));
    this.#kept += chunk.length - at;
    if (this.#kept >= HIGH && !this.#paused) {
      this.#paused = true;
      this.#socket.pause();
    }
  }

  /** Out of what is kept. */
  #take(buf: Uint8Array): number {
    let n = 0;
    while (n < buf.length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0] as Buffer;
      const part = Math.min(buf.length - n, chunk.length - this.#offset);
      chunk.copy(buf, n, this.#offset, this.#offset + part);
      n += part;
      this.#offset += part;
      if (this.#offset === chunk.length) {
        this.#chunks.shift();
        this.#offset = 0;
      }
    }
    this.#kept -= n;
    if (this.#paused && this.#kept <= LOW) {
      this.#paused = false;
      this.#socket.resume();
    }
    return n;
  }

  #end(): void {
    this.#ended = true;
    while (this.#readers.q.first !== null) this.#readers.wake(0);
  }

  #fail(e: Error): void {
    this.#error ??= e;
    this.#readers.fail(() => netError("read", this.remoteAddr, e));
    this.#writers.fail(() => netError("write", this.remoteAddr, e));
  }

  /** The socket is gone, for whatever reason. */
  #gone(): void {
    if (!this.#ended && this.#error === null) this.#ended = true;
    this.#forget();
  }

  #forget(): void {
    this.#readDeadline.clear();
    this.#writeDeadline.clear();
    this.#readers.fail(() => closedError("read", this.remoteAddr));
    this.#writers.fail(() => closedError("write", this.remoteAddr));
  }
}

function date(at: Date | null): Date | null {
  if (at !== null && !(at instanceof Date && !Number.isNaN(at.getTime())))
    throw argument("Conn.setDeadline: a Date, or null for none");
  return at;
}

export function hostPort(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return "";
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
