/**
 * serve: a server of connections whose every connection is a goroutine, on one thread or on all.
 *
 *     handler(conn)     the user's frames
 *     Ending            lies under them: the connection ends with them
 */
import type { AddressInfo, Server, Socket } from "node:net";
import { argument, isA } from "../errors/catalogue.ts";
import { host } from "../internal/host.ts";
import { undo } from "../internal/entry.ts";
import { R, suspendable, type Frame } from "../internal/state.ts";
import { watch } from "../scheduler/ctx.ts";
import { FRESH_MANY, FRESH_ONE, VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { newG, startInOrder } from "../scheduler/go.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { waitReason } from "../scheduler/reason.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import type { Context } from "../context/context.ts";
import { mustBePlace } from "./address.ts";
import { begin, Conn, hostPort } from "./conn.ts";
import { NetError, netError } from "./error.ts";
import { given, take } from "./given.ts";
import { Handshakes, type ListenOptions, netAddress, netServer } from "./listener.ts";
import { opening, type Spread, spread } from "./spread.ts";
import { LISTEN, Starting } from "./starting.ts";

const SERVING: number = waitReason("net.Server.wait");

/** Handles a connection, which is closed when it returns. `A`: what {@link serve} was given for it. */
export type ConnHandler<A extends unknown[] = []> = (conn: Conn, ...shared: A) => unknown;

/** Under the frames of a handler. */
class Ending implements Frame {
  readonly r: (f: Frame | null) => unknown = endingFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly conn: Conn;
  constructor(conn: Conn) {
    this.conn = conn;
  }
}

function endingFrame(f: Frame | null): unknown {
  if (f === null) return "gort.serve\n\n";
  (f as Ending).conn.close();
  // A connection that fails is nobody's mistake, and the end of nothing else.
  if (R.x === 1 && isA(R.v, NetError)) {
    R.x = 0;
    R.v = undefined;
    return undefined;
  }
  return R.taken();
}
suspendable(endingFrame);

/** A running server of connections. `using` cuts them at the end of the block. Go: no counterpart. */
export class ConnServer implements Waitable, Disposable {
  readonly #server: Server;
  readonly #spread: Spread | null;
  readonly #waiting: WaitQ = new WaitQ();
  readonly #sockets: Set<Socket> = new Set();
  readonly #shaking: Handshakes | null;
  #closing: boolean = false;
  #closed: boolean = false;
  /** "127.0.0.1:8080", or a path. */
  readonly addr: string;
  /** The port; 0 for a path. */
  readonly port: number;

  /** For {@link serve}. */
  constructor(
    server: Server,
    path: string,
    secure: boolean,
    handler: Function,
    elsewhere: object | null,
    shared: readonly unknown[],
  ) {
    const spread = elsewhere as Spread | null;
    this.#server = server;
    this.#spread = spread;
    this.#shaking = secure ? new Handshakes(server) : null;
    const address = server.address() as AddressInfo | string;
    this.addr = typeof address === "string" ? address : hostPort(address.address, address.port);
    this.port = typeof address === "string" ? 0 : address.port;
    const site = `${handler.name === "" ? "handler" : handler.name}\n`;
    server.on(secure ? "secureConnection" : "connection", (socket: Socket) => {
      this.#shaking?.done(socket);
      if (this.#closing) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      const conn = new Conn(socket, path);
      const g =
        shared.length === 0
          ? newG(handler, FRESH_ONE, conn, 0, site)
          : newG(handler, FRESH_MANY, [conn, ...shared], 0, site);
      g.frame = new Ending(conn);
      startInOrder(g);
      begin(conn);
    });
    server.on("error", (e: Error) => host.stderr(`net: accept ${this.addr}: ${e.message}\n`));
    server.on("close", () => {
      if (spread === null) this.#ended();
      else spread.close(() => this.#ended());
    });
  }

  /**
   * Parks the caller until the server is closed and its last connection has ended.
   * @param ctx stop waiting when it ends (throws its error; the server goes on)
   */
  wait(ctx?: Context): void {
    if (this.#closed) return;
    const g = current();
    this.#waiting.push(g);
    park(g, SERVING, this);
    if (ctx !== undefined) watch(g, ctx);
  }

  /** Takes no more connections, on any thread, and does not wait. Those there are go on: {@link wait} waits for them. */
  close(): void {
    this.end(false);
  }

  /** Closes, and cuts every connection. */
  [Symbol.dispose](): void {
    this.end(true);
  }

  /** For the threads of a server: closes, or cuts. */
  end(cut: boolean): void {
    if (!this.#closing) {
      this.#closing = true;
      this.#spread?.stop();
      this.#server.close();
      this.#shaking?.end();
    }
    if (!cut) return;
    this.#spread?.cut();
    for (const socket of this.#sockets) socket.destroy();
  }

  #ended(): void {
    this.#closed = true;
    for (let g = this.#waiting.shift() as G | null; g !== null; g = this.#waiting.shift() as G | null) {
      g.v = undefined;
      g.x = VALUE;
      ready(g);
    }
  }

  cancelWait(g: G): void {
    this.#waiting.remove(g);
  }
}

/**
 * Listens, and runs `handler` as a goroutine for each connection, which is closed when it returns; returns once listening. A NetError that
 * leaves the handler ends its connection alone; anything else that does is fatal, as in every goroutine. Go: no counterpart (a loop of Accept and go).
 *
 * A parallel handler serves on all threads, where the system can share a port (SO_REUSEPORT): each connection is one thread's.
 *
 *     const echo = parallel((conn: Conn) => { … });
 *     serve({ port: 7 }, echo).wait();
 *
 * @param shared what the handler is given behind the connection, as {@link go} gives arguments: channels and what is in sync are shared with
 * a parallel handler's threads, everything else is copied for each
 * @throws NetError if the port cannot be had; TypeError GORT_ARGUMENT if an option or `handler` is of a wrong type
 * @throws GortError GORT_SHARE if the handler is parallel, and an option, or what it is given, cannot go to other threads
 */
export function serve<A extends unknown[]>(options: ListenOptions, handler: ConnHandler<A>, ...shared: A): ConnServer {
  mustBePlace("serve", options, 0);
  const { host: name, port = 0, path, tls } = options;
  if (typeof handler !== "function") throw argument("serve: wants a function (conn) that handles connections");
  const g = current();
  const address = path ?? hostPort(name ?? "", port);
  const spreads = opening("net", handler, options);
  const gives = given(handler, shared);
  try {
    const server = netServer(options);
    const started = (): ConnServer => {
      if (spreads !== null) spreads.options = { ...spreads.options, port: (server.address() as AddressInfo).port };
      const elsewhere = spreads === null ? null : spread(spreads, gives);
      const own = gives === null ? shared : take(gives.send());
      return new ConnServer(server, path ?? "", tls !== undefined, handler, elsewhere, own);
    };
    const starting = new Starting(g, server, address, started);
    server.listen(netAddress(spreads === null ? options : { ...options, reusePort: true }));
    park(g, LISTEN, starting);
  } catch (e) {
    undo(g);
    throw netError("listen", address, e as Error);
  }
  return undefined as unknown as ConnServer;
}
suspendable(serve);
