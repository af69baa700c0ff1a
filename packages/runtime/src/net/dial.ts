/** Connecting to a listener. */
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { Context } from "../context/context.ts";
import { argument } from "../errors/catalogue.ts";
import { watch } from "../scheduler/ctx.ts";
import { THROW, VALUE, type G, type Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { waitReason } from "../scheduler/reason.ts";
import { Conn } from "./conn.ts";
import { netError } from "./error.ts";

const DIAL: number = waitReason("IO wait (dial)");

/** Where to connect to: a host and a port, or the path of a Unix socket. */
export interface DialOptions {
  /** "localhost" if left out. */
  host?: string;
  port?: number;
  path?: string;
  /** TLS; with options of node:tls (`ca`, `servername`, `rejectUnauthorized`, …). */
  tls?: boolean | ConnectionOptions;
}

class Dialing implements Waitable {
  readonly #socket: Socket;
  constructor(socket: Socket) {
    this.#socket = socket;
  }
  cancelWait(): void {
    this.#socket.removeAllListeners();
    this.#socket.on("error", () => {}); // nobody waits for it any more
    this.#socket.destroy();
  }
}

/**
 * Connects, parking the caller until the connection stands. Go: net.Dial, tls.Dial.
 *
 *     using conn = dial({ host: "127.0.0.1", port: 8080 });
 * @param ctx give up when it ends (throws its error)
 * @throws NetError if the host does not resolve or does not answer, or the certificate is not accepted
 */
export function dial(options: DialOptions, ctx?: Context): Conn {
  const { host = "localhost", port, path, tls } = options;
  if (path === undefined && !(Number.isInteger(port) && port! >= 0 && port! <= 65_535))
    throw argument("dial: a port from 0 to 65535, or a path");
  const address = path ?? (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
  const g = current();
  const err = ctx?.err();
  if (err !== undefined) throw err;
  const to = path === undefined ? { host, port: port! } : { path };
  const secure = tls !== undefined && tls !== false;
  const socket: Socket = secure
    ? connectTls({ ...(isIP(host) === 0 ? { servername: host } : {}), ...(tls === true ? {} : tls), ...to })
    : connect({ ...to, allowHalfOpen: true, noDelay: true });
  socket.once(secure ? "secureConnect" : "connect", () => {
    socket.removeAllListeners("error");
    wake(g, new Conn(socket, path), VALUE);
  });
  socket.once("error", (e: Error) => wake(g, netError("dial", address, e), THROW));
  park(g, DIAL, new Dialing(socket));
  if (ctx !== undefined) watch(g, ctx);
  return undefined as unknown as Conn;
}

function wake(g: G, v: unknown, x: number): void {
  g.v = v;
  g.x = x;
  ready(g);
}
