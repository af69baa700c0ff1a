/** Connecting to a listener. */
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { Context } from "../context/context.ts";
import { mustGoOn } from "../context/given.ts";
import { undo } from "../internal/entry.ts";
import { watch } from "../scheduler/ctx.ts";
import { THROW, VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { waitReason } from "../scheduler/reason.ts";
import { stackOf } from "../scheduler/stack.ts";
import { mustBePlace } from "./address.ts";
import { Conn } from "./conn.ts";
import { netError } from "./error.ts";
import { KEEP_ALIVE, KEEP_ALIVE_DELAY } from "./keepalive.ts";

const DIAL: number = waitReason("IO wait (dial)");

/** Where to connect to: a host and a port, or the path of a Unix socket. */
export interface DialOptions {
  /** "localhost" if left out. */
  host?: string;
  /** 0 to 65535; needed unless there is a path. */
  port?: number;
  /** Of a Unix socket, or a named pipe of Windows; host and port are not looked at then. */
  path?: string;
  /** TLS; with options of node:tls (`ca`, `servername`, `rejectUnauthorized`, …). Plain if left out. */
  tls?: boolean | ConnectionOptions;
}

/** A connection that does not stand yet, and who waits for it. */
class Dialing implements Waitable {
  readonly #socket: Socket;
  readonly #g: G;
  readonly #address: string;
  readonly #path: string | undefined;
  #over: boolean = false;

  constructor(g: G, socket: Socket, stands: string, address: string, path: string | undefined) {
    this.#g = g;
    this.#socket = socket;
    this.#address = address;
    this.#path = path;
    socket.once(stands, () => this.#stands());
    // It stays until the connection has its own: whoever has given up is not told, and the process does not end.
    socket.on("error", this.#failed);
  }

  readonly #failed = (e: Error): void => {
    if (this.#over) return;
    this.#over = true;
    this.#wake(stackOf(netError("dial", this.#address, e), this.#g), THROW);
  };

  #stands(): void {
    if (this.#over) return;
    this.#over = true;
    const conn = new Conn(this.#socket, this.#path);
    this.#socket.off("error", this.#failed);
    this.#wake(conn, VALUE);
  }

  #wake(v: unknown, x: number): void {
    this.#g.v = v;
    this.#g.x = x;
    ready(this.#g);
  }

  cancelWait(): void {
    this.#over = true;
    this.#socket.destroy();
  }
}

/**
 * Connects, parking the caller until the connection, with TLS its handshake too, stands. Go: net.Dial, tls.Dial.
 *
 *     using conn = dial({ host: "127.0.0.1", port: 8080 });
 * @param ctx give up when it ends (throws its error)
 * @throws NetError if the host does not resolve or does not answer, or the certificate is not accepted; TypeError GORT_ARGUMENT if an option is of
 *   a wrong type, or there is neither port nor path
 */
export function dial(options: DialOptions, ctx?: Context): Conn {
  mustBePlace("dial", options);
  const { host = "localhost", port, path, tls } = options;
  const address = path ?? (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
  mustGoOn(ctx, "dial");
  const g = current();
  const to = path === undefined ? { host, port: port! } : { path };
  const secure = tls !== undefined && tls !== false;
  try {
    const socket = secure
      ? connectTls(tlsOptions(host, tls === true ? {} : tls, to))
          .setNoDelay(true)
          .setKeepAlive(true, KEEP_ALIVE_DELAY)
      : connect({ ...to, allowHalfOpen: true, noDelay: true, ...KEEP_ALIVE });
    park(g, DIAL, new Dialing(g, socket, secure ? "secureConnect" : "connect", address, path));
  } catch (e) {
    // Node has refused an option: a certificate that is none.
    undo(g);
    throw netError("dial", address, e as Error);
  }
  if (ctx !== undefined) watch(g, ctx);
  return undefined as unknown as Conn;
}

/** Node takes `allowHalfOpen` here too; its types do not say so. */
function tlsOptions(host: string, own: ConnectionOptions, to: object): ConnectionOptions & { allowHalfOpen: boolean } {
  return { ...(isIP(host) === 0 ? { servername: host } : {}), allowHalfOpen: true, ...own, ...to };
}
