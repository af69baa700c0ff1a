/** serve: an HTTP server whose every request is a goroutine. */
import {
  createServer,
  type IncomingMessage,
  type Server as NodeServer,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, ListenOptions, Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import type { Context } from "../context/context.ts";
import { argument } from "../errors/catalogue.ts";
import { netError } from "../net/error.ts";
import { hostPort } from "../net/conn.ts";
import { given, take } from "../net/given.ts";
import { KEEP_ALIVE } from "../net/keepalive.ts";
import { opening, type Spread, spread } from "../net/spread.ts";
import { mustBePlace } from "../net/address.ts";
import { LISTEN, Starting } from "../net/starting.ts";
import { host, type HostTimer } from "../internal/host.ts";
import { undo } from "../internal/entry.ts";
import { suspendable } from "../internal/state.ts";
import { watch } from "../scheduler/ctx.ts";
import { VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { waitReason } from "../scheduler/reason.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { mustBeReport, serveOne, siteOf, type Handler, type Report } from "./goroutine.ts";

const SERVING: number = waitReason("http.Server.wait");
const DRAINING: number = waitReason("http.Server.close");

/** What to listen on, a port or the path of a Unix socket, and how. */
export interface ServeOptions {
  /** All interfaces if left out. */
  host?: string;
  /** 0, or left out: one that is free, see {@link Server.port}. */
  port?: number;
  /** Of a Unix socket, or a named pipe of Windows; host and port are not looked at then. */
  path?: string;
  /** HTTPS, with options of node:tls (`key`, `cert`, …). Plain HTTP if left out. */
  tls?: TlsOptions;
  /** Options of node:http: time limits in milliseconds, header sizes in bytes. Node's own defaults. */
  http?: ServerOptions;
  /** What a handler has thrown; on standard error, as Go's server does, if left out. */
  onError?: Report;
}

/** The response to the last request of a connection: a field of the socket, which costs a request less than a list of those open. */
const LAST: unique symbol = Symbol("gort.last");

interface Carrying {
  [LAST]?: ServerResponse;
}

/** Whether a request of the connection is being answered. Answers are sent in order, so the last one's end is the end of all. */
function isBusy(socket: Carrying): boolean {
  const res = socket[LAST];
  return res !== undefined && !res.writableFinished && !res.destroyed;
}

/** How long a closing server waits for requests whose head has not come yet, ms. Go: the same. */
const GRACE = 5000;

/** Closes a server where no goroutine waits for it: on a thread that serves for main. */
export let close: (server: Server, cut: boolean) => void;

/** A running server. `using` cuts its connections at the end of the block. Go: http.Server. */
export class Server implements Waitable, Disposable {
  /** Node's own server, for packages that want one: `new WebSocketServer({ server: server.node })`. */
  readonly node: NodeServer;
  readonly #waiting: WaitQ = new WaitQ();
  readonly #sockets: Set<Socket & Carrying> = new Set();
  #grace: HostTimer | null = null;
  #forget: () => void = () => {};
  #closing: boolean = false;
  #closed: boolean = false;
  /** "127.0.0.1:8080", or a path. */
  readonly addr: string;
  /** The port; 0 for a path. */
  readonly port: number;

  /** The same server on other threads, if there are any. */
  readonly #spread: Spread | null;

  /** For {@link serve}. */
  constructor(
    server: NodeServer,
    handler: Function,
    onError: Report | undefined,
    elsewhere: object | null,
    shared: readonly unknown[],
  ) {
    const spread = elsewhere as Spread | null;
    this.node = server;
    this.#spread = spread;
    const address = server.address() as AddressInfo | string;
    this.addr = typeof address === "string" ? address : hostPort(address.address, address.port);
    this.port = typeof address === "string" ? 0 : address.port;
    const site = siteOf(handler);
    server.on("request", (req: IncomingMessage, res: ServerResponse) => {
      (req.socket as Carrying)[LAST] = res;
      if (this.#closing) this.#closesBehind(res);
      serveOne(handler, req, res, site, onError, shared);
    });
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.on("error", (e: Error) => host.stderr(`http: accept ${this.addr}: ${e.message}\n`));
    server.on("close", () => {
      if (this.#grace !== null) host.clearTimer(this.#grace);
      // Its own last connection may be done before it was told to close.
      if (spread === null) this.#ended();
      else spread.close(() => this.#ended());
    });
  }

  /** On all threads. */
  #ended(): void {
    this.#closed = true;
    this.#forget();
    for (let g = this.#waiting.shift() as G | null; g !== null; g = this.#waiting.shift() as G | null) {
      g.v = undefined;
      g.x = VALUE;
      ready(g);
    }
  }

  /**
   * Parks the caller until the server is closed and its last request answered.
   * @param ctx stop waiting when it ends (throws its error; the server goes on)
   */
  wait(ctx?: Context): void {
    if (!this.#closed) this.#park(SERVING, ctx);
  }

  /**
   * Takes no more connections, and parks the caller until the requests under way are answered. Connections that have not sent a whole request are cut
   * after 5 s. Go: Server.Shutdown.
   * @param ctx how long: when it ends, open connections are cut and its error is thrown
   */
  close(ctx?: Context): void {
    if (this.#closed) return;
    // Before the goroutine waits: a context of one's own is asked, and one that ends now calls its listeners.
    const signal = ctx?.signal;
    const g = current();
    this.#stop();
    this.#waiting.push(g);
    park(g, DRAINING, this);
    if (ctx === undefined) return;
    this.#cutAfter(signal as AbortSignal);
    watch(g, ctx);
  }

  /** Takes no more connections, and cuts every one there is. Go: Server.Close. */
  [Symbol.dispose](): void {
    this.#stop();
    this.#cut();
  }

  #cut(): void {
    this.node.closeAllConnections();
    this.#spread?.cut();
  }

  static {
    close = (server, cut) => {
      server.#stop();
      if (cut) server.#cut();
    };
  }

  /** A connection that is kept would keep the server. */
  #closesBehind(res: ServerResponse): void {
    res.once("close", () => this.node.closeIdleConnections());
  }

  #stop(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#spread?.stop();
    this.node.close();
    this.node.closeIdleConnections();
    let waiting = false;
    for (const socket of this.#sockets) {
      if (isBusy(socket)) this.#closesBehind(socket[LAST] as ServerResponse);
      else waiting = true;
    }
    if (!waiting) return;
    // Node takes a connection that has sent nothing yet, or half a head, for a busy one, for good.
    this.#grace = host.setTimer(() => {
      for (const socket of this.#sockets) if (!isBusy(socket)) socket.destroy();
    }, GRACE);
    this.#grace.unref();
  }

  /** When its context ends before the last answer, whoever waits gets its error, and what is open is cut. */
  #cutAfter(signal: AbortSignal): void {
    const cut = (): void => this.#cut();
    if (signal.aborted) cut();
    else {
      signal.addEventListener("abort", cut, { once: true });
      this.#forget = () => signal.removeEventListener("abort", cut);
    }
  }

  #park(reason: number, ctx: Context | undefined): void {
    const g = current();
    this.#waiting.push(g);
    park(g, reason, this);
    if (ctx !== undefined) watch(g, ctx);
  }

  cancelWait(g: G): void {
    this.#waiting.remove(g);
  }
}

/** Node's server of some options, which does not listen yet. */
export function nodeServer({ tls, http }: ServeOptions): NodeServer {
  const options = { ...KEEP_ALIVE, ...http };
  return tls === undefined ? createServer(options) : createSecureServer({ ...options, ...tls });
}

/** What it listens on. */
export function addressOf({ host: name, port = 0, path }: ServeOptions, reusePort: boolean): ListenOptions {
  return {
    ...(path === undefined ? { port } : { path }),
    ...(name === undefined ? {} : { host: name }),
    ...(reusePort ? { reusePort } : {}),
  };
}

/**
 * Serves HTTP; returns once listening. Each request is a goroutine: it may block and compute, and is preempted, so the others stay
 * quick. A handler that throws answers 500 (or the error's own `status`), is reported, and ends nothing else. Go: http.Serve.
 *
 * A parallel handler serves on all threads, where the system can share a port (SO_REUSEPORT): each connection is one thread's.
 *
 *     const server = serve({ port: 8080 }, (req, res) => res.end(answer(req.url)));
 *     server.wait();
 *
 * @param shared what the handler is given behind request and response, as {@link go} gives arguments: channels and what is in sync are
 * shared with a parallel handler's threads, everything else is copied for each
 * @throws NetError (gort/net) if the port cannot be had; TypeError GORT_ARGUMENT if an option or `handler` is of a wrong type
 * @throws GortError GORT_SHARE if the handler is parallel, and an option, or what it is given, cannot go to other threads
 */
export function serve<A extends unknown[]>(options: ServeOptions, handler: Handler<A>, ...shared: A): Server {
  mustBePlace("serve", options, 0);
  const { port = 0, path, onError } = options;
  mustBeReport(onError, "serve");
  if (typeof handler !== "function") throw argument("serve: wants a function (req, res) that answers requests");
  const g = current();
  const address = path ?? hostPort(options.host ?? "", port);
  const { onError: _, ...crossing } = options;
  const spreads = opening("http", handler, crossing, onError);
  const gives = given(handler, shared);
  try {
    const server = nodeServer(options);
    const started = (): Server => {
      const own = gives === null ? shared : take(gives.send());
      if (spreads === null) return new Server(server, handler, onError, null, own);
      spreads.options = { ...spreads.options, port: (server.address() as AddressInfo).port };
      return new Server(server, handler, onError, spread(spreads, gives), own);
    };
    const starting = new Starting(g, server, address, started);
    server.listen(addressOf(options, spreads !== null));
    park(g, LISTEN, starting);
  } catch (e) {
    undo(g);
    throw netError("listen", address, e as Error);
  }
  return undefined as unknown as Server;
}
suspendable(serve);
