/** Who may look. A profile shows code, names and numbers of the program, and costs it time. */
import type { IncomingMessage } from "node:http";

/** Who may look. */
export interface AccessOptions {
  /**
   * Who knows it may look from anywhere: `Authorization: Bearer …`, or `?token=…`. Without one only programs on this machine may, and
   * no proxy.
   */
  token?: string;
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOCAL_NAME = /^(?:localhost|[a-z0-9-]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i;

/** Same length or not, it takes the same time. */
function isEqual(given: string, token: string): boolean {
  let difference = given.length ^ token.length;
  for (let i = 0; i < token.length; i++) difference |= (given.charCodeAt(i) || 0) ^ token.charCodeAt(i);
  return difference === 0;
}

function isSameOrigin(origin: string, host: string): boolean {
  try {
    return new URL(origin).host === host;
  } catch {
    return false; // "null"
  }
}

/** Why not; null: it may. */
export function refusal(req: IncomingMessage, query: URLSearchParams, { token }: AccessOptions): string | null {
  const { host = "", origin } = req.headers;
  // A page of somebody else's in the browser of somebody who may look.
  if (origin !== undefined && !isSameOrigin(origin, host)) return "requests of other origins are refused";
  const site = req.headers["sec-fetch-site"];
  if (site === "cross-site" || site === "same-site") return "requests of other sites are refused";
  if (token !== undefined) {
    const given = /^Bearer (.*)$/i.exec(req.headers.authorization ?? "")?.[1] ?? query.get("token") ?? "";
    return isEqual(given, token) ? null : "a token is needed: Authorization: Bearer TOKEN, or ?token=TOKEN";
  }
  const { remoteAddress } = req.socket;
  // A Unix socket has no address: its folder's permissions say who may.
  if (remoteAddress !== undefined && !LOOPBACK.test(remoteAddress))
    return "without a token only programs on the same machine may look: pprofHandler({ token })";
  if (req.headers["x-forwarded-for"] !== undefined || req.headers["forwarded"] !== undefined)
    return "behind a proxy a token is needed: pprofHandler({ token })";
  // A name that was made to mean this machine (DNS rebinding).
  if (host !== "" && !LOCAL_NAME.test(host)) return `the host ${JSON.stringify(host)} is not this machine's own name`;
  return null;
}
