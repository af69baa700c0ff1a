/** One request as a goroutine: what it throws is an answer, never the end of the process. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { GortError } from "../errors/catalogue.ts";
import { host } from "../internal/host.ts";
import { R } from "../internal/state.ts";
import { panicText } from "../scheduler/fatal.ts";
import { KEPT, type G } from "../scheduler/g.ts";
import { spawn, start } from "../scheduler/go.ts";
import { HttpError, responses } from "./request.ts";

/** Answers a request. What it returns is not looked at. */
export type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;
/** Hears what a handler has thrown. */
export type Report = (error: unknown, req: IncomingMessage) => void;

/** Starts `f(...args)` as a goroutine, and returns it with its result. */
export function goroutine(f: Function, args: unknown[]): { g: G; result: Promise<unknown> } {
  if (R.modules === 0) throw new GortError("GORT_NOT_COMPILED");
  const g = spawn(f, args, KEPT, `${f.name === "" ? "handler" : f.name}\n`);
  const result = g.asPromise();
  start(g);
  return { g, result };
}

export function serveOne(handler: Handler, req: IncomingMessage, res: ServerResponse, report?: Report): void {
  responses.set(req, res);
  const { g, result } = goroutine(handler, [req, res]);
  result.then(undefined, (e: unknown) => {
    const left = isGone(e, res);
    answer(e, res);
    if (left) return;
    if (report !== undefined) report(e, req);
    else if (!(e instanceof HttpError))
      host.stderr(
        `http: panic serving ${req.socket.remoteAddress ?? "?"}:${req.socket.remotePort ?? "?"}: ${panicText(g, e)}`,
      );
  });
}

/** A client that has gone is nobody's mistake: neither that it is, nor that the request's context has ended. */
function isGone(e: unknown, res: ServerResponse): boolean {
  if (e instanceof HttpError && e.code === "ERR_CLIENT_GONE") return true;
  return res.destroyed && !res.writableFinished && (e as Error | null)?.name === "AbortError";
}

/** The status of an error that knows its own, else 500; nothing of the error itself goes out. */
export function answer(e: unknown, res: ServerResponse): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const own = (e as { status?: unknown } | null)?.status;
  res.statusCode = typeof own === "number" && own >= 400 && own <= 599 ? own : 500;
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.setHeader("content-type", "text/plain; charset=utf-8");
  if (!res.req.complete) res.setHeader("connection", "close");
  res.end(`${res.statusCode} ${res.statusCode === 500 ? "Internal Server Error" : (e as Error).message}\n`);
}
