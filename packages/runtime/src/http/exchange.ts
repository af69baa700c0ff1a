/** Which response belongs to a request: node:http knows only the other way. Also for the requests of frameworks that wrap Node's. */
import { IncomingMessage, ServerResponse } from "node:http";

/** A property of the request, not a WeakMap: it is set for each one. */
const RESPONSE: unique symbol = Symbol("gort.response");

interface Linked {
  [RESPONSE]?: ServerResponse;
}

/** `res` answers `req`. */
export function belongs(req: IncomingMessage, res: ServerResponse): void {
  (req as Linked)[RESPONSE] = res;
}

export function responseOf(req: IncomingMessage): ServerResponse | undefined {
  return (req as Linked)[RESPONSE];
}

/** A request as node:http, Fastify (`request.raw`), Hono on Node (`c.env.incoming`) or Koa (`ctx.req`) hand it to a handler. */
export type AnyRequest =
  | IncomingMessage
  | { readonly raw: unknown }
  | { readonly env: unknown }
  | { readonly req: IncomingMessage };

/** What may hold Node's request and response. */
interface Wrapping {
  raw?: unknown;
  env?: { incoming?: unknown; outgoing?: unknown } | null;
  req?: unknown;
  res?: unknown;
}

/** The two under what a handler was given; links them. Undefined where there is no node:http under it. */
export function exchangeOf(args: readonly unknown[]): IncomingMessage | undefined {
  const [a, b] = args as Wrapping[];
  const req = a instanceof IncomingMessage ? a : (a?.raw ?? a?.env?.incoming ?? a?.req);
  const res = b instanceof ServerResponse ? b : (b?.raw ?? a?.env?.outgoing ?? a?.res);
  if (!(req instanceof IncomingMessage)) return undefined;
  if (res instanceof ServerResponse) belongs(req, res);
  return req;
}
