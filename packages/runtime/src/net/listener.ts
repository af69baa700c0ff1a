/**
 * Listening: connections that nobody has accepted yet wait in a queue, as in the kernel's; nothing is read from them, so they cost
 * little. Node takes connections as they come and cannot be told to wait, so the queue has no limit.
 */
import {
  createServer,
  type AddressInfo,
  type ListenOptions as NodeListenOptions,
  type Server,
  type Socket,
} from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { Context } from "../context/context.ts";
import { mustGoOn } from "../context/given.ts";
import { R } from "../internal/state.ts";
import { undo } from "../internal/entry.ts";
import { watch } from "../scheduler/ctx.ts";
import { THROW, VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { waitReason } from "../scheduler/reason.ts";
import { stackOf } from "../scheduler/stack.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { mustBePlace } from "./address.ts";
import { begin, Conn, hostPort } from "./conn.ts";
import { KEEP_ALIVE } from "./keepalive.ts";
import { closedError, netError } from "./error.ts";
import { LISTEN, Starting } from "./starting.ts";

const ACCEPT: number = waitReason("IO wait (accept)");

/** What to listen on: a port, or the path of a Unix socket. */
export interface ListenOptions {
  /** All interfaces if left out. */
  host?: string;
  /** 0, or left out: one that is free, see {@link Listener.port}. */
  port?: number;
  /** Of a Unix socket, or a named pipe of Windows; host and port are not looked at then. */
  path?: string;
  /** Connections the system keeps that have not been accepted; 511 if left out. */
  backlog?: number;
  /** Several listeners, of this or other processes, may share the port, where the system can do that (Linux, FreeBSD, AIX, Solaris). Default: false. */
  reusePort?: boolean;
  /** TLS, with options of node:tls (`key`, `cert`, …). Plain if left out. */
  tls?: TlsOptions;
}

/** What a waiting `accept` gets: the connection; for `for … of`, the end too; the same as an iterator says it. */
const WANT_CONN = 0;
const WANT_STEP = 1;
const WANT_RESULT = 2;

/** Takes connections. Those that nobody has accepted wait, without a limit and unread. `using` closes it. Go: net.Listener. */
export class Listener implements Waitable, Disposable {
  readonly #server: Server;
  readonly #waiting: WaitQ = new WaitQ();
  readonly #arrived: Conn[] = [];
  readonly #path: string;
  #closed: boolean = false;
  /** What it listens on: "127.0.0.1:8080", or a path. */
  readonly addr: string;
  /** The port; 0 for a path. */
  readonly port: number;

  readonly #shaking: Handshakes | null;

  /** For {@link listen}. */
  constructor(server: Server, path: string, secure: boolean) {
    this.#server = server;
    this.#path = path;
    this.#shaking = secure ? new Handshakes(server) : null;
    // What it may say later (too many open files) concerns one connection, not the listener.
    server.on("error", (e: Error) => this.#lost(e));
    server.on(secure ? "secureConnection" : "connection", (socket: Socket) => this.#took(socket));
    const address = server.address() as AddressInfo | string;
    this.addr = typeof address === "string" ? address : hostPort(address.address, address.port);
    this.port = typeof address === "string" ? 0 : address.port;
  }

  /**
   * The next connection, parking the caller until there is one. Go: Listener.Accept.
   * @param ctx stop waiting when it ends (throws its error)
   * @throws NetError "ERR_CLOSED" once the listener is closed; Node's code when one could not be taken ("EMFILE"), and the listener goes on
   */
  accept(ctx?: Context): Conn {
    const conn = this.#next();
    if (conn !== undefined) return conn;
    if (this.#closed) throw closedError("accept", this.addr);
    return this.#park(WANT_CONN, ctx) as unknown as Conn;
  }

  /** Takes no more connections; again does nothing. Those that were accepted stay, others are closed; a waiting `accept` fails. Go: Listener.Close. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    for (const conn of this.#arrived.splice(0)) conn.close();
    this.#shaking?.end();
    for (let g = this.#waiting.shift() as G | null; g !== null; g = this.#waiting.shift() as G | null) {
      const want = g.x;
      g.v =
        want === WANT_STEP
          ? R.END
          : want === WANT_RESULT
            ? { value: undefined, done: true }
            : stackOf(closedError("accept", this.addr), g);
      g.x = want === WANT_CONN ? THROW : VALUE;
      ready(g);
    }
  }

  /** `for (const conn of listener)`: until it is closed. */
  [Symbol.iterator](): IterableIterator<Conn> {
    const iterator: IterableIterator<Conn> = { next: () => this.#result(), [Symbol.iterator]: () => iterator };
    return iterator;
  }

  /** For compiled `for … of`. */
  $step(): unknown {
    const conn = this.#next();
    if (conn !== undefined) return conn;
    if (this.#closed) return R.END;
    return this.#park(WANT_STEP, undefined);
  }

  #result(): IteratorResult<Conn, undefined> {
    const conn = this.#next();
    if (conn !== undefined) return { value: conn, done: false };
    if (this.#closed) return { value: undefined, done: true };
    return this.#park(WANT_RESULT, undefined) as unknown as IteratorResult<Conn, undefined>;
  }

  #next(): Conn | undefined {
    const conn = this.#arrived.shift();
    if (conn !== undefined) begin(conn);
    return conn;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The server has a connection. */
  #took(socket: Socket): void {
    this.#shaking?.done(socket);
    if (this.#closed) {
      socket.destroy();
      return;
    }
    socket.pause();
    const conn = new Conn(socket, this.#path);
    const g = this.#waiting.shift() as G | null;
    if (g === null) {
      this.#arrived.push(conn);
      return;
    }
    begin(conn);
    g.v = g.x === WANT_RESULT ? { value: conn, done: false } : conn;
    g.x = VALUE;
    ready(g);
  }

  /** A connection has come that could not be taken: too many open files. An `accept` that waits hears of it; a loop goes on. */
  #lost(e: Error): void {
    const g = this.#waiting.first as G | null;
    if (g === null || g.x !== WANT_CONN) return;
    this.#waiting.shift();
    g.v = stackOf(netError("accept", this.addr, e), g);
    g.x = THROW;
    ready(g);
  }

  cancelWait(g: G): void {
    this.#waiting.remove(g);
  }

  #park(want: number, ctx: Context | undefined): undefined {
    const g = current();
    g.x = want;
    this.#waiting.push(g);
    park(g, ACCEPT, this);
    if (ctx !== undefined) watch(g, ctx);
    return undefined;
  }
}

/** Sockets whose TLS handshake is under way: a peer may never finish it, and must not outlive the listener. */
export class Handshakes {
  /** As they were before TLS: what lies under the connection to come. */
  readonly #sockets: Set<Socket> = new Set();

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** A connection stands. Not before may one way end without the other: a peer that leaves while it shakes hands would be kept. */
  done(socket: Socket): void {
    socket.allowHalfOpen = true;
    const under = this.#under(socket);
    if (under !== undefined) this.#sockets.delete(under);
  }

  /** Node has a field for it, which it does not speak of; without it the other end's address tells, which Unix sockets have none of. */
  #under(socket: Socket & { _parent?: Socket }): Socket | undefined {
    if (socket._parent !== undefined) return socket._parent;
    for (const s of this.#sockets)
      if (s.remotePort === socket.remotePort && s.remoteAddress === socket.remoteAddress) return s;
    return undefined;
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Node's server of some options, which does not listen yet. */
export function netServer({ tls }: ListenOptions): Server {
  return tls === undefined
    ? createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true, ...KEEP_ALIVE })
    : createTlsServer({ noDelay: true, ...KEEP_ALIVE, ...tls }); // half open once it stands: Handshakes
}

/** What it listens on. */
export function netAddress({ host, port = 0, path, backlog, reusePort }: ListenOptions): NodeListenOptions {
  return {
    ...(path === undefined ? { port } : { path }),
    ...(host === undefined ? {} : { host }),
    ...(backlog === undefined ? {} : { backlog }),
    ...(reusePort === undefined ? {} : { reusePort }),
  };
}

/**
 * Listens for connections; returns once the port is taken. Go: net.Listen, tls.Listen.
 *
 *     for (const conn of listen({ port: 8080 })) go(serve, conn);
 * @param options all interfaces, and a port that is free, if left out
 * @param ctx give up when it ends (throws its error); a listener that stands does not end with it
 * @throws NetError if it cannot be had ("EADDRINUSE", "EACCES", …); TypeError GORT_ARGUMENT if an option is of a wrong type
 */
export function listen(options: ListenOptions = {}, ctx?: Context): Listener {
  mustBePlace("listen", options, 0);
  const { host, port = 0, path, tls } = options;
  mustGoOn(ctx, "listen");
  const g = current();
  const address = path ?? hostPort(host ?? "", port);
  try {
    const server = netServer(options);
    const started = (): Listener => new Listener(server, path ?? "", tls !== undefined);
    const starting = new Starting(g, server, address, started);
    server.listen(netAddress(options));
    park(g, LISTEN, starting);
  } catch (e) {
    // Node has refused an option: a key that is none.
    undo(g);
    throw netError("listen", address, e as Error);
  }
  if (ctx !== undefined) watch(g, ctx);
  return undefined as unknown as Listener;
}
