/** Listening: connections that nobody has accepted yet wait in a queue, as in the kernel's. */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { Context } from "../context/context.ts";
import { argument } from "../errors/catalogue.ts";
import { R } from "../internal/state.ts";
import { watch } from "../scheduler/ctx.ts";
import { THROW, VALUE, type G, type Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { waitReason } from "../scheduler/reason.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { Conn, hostPort } from "./conn.ts";
import { closedError, netError } from "./error.ts";

const LISTEN: number = waitReason("IO wait (listen)");
const ACCEPT: number = waitReason("IO wait (accept)");

/** What to listen on: a port, or the path of a Unix socket. */
export interface ListenOptions {
  /** All interfaces if left out. */
  host?: string;
  /** 0: one that is free. */
  port?: number;
  path?: string;
  /** Connections the system keeps that have not been accepted; 511 if left out. */
  backlog?: number;
  /** Several listeners, of this or other processes, may share the port, where the system can do that. */
  reusePort?: boolean;
  /** TLS, with options of node:tls (`key`, `cert`, …). */
  tls?: TlsOptions;
}

/** What a waiting `accept` gets: the connection; for `for … of`, the end too; the same as an iterator says it. */
const WANT_CONN = 0;
const WANT_STEP = 1;
const WANT_RESULT = 2;

/** Takes connections. Go: net.Listener. */
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

  /** For {@link listen}. */
  constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
    const address = server.address() as AddressInfo | string;
    this.addr = typeof address === "string" ? address : hostPort(address.address, address.port);
    this.port = typeof address === "string" ? 0 : address.port;
  }

  /**
   * The next connection, parking the caller until there is one. Go: Accept.
   * @param ctx stop waiting when it ends (throws its error)
   * @throws NetError with code "ERR_CLOSED" once the listener is closed
   */
  accept(ctx?: Context): Conn {
    const conn = this.#arrived.shift();
    if (conn !== undefined) return conn;
    if (this.#closed) throw closedError("accept", this.addr);
    return this.#park(WANT_CONN, ctx) as unknown as Conn;
  }

  /** Takes no more connections. Those that were accepted stay; a waiting `accept` fails. Go: Close. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    for (const conn of this.#arrived.splice(0)) conn.close();
    for (let g = this.#waiting.shift() as G | null; g !== null; g = this.#waiting.shift() as G | null) {
      const want = g.x;
      g.v =
        want === WANT_STEP
          ? R.end
          : want === WANT_RESULT
            ? { value: undefined, done: true }
            : closedError("accept", this.addr);
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
    const conn = this.#arrived.shift();
    if (conn !== undefined) return conn;
    if (this.#closed) return R.end;
    return this.#park(WANT_STEP, undefined);
  }

  #result(): IteratorResult<Conn, undefined> {
    const conn = this.#arrived.shift();
    if (conn !== undefined) return { value: conn, done: false };
    if (this.#closed) return { value: undefined, done: true };
    return this.#park(WANT_RESULT, undefined) as unknown as IteratorResult<Conn, undefined>;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The server has a connection. */
  took(socket: Socket): void {
    const conn = new Conn(socket, this.#path);
    const g = this.#waiting.shift() as G | null;
    if (g === null) {
      this.#arrived.push(conn);
      return;
    }
    g.v = g.x === WANT_RESULT ? { value: conn, done: false } : conn;
    g.x = VALUE;
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

class Listening implements Waitable {
  readonly #server: Server;
  constructor(server: Server) {
    this.#server = server;
  }
  cancelWait(): void {
    this.#server.removeAllListeners();
    this.#server.on("error", () => {});
    this.#server.close();
  }
}

/**
 * Listens for connections; returns once the port is taken. Go: net.Listen, tls.Listen.
 *
 *     for (const conn of listen({ port: 8080 })) go(serve, conn);
 * @throws NetError if it cannot be had ("EADDRINUSE", "EACCES", …)
 */
export function listen(options: ListenOptions = {}, ctx?: Context): Listener {
  const { host, port = 0, path, backlog, reusePort, tls } = options;
  if (path === undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw argument("listen: a port from 0 to 65535, or a path");
  const g = current();
  const err = ctx?.err();
  if (err !== undefined) throw err;
  const server: Server =
    tls === undefined
      ? createServer({ allowHalfOpen: true, noDelay: true })
      : createTlsServer({ allowHalfOpen: true, noDelay: true, ...tls });
  const address = path ?? hostPort(host ?? "", port);
  server.once("error", (e: Error) => {
    g.v = netError("listen", address, e);
    g.x = THROW;
    ready(g);
  });
  server.once("listening", () => {
    server.removeAllListeners("error");
    // What it may say later (too many open files) concerns one connection, not the listener.
    server.on("error", () => {});
    const listener = new Listener(server, path ?? "");
    server.on(tls === undefined ? "connection" : "secureConnection", (socket: Socket) => listener.took(socket));
    g.v = listener;
    g.x = VALUE;
    ready(g);
  });
  park(g, LISTEN, new Listening(server));
  if (ctx !== undefined) watch(g, ctx);
  server.listen({
    ...(path === undefined ? { port } : { path }),
    ...(host === undefined ? {} : { host }),
    ...(backlog === undefined ? {} : { backlog }),
    ...(reusePort === undefined ? {} : { reusePort }),
  });
  return undefined as unknown as Listener;
}
