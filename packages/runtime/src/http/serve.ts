/** serve: an HTTP server whose every request is a goroutine. */
import {
  createServer,
  type IncomingMessage,
  type Server as NodeServer,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TlsOptions } from "node:tls";
import type { Context } from "../context/context.ts";
import { argument } from "../errors/catalogue.ts";
import { netError } from "../net/error.ts";
import { hostPort } from "../net/conn.ts";
import { suspendable } from "../internal/state.ts";
import { watch } from "../scheduler/ctx.ts";
import { THROW, VALUE, type G, type Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { waitReason } from "../scheduler/reason.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { serveOne, type Handler, type Report } from "./goroutine.ts";

const LISTEN: number = waitReason("IO wait (listen)");
const SERVING: number = waitReason("http.Server.wait");
const DRAINING: number = waitReason("http.Server.close");

export interface ServeOptions {
  /** All interfaces if left out. */
  host?: string;
  /** 0: one that is free. */
  port?: number;
  path?: string;
  /** HTTPS, with options of node:tls (`key`, `cert`, …). */
  tls?: TlsOptions;
  /** Options of node:http: time limits, header sizes. */
  http?: ServerOptions;
  /** What a handler has thrown; on standard error, as Go's server does, if left out. */
  onError?: Report;
}

/** A running server. Go: http.Server. */
export class Server implements Waitable, Disposable {
  readonly #server: NodeServer;
  readonly #waiting: WaitQ = new WaitQ();
  #closing: boolean = false;
  #closed: boolean = false;
  /** "127.0.0.1:8080", or a path. */
  readonly addr: string;
  /** The port; 0 for a path. */
  readonly port: number;

  /** For {@link serve}. */
  constructor(server: NodeServer) {
    this.#server = server;
    const address = server.address() as AddressInfo | string;
    this.addr = typeof address === "string" ? address : hostPort(address.address, address.port);
    this.port = typeof address === "string" ? 0 : address.port;
    server.on("close", () => {
      this.#closed = true;
      for (let g = this.#waiting.shift() as G | null; g !== null; g = this.#waiting.shift() as G | null) {
        g.v = undefined;
        g.x = VALUE;
        ready(g);
      }
    });
  }

  /** Parks the caller until the server is closed and its last request answered. */
  wait(ctx?: Context): void {
    if (!this.#closed) this.#park(SERVING, ctx);
  }

  /**
   * Takes no more connections, and parks the caller until the requests under way are answered. Go: Shutdown.
   * @param ctx how long: when it ends, open connections are cut and its error is thrown
   */
  close(ctx?: Context): void {
    if (this.#closed) return;
    const g = current();
    this.#stop();
    this.#waiting.push(g);
    park(g, DRAINING, this);
    if (ctx === undefined) return;
    this.#cutAfter(ctx);
    watch(g, ctx);
  }

  /** Cuts every connection. Go: Close. */
  [Symbol.dispose](): void {
    this.#stop();
    this.#server.closeAllConnections();
  }

  /** A request has come. */
  opened(res: ServerResponse): void {
    res.once("close", () => {
      // A connection that is kept would keep the server.
      if (this.#closing) this.#server.closeIdleConnections();
    });
  }

  #stop(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** When `ctx` ends before the last answer, whoever waits gets its error, and what is open is cut. */
  #cutAfter(ctx: Context): void {
    const { signal } = ctx;
    const cut = (): void => this.#server.closeAllConnections();
    if (signal.aborted) cut();
    else {
      signal.addEventListener("abort", cut, { once: true });
      this.#server.once("close", () => signal.removeEventListener("abort", cut));
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

class Starting implements Waitable {
  readonly #server: NodeServer;
  constructor(server: NodeServer) {
    this.#server = server;
  }
  cancelWait(): void {
    this.#server.removeAllListeners();
    this.#server.on("error", () => {});
    this.#server.close();
  }
}

/**
 * Serves HTTP; returns once listening. Each request is a goroutine: it may block and compute, and is preempted, so the others stay
 * quick. A handler that throws answers 500 (or the error's own `status`), is reported, and ends nothing else. Go: http.Serve.
 *
 *     const server = serve({ port: 8080 }, (req, res) => res.end(answer(req.url)));
 *     server.wait();
 * @throws NetError if the port cannot be had
 */
export function serve(options: ServeOptions, handler: Handler): Server {
  const { host, port = 0, path, tls, http = {}, onError } = options;
  if (typeof handler !== "function") throw argument("serve: a function (req, res) that answers requests");
  if (path === undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw argument("serve: a port from 0 to 65535, or a path");
  const g = current();
  const server: NodeServer = tls === undefined ? createServer(http) : createSecureServer({ ...http, ...tls });
  server.once("error", (e: Error) => {
    g.v = netError("listen", path ?? hostPort(host ?? "", port), e);
    g.x = THROW;
    ready(g);
  });
  server.once("listening", () => {
    server.removeAllListeners("error");
    server.on("error", () => {});
    const running = new Server(server);
    server.on("request", (req: IncomingMessage, res: ServerResponse) => {
      running.opened(res);
      serveOne(handler, req, res, onError);
    });
    g.v = running;
    g.x = VALUE;
    ready(g);
  });
  park(g, LISTEN, new Starting(server));
  server.listen({ ...(path === undefined ? { port } : { path }), ...(host === undefined ? {} : { host }) });
  return undefined as unknown as Server;
}
suspendable(serve);
