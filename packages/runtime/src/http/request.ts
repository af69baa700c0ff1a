/**
 * What a handler does with a request and a response, as blocking code. Functions, not classes of our own: they work on the
 * requests of every framework that stands on node:http.
 */
import { IncomingMessage, type ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse, Http2Stream } from "node:http2";
import { Readable, type Duplex } from "node:stream";
import type { Context } from "../context/context.ts";
import { mustGoOn } from "../context/given.ts";
import { background } from "../context/background.ts";
import { fromSignal, withCancelCause } from "../context/with.ts";
import { argument, isA, mustBeOptions, wants } from "../errors/catalogue.ts";
import { fromAsyncIterable } from "../stream/iterable.ts";
import { checkOptions, type SourceChan, type SourceOptions } from "../stream/source.ts";
import { endOf, exchangeOf, responseOf, signalOf, type AnyRequest } from "./exchange.ts";
import { watch } from "../scheduler/ctx.ts";
import { THROW, VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { stackOf } from "../scheduler/stack.ts";
import { waitReason } from "../scheduler/reason.ts";

const BODY: number = waitReason("IO wait (request body)");
const DRAIN: number = waitReason("IO wait (response)");

/** What is wrong with a request or its connection. One of your own answers its status, if nobody catches it. Go: no counterpart. */
export class HttpError extends Error {
  /** "ERR_TOO_LARGE" or "ERR_CLIENT_GONE"; what it was given, if it is your own. */
  readonly code: string;
  /** The status that answers it, should nobody catch it: 413, or 499 where the client is gone and will not see it. One that is not 400 to 599 answers 500. */
  readonly status: number;
  /** What was under way: "read" of a body, "write" of an answer, or "serve" (the default). */
  readonly op: string;
  constructor(code: string, status: number, message: string, cause?: unknown, op: string = "serve") {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "HttpError";
    this.op = op;
    this.code = code;
    this.status = status;
  }
}

const gone = (op: string, cause?: unknown): HttpError =>
  new HttpError("ERR_CLIENT_GONE", 499, "the client has closed the connection", cause, op);

const contexts: WeakMap<object, Context> = new WeakMap();

/**
 * The context of a request, the same each time: ends when the client goes away (`cause()` is an HttpError "ERR_CLIENT_GONE"), or when the response
 * has been sent; `err()` is `Canceled` either way. `req` may be Node's, or what a
 * {@link handler} of Fastify, Koa or Hono is given. The context of a request of the web (`Request`) ends with its signal. Go: Request.Context.
 * @throws TypeError GORT_ARGUMENT if there is no request in it
 */
export function contextOf(req: AnyRequest): Context {
  const message = exchangeOf([req]);
  const signal = message === undefined ? signalOf(req) : undefined;
  const whose = message ?? signal;
  if (whose === undefined)
    throw argument("contextOf: wants a request of node:http, Fastify, Koa or Hono, or a Request");
  let ctx = contexts.get(whose);
  if (ctx !== undefined) return ctx;
  if (message === undefined) {
    ctx = fromSignal(signal!);
    contexts.set(whose, ctx);
    return ctx;
  }
  const [made, cancel] = withCancelCause(background());
  ctx = made;
  contexts.set(message, ctx);
  const res = responseOf(message);
  // A response says both: that it has been sent, and that nobody is there to take it. So does a stream of HTTP/2.
  const answer = res === undefined ? (message as { stream?: Duplex }).stream : endOf(res);
  // What stands in for a response in a test closes before it says that it has written all.
  let sent = false;
  answer?.once("finish", () => (sent = true));
  const closed = (): void => cancel(sent || answer?.writableFinished === true ? undefined : gone("serve"));
  // What stands in for a request in a test has no connection.
  const source = answer ?? (message instanceof IncomingMessage ? message.socket : (message as Readable));
  if (source.destroyed || source.closed) closed();
  else (source as Readable).once("close", closed);
  return ctx;
}

/** A request may still fail when nobody asks any more. */
function ignore(): void {}

/** Requests and responses are Node's of either HTTP, or what a framework or a test has in their place. */
function hasMethod(x: unknown, name: "on" | "write"): boolean {
  try {
    return typeof (x as Partial<Record<string, unknown>> | null | undefined)?.[name] === "function";
  } catch {
    return false;
  }
}

/** Throws unless there is a body to be read. */
function mustBeRequest(req: unknown, of: string): void {
  if (!hasMethod(req, "on")) throw wants(of, "a request", req);
}

/** Reads a body to its end. */
class Reading implements Waitable {
  readonly #req: IncomingMessage | Http2ServerRequest;
  readonly #limit: number;
  readonly #g: G;
  readonly #chunks: Buffer[] = [];
  #size: number = 0;
  #over: boolean = false;

  constructor(req: IncomingMessage | Http2ServerRequest, limit: number, g: G) {
    this.#req = req;
    this.#limit = limit;
    this.#g = g;
    req.on("data", this.#data).on("end", this.#end).on("error", this.#failed).on("close", this.#closed);
  }

  readonly #data = (chunk: Buffer | string): void => {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.#size += bytes.length;
    if (this.#size > this.#limit) {
      this.#refuse();
      const why = `the request body is larger than ${this.#limit} bytes`;
      this.#finish(new HttpError("ERR_TOO_LARGE", 413, why, undefined, "read"), THROW);
    } else this.#chunks.push(bytes);
  };
  /** The rest is read by nobody, so nothing can come behind it on this connection. */
  #refuse(): void {
    const res = responseOf(this.#req);
    if (res === undefined) this.#req.destroy();
    else if (!res.headersSent) res.shouldKeepAlive = false;
  }

  // A body of HTTP/2 ends also where its client has left: only this tells.
  readonly #end = (): void =>
    this.#req.aborted ? this.#closed() : this.#finish(Buffer.concat(this.#chunks, this.#size), VALUE);
  readonly #failed = (e: Error): void => this.#finish(gone("read", e), THROW);
  readonly #closed = (): void => this.#finish(gone("read"), THROW);

  #finish(v: unknown, x: number): void {
    if (this.#over) return;
    this.cancelWait();
    const g = this.#g;
    if (x === THROW) stackOf(v as HttpError, g);
    g.v = v;
    g.x = x;
    ready(g);
  }

  cancelWait(): void {
    this.#over = true;
    const req = this.#req;
    req.off("data", this.#data).off("end", this.#end).off("error", this.#failed).off("close", this.#closed);
    if (!req.listeners("error").includes(ignore)) req.on("error", ignore);
    req.pause();
  }
}

/**
 * Reads a request's (or a client's response's) whole body, parking the caller until it is there. Of one that was read before it returns 0 bytes.
 * Go: io.ReadAll of Request.Body, within http.MaxBytesReader.
 * @param options.limit bytes at most; 10 MiB if left out, Infinity for no limit
 * @param ctx stop waiting when it ends (throws its error; what has come is lost)
 * @throws HttpError "ERR_TOO_LARGE" (answered with 413 if nobody catches it), "ERR_CLIENT_GONE"; TypeError GORT_ARGUMENT if an argument is of a
 *   wrong type
 */
export function readBody(
  req: IncomingMessage | Http2ServerRequest,
  options: { limit?: number } = {},
  ctx?: Context,
): Buffer {
  mustBeRequest(req, "readBody");
  mustBeOptions(options, "readBody");
  const { limit = 10 * 1024 * 1024 } = options;
  if (typeof limit !== "number" || !(limit >= 0)) throw argument("readBody: wants a limit in bytes, 0 or more");
  if (req.aborted) throw gone("read");
  if (req.readableEnded) return Buffer.alloc(0);
  if (req.destroyed) throw gone("read");
  mustGoOn(ctx, "readBody");
  const g = current();
  park(g, BODY, new Reading(req, limit, g));
  if (ctx !== undefined) watch(g, ctx);
  return undefined as unknown as Buffer;
}

/**
 * A request's (or a client's response's) body as a channel of its parts: read as it is received, so a slow reader slows the client down. A
 * client that leaves before the end makes the channel throw, so half a body never looks like a whole one. Go: Request.Body.
 *
 *     using parts = bodyChunks(req);
 *     for (const part of parts) file.write(part);
 * @param options how many parts are read ahead (none), and a context that stops it: see {@link fromAsyncIterable}
 * @throws HttpError "ERR_CLIENT_GONE", from the channel, or at once if it has left; TypeError GORT_ARGUMENT, RangeError GORT_RANGE if an argument is wrong
 */
export function bodyChunks(req: IncomingMessage | Http2ServerRequest, options: SourceOptions = {}): SourceChan<Buffer> {
  mustBeRequest(req, "bodyChunks");
  checkOptions("bodyChunks", options);
  if (req.destroyed && !req.readableEnded) throw gone("read");
  return fromAsyncIterable<Buffer>(parts(req), options);
}

async function* parts(req: IncomingMessage | Http2ServerRequest): AsyncGenerator<Buffer> {
  try {
    for await (const part of (req as Readable).iterator({ destroyOnReturn: false })) yield Buffer.from(part as Buffer);
    if (req.aborted) throw gone("read");
  } catch (e) {
    throw isA(e, HttpError) ? e : gone("read", e);
  }
}

/** Waits until a response can take more, or cannot any more. */
class Draining implements Waitable {
  readonly #res: ServerResponse | Http2ServerResponse;
  readonly #end: ServerResponse | Http2Stream;
  readonly #g: G;
  constructor(res: ServerResponse | Http2ServerResponse, g: G) {
    this.#res = res;
    this.#end = endOf(res);
    this.#g = g;
    res.on("drain", this.#drained).on("error", this.#failed).on("close", this.#closed);
    // On Node.js 22 a stream of HTTP/2 does not close before what stands in it is sent, which nobody takes any more.
    this.#end.on("aborted", this.#closed);
  }
  readonly #drained = (): void => this.#finish(undefined, VALUE);
  readonly #failed = (e: Error): void => this.#finish(gone("write", e), THROW);
  readonly #closed = (): void => this.#finish(gone("write"), THROW);

  #finish(v: unknown, x: number): void {
    this.cancelWait();
    const g = this.#g;
    if (x === THROW) stackOf(v as HttpError, g);
    g.v = v;
    g.x = x;
    ready(g);
  }
  cancelWait(): void {
    this.#res.off("drain", this.#drained).off("error", this.#failed).off("close", this.#closed);
    this.#end.off("aborted", this.#closed);
  }
}

/**
 * Writes a part of a response's body, parking the caller while the client is slower than the writer. `res.end()` ends it. Go: ResponseWriter.Write.
 * @param ctx stop waiting when it ends (throws its error; `data` is sent all the same)
 * @throws HttpError "ERR_CLIENT_GONE" when nobody will read it, or the response has been ended; TypeError GORT_ARGUMENT if an argument is of a wrong type
 */
export function writeBody(res: ServerResponse | Http2ServerResponse, data: Uint8Array | string, ctx?: Context): void {
  if (!hasMethod(res, "write")) throw wants("writeBody", "a response", res);
  if (typeof data !== "string" && !isA(data, Uint8Array)) throw wants("writeBody", "a Uint8Array or a text", data);
  const end = endOf(res);
  if (end.destroyed || res.writableEnded || ("aborted" in end && end.aborted)) throw gone("write");
  mustGoOn(ctx, "writeBody");
  if ((res as ServerResponse).write(data)) return;
  const g = current();
  park(g, DRAIN, new Draining(res, g));
  if (ctx !== undefined) watch(g, ctx);
}
