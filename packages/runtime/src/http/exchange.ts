/** Which response belongs to a request: node:http knows only the other way. Also for the requests of frameworks that wrap Node's. */
import { subscribe } from "node:diagnostics_channel";
import { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse, Http2Stream } from "node:http2";
import { Readable } from "node:stream";

/** A property of the request, not a WeakMap: it is set for each one. */
const RESPONSE: unique symbol = Symbol("gort.response");

interface Linked {
  [RESPONSE]?: ServerResponse;
}

/** `res` answers `req`. */
export function belongs(req: IncomingMessage, res: ServerResponse): void {
  (req as Linked)[RESPONSE] = res;
}

// A handler that is not ours is often given the request alone (Fastify's, tRPC's), or its response is asked for nowhere.
subscribe("http.server.request.start", (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  belongs(request, response);
});

/** What is used of Fastify, which may not be there. */
interface Fastify {
  addHook(name: "onRequest", f: (request: Raw, reply: Raw, done: () => void) => void): unknown;
}
interface Raw {
  readonly raw: unknown;
}

// What its `inject` makes is no exchange of node:http, which says nothing of it, and such a request does not know how it ends.
subscribe("fastify.initialization", (message) => {
  (message as { fastify: Fastify }).fastify.addHook("onRequest", (request, reply, done) => {
    const { raw } = request;
    if (!(raw instanceof IncomingMessage) && reply.raw instanceof ServerResponse)
      belongs(raw as IncomingMessage, reply.raw);
    done();
  });
});

export function responseOf(req: IncomingMessage | Http2ServerRequest): ServerResponse | undefined {
  return (req as Linked)[RESPONSE];
}

/**
 * A request as node:http, Fastify (`request.raw`), Hono on Node (`c.env.incoming`) or Koa (`ctx.req`) hand it to a handler; or one of the web
 * (`request.signal`; Hono's `c.req.raw`).
 */
export type AnyRequest =
  | IncomingMessage
  | Http2ServerRequest
  | { readonly raw: unknown }
  | { readonly env: unknown }
  | { readonly req: IncomingMessage }
  | { readonly signal: AbortSignal };

/** What may hold Node's request and response. */
interface Wrapping {
  raw?: unknown;
  env?: { incoming?: unknown; outgoing?: unknown } | null;
  req?: unknown;
  res?: unknown;
  signal?: unknown;
}

/** Node's request, of HTTP/2 too, or what Fastify's `inject` makes in its place. */
const isRequest = (x: unknown): x is IncomingMessage =>
  x instanceof IncomingMessage || (x instanceof Readable && "headers" in x && "method" in x);

/** Of node:http2, which is not loaded to ask this. */
const isHttp2 = (res: unknown): res is Http2ServerResponse =>
  typeof (res as Partial<Http2ServerResponse> | null | undefined)?.createPushResponse === "function";

/** Whether these are Node's own two, as a server of node:http or node:http2 hands them to a handler itself. */
export function isExchange(req: unknown, res: unknown): boolean {
  return req instanceof IncomingMessage ? res instanceof ServerResponse : isRequest(req) && isHttp2(res);
}

/** What ends when the client goes away. A response of HTTP/2 does not know it, its stream does. */
export const endOf = (res: ServerResponse | Http2ServerResponse): ServerResponse | Http2Stream =>
  isHttp2(res) ? res.stream : res;

/** The two under what a handler was given; links them. Undefined where there is no node:http under it. */
export function exchangeOf(args: readonly unknown[]): IncomingMessage | undefined {
  const [a, b] = args as Wrapping[];
  const req = isRequest(a) ? a : (a?.raw ?? a?.env?.incoming ?? a?.req);
  const res = b instanceof ServerResponse ? b : (b?.raw ?? a?.env?.outgoing ?? a?.res);
  if (!isRequest(req)) return undefined;
  if (res instanceof ServerResponse) belongs(req, res);
  return req;
}

/** The signal of a request of the web, alone or as Hono wraps it: under `app.request(…)`, and where no node:http is below. */
export function signalOf(req: AnyRequest): AbortSignal | undefined {
  const a = req as Wrapping | null | undefined;
  const signal = a?.signal ?? (a?.req as { raw?: Wrapping } | undefined)?.raw?.signal;
  return signal instanceof AbortSignal ? signal : undefined;
}
