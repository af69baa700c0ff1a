/**
 * One request as a goroutine: what it throws is an answer, never the end of the process.
 *
 *     handler(req, res)        the user's frames
 *     Answering                lies under them from the start: what they throw arrives here
 *     Reporting                under that where somebody hears of it: what `onError` itself throws
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2Stream } from "node:http2";
import { GortError, isA, wants } from "../errors/catalogue.ts";
import { host } from "../internal/host.ts";
import { R, suspendable, type Frame } from "../internal/state.ts";
import { panicText } from "../scheduler/fatal.ts";
import { FRESH_MANY, KEPT } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { newG, spawn, start, startInOrder } from "../scheduler/go.ts";
import { hostPort } from "../net/conn.ts";
import { belongs, endOf } from "./exchange.ts";
import { HttpError } from "./request.ts";

/** Answers a request. What it returns is not looked at. `A`: what `serve` was given for it. Go: http.HandlerFunc. */
export type Handler<A extends unknown[] = []> = (req: IncomingMessage, res: ServerResponse, ...shared: A) => unknown;
/** Hears what a handler has thrown. May block. What it throws itself goes to standard error. */
export type Report = (error: unknown, req: IncomingMessage) => void;

/** Throws unless errors can be told to `report`, or nobody wants them. */
export function mustBeReport(report: unknown, of: string): void {
  if (report !== undefined && typeof report !== "function") throw wants(of, "a function as onError", report);
}

/** What stands in dumps behind "created by". */
export function siteOf(f: Function): string {
  return `${f.name === "" ? "handler" : f.name}\n`;
}

/** Starts `f(...args)` as a goroutine, and returns a promise of its result. */
export function goroutine(f: Function, args: unknown[], site: string): Promise<unknown> {
  if (R.modules === 0) throw new GortError("GORT_NOT_COMPILED");
  const g = spawn(f, args, KEPT, site);
  const result = g.asPromise();
  start(g);
  return result;
}

/** Where an {@link Answering} goes on behind a report that has blocked. */
const REPORTING = 2;

class Answering implements Frame {
  readonly r: (f: Frame | null) => unknown = answeringFrame;
  pc: number = 1;
  next: Frame | null = null;
  g: G | null = null;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly report: Report | undefined;
  constructor(req: IncomingMessage, res: ServerResponse, report: Report | undefined) {
    this.req = req;
    this.res = res;
    this.report = report;
  }
}

function answeringFrame(f: Frame | null): unknown {
  if (f === null) return "gort.http\n\n";
  // The report has blocked, and is over.
  if (f.pc === REPORTING) return R.taken();
  const { g, req, res, report } = f as Answering;
  if (!req.complete) leaveBody(req, res);
  if (R.x !== 1 || R.v === R.exit) return undefined;
  const e: unknown = R.v;
  const left = isGone(e, res);
  answer(e, res);
  if (left) return undefined;
  if (report !== undefined) {
    f.pc = REPORTING;
    report(e, req);
  } else if (!isA(e, HttpError)) {
    const { remoteAddress, remotePort } = req.socket;
    // An address of version 4 in version 6's clothes is shown as what it is.
    const from = hostPort(remoteAddress?.replace(/^::ffff:(?=\d+\.)/, ""), remotePort);
    say(`serving ${from}`, g as G, e);
  }
  return undefined;
}
suspendable(answeringFrame);

/** In the words of Go's net/http: this panic ends nothing. */
function say(where: string, g: G, e: unknown): void {
  host.stderr(`http: panic ${where}: ${panicText(g, e).replace(/^panic: /, "")}`);
}

/** Who is told of errors may fail too, and that ends nothing either. */
class Reporting implements Frame {
  readonly r: (f: Frame | null) => unknown = reportingFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly g: G;
  constructor(g: G) {
    this.g = g;
  }
}

function reportingFrame(f: Frame | null): unknown {
  if (f === null) return "gort.http\n\n";
  if (R.x === 1 && R.v !== R.exit) say("in onError", (f as Reporting).g, R.v);
  return undefined;
}
suspendable(reportingFrame);

/** A body that was begun and not read to its end stands before the next request: what is left is read once the answer is sent. */
function leaveBody(req: IncomingMessage, res: ServerResponse): void {
  const discard = (): void => {
    if (req.complete || req.destroyed || req.readableFlowing !== false) return;
    let n = 0;
    req.on("data", (chunk: Buffer) => {
      if ((n += chunk.length) > UNREAD) req.destroy();
    });
    req.on("error", () => {});
    req.resume();
  };
  const end = endOf(res);
  if ("close" in end) {
    // Of HTTP/2: the client may wait to send more, and the stream does not close before it has. Go: the same. Who reads it still goes on.
    const stop = (): void => {
      const reads = req.listenerCount("data") + req.listenerCount("readable") > 0;
      if (!req.complete && !reads && end.state.remoteClose === 0) end.close(NO_ERROR);
    };
    if (end.writableFinished) stop();
    else end.once("finish", stop);
  } else if (end.writableFinished || end.destroyed) discard();
  else end.once("close", discard);
}

/** The most that is read of a body nobody wants, to keep the connection. Go: the same. */
const UNREAD = 262_144;

/** What most handlers are given besides their request. */
const NOTHING: readonly unknown[] = [];

export function serveOne(
  handler: Function,
  req: IncomingMessage,
  res: ServerResponse,
  site: string,
  report: Report | undefined,
  shared: readonly unknown[] = NOTHING,
): void {
  belongs(req, res);
  const g = newG(handler, FRESH_MANY, shared.length === 0 ? [req, res] : [req, res, ...shared], 0, site);
  const frame = new Answering(req, res, report);
  frame.g = g;
  if (report !== undefined) frame.next = new Reporting(g);
  g.frame = frame;
  startInOrder(g);
}

/** A client that has gone is nobody's mistake: neither that it is, nor that the request's context has ended. */
function isGone(e: unknown, res: ServerResponse): boolean {
  if (isA(e, HttpError) && e.code === "ERR_CLIENT_GONE") return true;
  return endOf(res).destroyed && !res.writableFinished && said(e, "name") === "AbortError";
}

/** What an error says of itself. It is anybody's, and so are its getters: the client gets its answer all the same. */
function said(e: unknown, what: "name" | "status"): unknown {
  try {
    return (e as { name?: unknown; status?: unknown } | null | undefined)?.[what];
  } catch {
    return undefined;
  }
}

/** A stream of HTTP/2 that is destroyed ends like any other, unless it is told a code. */
function cut(end: ServerResponse | Http2Stream): void {
  if ("close" in end) end.close(INTERNAL_ERROR);
  else end.destroy();
}

/** Of RFC 9113, 7. */
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;

/** The status of an error that knows its own, else 500; nothing of an error without one goes out. */
function answer(e: unknown, res: ServerResponse): void {
  const end = endOf(res);
  if (res.headersSent || end.destroyed) {
    // What has been sent must not look complete.
    if (!res.writableEnded) cut(end);
    return;
  }
  const own = said(e, "status");
  res.statusCode = typeof own === "number" && own >= 400 && own <= 599 ? own : 500;
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.setHeader("content-type", "text/plain; charset=utf-8");
  // HTTP/2 has no such header: other streams go on.
  if (!res.req.complete && end === res) res.setHeader("connection", "close");
  res.end(`${res.statusCode} ${res.statusCode === 500 ? "Internal Server Error" : (e as Error).message}\n`);
}
