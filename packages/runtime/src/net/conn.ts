/**
 * A connection: what reads like blocking code is Node's event-driven socket.
 *
 *     socket ──'data'──► waiting reader's buffer, else kept ──► read()     more than HIGH kept: the socket is paused
 *     write() ──► socket, a piece at a time; what the kernel does not take at once parks the writer until it has
 *
 * Invariants: while readers wait, nothing is kept; a waiter's `v` is the buffer it reads into, or what it has to send ({@link Outgoing}).
 * At most one piece is with the socket and not with the kernel (`#inFlight`), so a peer that does not read costs PIECE bytes, whatever
 * gives up waiting, and what nobody waits for any more is not sent.
 */
import type { Socket } from "node:net";
import type { Context } from "../context/context.ts";
import { mustGoOn } from "../context/given.ts";
import { argument, isA } from "../errors/catalogue.ts";
import { watch } from "../scheduler/ctx.ts";
import { THROW, VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, netReady, park, ready } from "../scheduler/park.ts";
import { waitReason } from "../scheduler/reason.ts";
import { stackOf } from "../scheduler/stack.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { Deadline, momentOf } from "./deadline.ts";
import { closedError, deadlineError, netError, type NetError } from "./error.ts";

const IO_WAIT: number = waitReason("IO wait");
/** Bytes kept for nobody before the socket is paused, and those at which it goes on. */
const HIGH = 65_536;
const LOW = 16_384;

/** The most that is given to the socket at once. */
const PIECE = 262_144;

/** What a waiting writer sends: the first `done` bytes are with the socket. */
class Outgoing {
  readonly bytes: Uint8Array;
  done: number;
  constructor(bytes: Uint8Array, done: number) {
    this.bytes = bytes;
    this.done = done;
  }
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

  /** Null when nobody waits. */
  get first(): G | null {
    return this.q.first as G | null;
  }

  /** Wakes the first one with a value. */
  wake(v: unknown): void {
    const g = this.q.shift() as G;
    g.v = v;
    g.x = VALUE;
    netReady(g);
  }

  fail(error: () => NetError): void {
    for (let g = this.q.shift() as G | null; g !== null; g = this.q.shift() as G | null) {
      g.v = stackOf(error(), g);
      g.x = THROW;
      ready(g);
    }
  }

  cancelWait(g: G): void {
    this.q.remove(g);
  }
}

/** Reads from a connection whose socket was paused: somebody has accepted it. */
export let begin: (conn: Conn) => void;

/** A TCP, Unix or TLS connection. `using conn = …` closes it at the end of the block. Go: net.Conn. */
export class Conn implements Disposable {
  readonly #socket: Socket;
  readonly #readers: Waiters = new Waiters();
  readonly #writers: Waiters = new Waiters();
  /** Bytes that have come and nobody has read, and how many; `#offset` of the first chunk's are read. */
  readonly #chunks: Buffer[] = [];
  #kept: number = 0;
  #offset: number = 0;
  #paused: boolean = false;
  /** The socket has a piece that the kernel has not taken yet. */
  #inFlight: boolean = false;
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

  /** For {@link dial} and listeners: Node's socket is this connection's from now on. One that is paused is read once it {@link begin}s. */
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
   * stream, and for a `buf` of 0 bytes. Up to 64 KiB are read ahead. Go: Conn.Read, whose io.EOF is 0 here.
   * @param ctx stop waiting when it ends (throws its error; the connection stays open)
   * @throws NetError when the connection has failed, was closed ("ERR_CLOSED"), or the deadline has passed ("ETIMEDOUT"); TypeError GORT_ARGUMENT
   *   if `buf` is no Uint8Array
   */
  read(buf: Uint8Array, ctx?: Context): number {
    if (!isA(buf, Uint8Array)) throw argument("Conn.read: wants a Uint8Array to read into");
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
   * then. Text goes as UTF-8. Writers take turns: what one writes is never mixed with another's. Go: Conn.Write.
   * @param ctx stop waiting when it ends (throws its error; a part of `data` may have been sent, and must not be changed any more)
   * @throws NetError when the connection has failed, was closed ("ERR_CLOSED", also behind `closeWrite`), or the deadline has passed
   *   ("ETIMEDOUT"); TypeError GORT_ARGUMENT if `data` is neither a Uint8Array nor a string
   */
  write(data: Uint8Array | string, ctx?: Context): number {
    if (typeof data !== "string" && !isA(data, Uint8Array))
      throw argument("Conn.write: wants a Uint8Array or a string to write");
    if (this.#writeDeadline.passed) throw deadlineError("write", this.remoteAddr);
    if (this.#closed || this.#socket.writableEnded) throw closedError("write", this.remoteAddr);
    if (this.#error !== null) throw netError("write", this.remoteAddr, this.#error);
    mustGoOn(ctx, "Conn.write");
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (bytes.length === 0) return 0;
    let done = 0;
    if (!this.#inFlight && this.#writers.first === null) {
      done = this.#send(bytes, 0);
      if (done === bytes.length && !this.#inFlight) return done;
    }
    return this.#writers.park(new Outgoing(bytes, done), ctx) as unknown as number;
  }

  /** Gives the socket pieces until the kernel does not take one at once; returns how many bytes it has. */
  #send(bytes: Uint8Array, done: number): number {
    const socket = this.#socket;
    while (done < bytes.length) {
      const rest = bytes.length - done;
      const piece = rest <= PIECE ? (done === 0 ? bytes : bytes.subarray(done)) : bytes.subarray(done, done + PIECE);
      socket.write(piece);
      // The kernel has refused it at once; the socket's "error" event comes later.
      const { errored } = socket;
      if (errored !== null) throw netError("write", this.remoteAddr, errored);
      done += piece.length;
      if (socket.writableLength !== 0) {
        this.#inFlight = true;
        // Behind the piece: called when the kernel has it.
        socket.write("", this.#flushed);
        break;
      }
    }
    return done;
  }

  /** The kernel has the piece that was in flight: the rest of it, and whoever waits for a turn. */
  readonly #flushed = (e?: Error | null): void => {
    this.#inFlight = false;
    if (e || this.#closed) return; // the "error" event wakes them
    for (let g = this.#writers.first; g !== null; g = this.#writers.first) {
      const out = g.v as Outgoing;
      try {
        out.done = this.#send(out.bytes, out.done);
      } catch {
        return;
      }
      if (this.#inFlight) return;
      this.#writers.wake(out.done);
    }
  };

  /** Closes the connection; again does nothing. What `write` has returned for is sent; who waits in `read` or `write` gets a NetError. Go: Conn.Close. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forget();
    this.#chunks.length = 0;
    this.#kept = 0;
    // A piece in flight may stay so for good, if the other end does not read; its writer has been told.
    if (this.#inFlight) this.#socket.destroy();
    else this.#socket.destroySoon();
    // Where nobody reads any more, nothing may keep the socket from its end.
    this.#socket.resume();
  }

  /**
   * Sends the end behind what was written: the other side reads 0. Who waits in `write` gets a NetError. Reading goes on. Go: TCPConn.CloseWrite.
   * @throws NetError "ERR_CLOSED" on a closed connection
   */
  closeWrite(): void {
    if (this.#closed) throw closedError("close", this.remoteAddr);
    this.#socket.end();
    this.#writers.fail(() => closedError("write", this.remoteAddr));
  }

  /**
   * Reads and writes fail with code "ETIMEDOUT" once `at` has passed, waiting ones too, until another deadline is set; null: no deadline, as at
   * first. Go: Conn.SetDeadline.
   * @throws NetError "ERR_CLOSED" on a closed connection; TypeError GORT_ARGUMENT if `at` is neither a valid Date nor null
   */
  setDeadline(at: Date | null): void {
    if (this.#closed) throw closedError("set", this.remoteAddr);
    const moment = momentOf(date(at));
    this.#readDeadline.set(moment);
    this.#writeDeadline.set(moment);
  }

  /** As {@link setDeadline}, for reads alone. Go: Conn.SetReadDeadline. */
  setReadDeadline(at: Date | null): void {
    if (this.#closed) throw closedError("set", this.remoteAddr);
    this.#readDeadline.set(momentOf(date(at)));
  }

  /** As {@link setDeadline}, for writes alone. Go: Conn.SetWriteDeadline. */
  setWriteDeadline(at: Date | null): void {
    if (this.#closed) throw closedError("set", this.remoteAddr);
    this.#writeDeadline.set(momentOf(date(at)));
  }

  /** Small writes go out at once (true, the default, as in Go), or wait to be joined. Go: TCPConn.SetNoDelay. */
  setNoDelay(on: boolean = true): void {
    this.#socket.setNoDelay(on);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  static {
    begin = (conn) => void conn.#socket.resume();
  }

  #came(chunk: Buffer): void {
    if (this.#closed) return;
    let at = 0;
    while (at < chunk.length) {
      const reader = this.#readers.first;
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
    while (this.#readers.first !== null) this.#readers.wake(0);
  }

  #fail(e: Error): void {
    this.#error ??= e;
    this.#readers.fail(() => netError("read", this.remoteAddr, e));
    this.#writers.fail(() => netError("write", this.remoteAddr, e));
  }

  /** The socket is gone, for whatever reason. */
  #gone(): void {
    if (!this.#ended && this.#error === null) this.#end();
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
  if (at !== null && !(isA(at, Date) && !Number.isNaN(at.getTime())))
    throw argument("Conn.setDeadline: wants a Date, or null for none");
  return at;
}

export function hostPort(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return "";
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
