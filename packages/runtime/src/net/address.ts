/** Where to listen, or to connect to. */
import { argument, wants } from "../errors/catalogue.ts";

interface Place {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
}

/** Throws GORT_ARGUMENT if what `by` was given is no place. `port`: where it names none. */
export function mustBePlace(by: string, options: Place, port?: number): void {
  if (typeof options !== "object" || options === null) throw wants(by, "an object of options", options);
  const { host, port: at = port, path } = options;
  if (host !== undefined && typeof host !== "string") throw wants(by, "a text as host", host);
  if (path === undefined && !(Number.isInteger(at) && at! >= 0 && at! <= 65_535))
    throw argument(`${by}: wants a port from 0 to 65535, or a path`);
}
