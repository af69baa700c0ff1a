/** Where profiles are served: the value of --pprof. */

/** `6060`, `:6060`, `localhost:6060`, `[::1]:6060`; null if it is none of these. */
export function parseAddress(text: string): { host: string; port: number } | null {
  const m = /^(?:(?:\[([0-9a-f:.]+)\]|([^:[\]]*)):)?(\d{1,5})$/i.exec(text);
  if (m === null || Number(m[3]) > 65_535) return null;
  const host = m[1] ?? m[2] ?? "";
  return { host: host === "" ? "localhost" : host, port: Number(m[3]) };
}
