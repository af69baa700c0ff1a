/** Where to listen, or to connect to. */
import { argument, mustBeOptions, wants } from "../errors/catalogue.ts";

interface Place {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly tls?: unknown;
}

/** Throws GORT_ARGUMENT if what `by` was given is no place. `port`: where it names none. */
export function mustBePlace(by: string, options: Place, port?: number): void {
  mustBeOptions(options, by);
  const { host, port: at = port, path, tls } = options;
  if (host !== undefined && typeof host !== "string") throw wants(by, "a text as host", host);
  if (path !== undefined && typeof path !== "string") throw wants(by, "a text as path", path);
  // Who listens needs a certificate: Node would take `false` for TLS without one, which nobody can connect to.
  const may = tls === undefined || (port === undefined && typeof tls === "boolean");
  if (!may && (typeof tls !== "object" || tls === null)) throw wants(by, "an object of options as tls", tls);
  if (path === undefined && !(Number.isInteger(at) && at! >= 0 && at! <= 65_535))
    throw argument(`${by}: wants a port from 0 to 65535, or a path`);
}
