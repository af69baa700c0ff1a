/**
 * pprofHandler: Go's net/http/pprof, and the live page beside it. One function for every framework that hands on Node's request and response.
 *
 *     http.createServer(pprofHandler())                              node:http
 *     app.use(pprofHandler())                                        Express: what is under neither goes on to `next`
 *     fastify.all("/debug/*", pprofHandler())                        Fastify
 *     serve({ port: 6060, host: "localhost" }, pprofHandler())       gort/http
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "../inspect.ts";
import { collect } from "../live/collect.ts";
import { livePage } from "../live/page.ts";
import { topJson } from "../top/snapshot.ts";
import { standing } from "../threads/crew.ts";
import { isTracing, startTrace } from "../trace/start.ts";
import { type AccessOptions, refusal } from "./access.ts";
import { contentionCount, contentionDuring, contentionProfile, contentionSoFar, contentionText } from "./contention.ts";
import { cpuProfile, isProfiling } from "./cpu.ts";
import { goroutineDump, goroutineProfile, goroutineText } from "./goroutine.ts";
import { allocatedAll, heapProfile, HeapSampler, heapText, liveAll } from "./heap.ts";
import { indexPage } from "./index-page.ts";
import { findLeaked, leakProfile, leakText } from "./leak.ts";
import { threadGroups, threadProfile, threadText } from "./threads.ts";

/** Where the profiles are served, and to whom. */
export interface PprofOptions extends AccessOptions {
  /** Where it is mounted; "/debug/pprof" if left out. The live page is its neighbour `gort`: `/debug/gort/`. */
  path?: string;
}

/** A request and its answer, taken apart. */
interface Call {
  res: ServerResponse;
  query: URLSearchParams;
  debug: number;
  /** Resolves after `seconds`, sooner when the client goes; `otherwise` where the query has none. */
  wait(otherwise: number): Promise<void>;
}

/** What the handler answers with a status of its own. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Answer = (call: Call) => Promise<void> | void;

const MAX_SECONDS = 3600;

function secondsOf(query: URLSearchParams, otherwise: number): number {
  const text = query.get("seconds");
  const seconds = text === null ? otherwise : Number(text);
  if (!(seconds > 0 && seconds <= MAX_SECONDS)) throw new Refused(400, "invalid value for seconds");
  return seconds;
}

function sendText(res: ServerResponse, text: string): void {
  res.setHeader("Content-Type", "text/plain; charset=utf-8");
  res.end(text);
}

function sendJson(res: ServerResponse, value: unknown): void {
  const text = JSON.stringify(value);
  res.setHeader("Content-Type", "application/json");
  res.end(text);
}

function sendFile(res: ServerResponse, name: string, bytes: Uint8Array): void {
  res.setHeader("Content-Type", "application/octet-stream");
  res.setHeader("Content-Disposition", `attachment; filename="${name}"`);
  res.end(bytes);
}

/** debug=0 binary, else text. */
function either(
  name: string,
  binary: () => Promise<Buffer>,
  text: (debug: number) => string | Promise<string>,
): Answer {
  return async ({ res, debug }) => {
    if (debug > 0) sendText(res, await text(debug));
    else sendFile(res, name, await binary());
  };
}

let sampler: HeapSampler | null = null;

/** Begins on every thread. */
function heapSampler(): HeapSampler {
  if (sampler === null) {
    sampler = new HeapSampler();
    standing("heap.begin");
  }
  return sampler;
}

const goroutine: Answer = either("goroutine", goroutineProfile, (debug) =>
  debug >= 2 ? goroutineDump() : goroutineText(),
);

const profile: Answer = async ({ res, query, wait }) => {
  secondsOf(query, 30);
  if (isProfiling()) throw new Refused(500, "Could not enable CPU profiling: cpu profiling already in use");
  sendFile(res, "profile", await cpuProfile(wait(30)));
};

const trace: Answer = async ({ res, query, wait }) => {
  secondsOf(query, 1);
  if (isTracing()) throw new Refused(500, "Could not enable tracing: tracing is already enabled");
  res.setHeader("Content-Type", "application/octet-stream");
  res.setHeader(
    "Content-Disposition",
    `attachment; filename="trace${query.get("format") === "chrome" ? ".json" : ""}"`,
  );
  using _ = startTrace(res, { format: query.get("format") === "chrome" ? "chrome" : "go" });
  await wait(1);
  _.stop();
  res.end();
};

async function heapAnswer(kind: "alloc" | "inuse", { res, query, debug, wait }: Call): Promise<void> {
  const source = heapSampler();
  const start = performance.now();
  const samples = await (kind === "inuse"
    ? liveAll(source, Number(query.get("gc")) > 0)
    : allocatedAll(source, wait(5)));
  if (samples === null) throw new Refused(500, "Could not sample allocations: they are already being sampled");
  const seconds = kind === "inuse" ? source.age : (performance.now() - start) / 1000;
  if (debug === 0) {
    sendFile(res, kind === "inuse" ? "heap" : "allocs", await heapProfile(kind, samples, seconds));
    return;
  }
  let text = heapText(kind, samples);
  const { heapUsed, heapTotal, rss, external } = process.memoryUsage();
  text += `\n# node:process.memoryUsage\n# HeapInuse = ${heapUsed}\n# HeapSys = ${heapTotal}\n# Sys = ${rss}\n# External = ${external}\n`;
  sendText(res, text);
}

function contentionAnswer(kind: "block" | "mutex"): Answer {
  return async ({ res, query, debug, wait }) => {
    const of = await (query.has("seconds") ? contentionDuring(kind, wait(secondsOf(query, 1))) : contentionSoFar(kind));
    if (debug > 0) sendText(res, contentionText(kind, of));
    else sendFile(res, kind, await contentionProfile(of));
  };
}

const answers: Readonly<Record<string, Answer>> = {
  allocs: (call) => heapAnswer("alloc", call),
  block: contentionAnswer("block"),
  cmdline: ({ res }) => sendText(res, process.argv.join("\0")),
  goroutine,
  goroutineleak: either("goroutineleak", leakProfile, leakText),
  heap: (call) => heapAnswer("inuse", call),
  mutex: contentionAnswer("mutex"),
  profile,
  threadcreate: either("threadcreate", threadProfile, threadText),
  trace,
  // Ours: what `gort top` shows.
  "top.json": async ({ res }) => sendJson(res, await topJson()),
};

/** The live page's: what it shows, and the look for leaks, which takes those it finds. */
const liveAnswers: Readonly<Record<string, Answer>> = {
  state: async ({ res, query }) =>
    sendJson(res, await collect({ opened: query.get("group") ?? "", filter: query.get("filter") ?? "" })),
  leaks: async ({ res }) => sendJson(res, { found: (await findLeaked()).reduce((n, leak) => n + leak.count, 0) }),
};

/** What changes the program is not to be had by a link. */
const POSTED: ReadonlySet<string> = new Set(["leaks"]);

const descriptions: Readonly<Record<string, string>> = {
  allocs:
    "A sampling of the memory allocations of some seconds, freed ones too. You can specify the duration in the seconds GET parameter (5).",
  block:
    "Stack traces that led to blocking on synchronization primitives. Recorded once setBlockProfileRate was called, or for the duration in the seconds GET parameter.",
  cmdline: "The command line invocation of the current program",
  goroutine: "Stack traces of all current goroutines",
  goroutineleak:
    "Stack traces of goroutines that nothing can wake any more. Looking runs a GC; those that are found are shown once, and gone.",
  heap: "A sampling of memory allocations of live objects. You can specify the gc GET parameter to run GC before taking the heap sample.",
  mutex:
    "Stack traces of holders of contended mutexes. Recorded once setMutexProfileFraction was called, or for the duration in the seconds GET parameter.",
  profile:
    "CPU profile. You can specify the duration in the seconds GET parameter. After you get the profile file, use the go tool pprof command to investigate the profile.",
  threadcreate: "Stack traces that led to the creation of new OS threads",
  trace:
    "A trace of execution of the current program. You can specify the duration in the seconds GET parameter. After you get the trace file, use the go tool trace command to investigate the trace. With format=chrome it is JSON for Perfetto.",
};

function countOf(name: string): number {
  switch (name) {
    case "goroutine":
      return inspect().stats().goroutines;
    case "threadcreate":
      return threadGroups().length;
    case "block":
    case "mutex":
      return contentionCount(name);
    default:
      return 0;
  }
}

function index(res: ServerResponse, query: URLSearchParams): void {
  const token = query.get("token");
  const kinds = Object.keys(descriptions).map((name) => ({
    name,
    count: countOf(name),
    description: descriptions[name] as string,
  }));
  res.setHeader("Content-Type", "text/html; charset=utf-8");
  res.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  res.end(indexPage(kinds, token === null ? "" : `&token=${encodeURIComponent(token)}`));
}

function fail(res: ServerResponse, status: number, text: string): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  res.statusCode = status;
  for (const name of ["Content-Disposition", "Content-Length"]) res.removeHeader(name);
  res.setHeader("Content-Type", "text/plain; charset=utf-8");
  res.setHeader("X-Go-Pprof", "1");
  res.end(`${text}\n`);
}

/** @param pprof What leads from the page to the profiles. */
function live(res: ServerResponse, pprof: string): void {
  const { html, policy } = livePage(pprof);
  res.setHeader("Content-Type", "text/html; charset=utf-8");
  res.setHeader("Content-Security-Policy", policy);
  // A token in its address is nobody else's.
  res.setHeader("Referrer-Policy", "no-referrer");
  res.end(html);
}

/** One of the two places that are served. */
interface Mount {
  root: string;
  answers: Readonly<Record<string, Answer>>;
  unknown: string;
  index(res: ServerResponse, query: URLSearchParams): void;
}

async function serveName(mount: Mount, name: string, res: ServerResponse, query: URLSearchParams): Promise<void> {
  res.setHeader("X-Content-Type-Options", "nosniff");
  res.setHeader("Cache-Control", "no-store");
  const { answers } = mount;
  const answer =
    name === "" ? () => mount.index(res, query) : Object.hasOwn(answers, name) ? (answers[name] as Answer) : null;
  if (answer === null) return fail(res, 404, mount.unknown);
  const wait = (otherwise: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, secondsOf(query, otherwise) * 1000);
      res.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  try {
    await answer({ res, query, debug: Number(query.get("debug") ?? 0) || 0, wait });
  } catch (error) {
    if (error instanceof Refused) fail(res, error.status, error.message);
    else fail(res, 500, error instanceof Error ? error.message : String(error));
  }
}

/** Fastify's objects hold Node's. */
interface Wrapped {
  raw?: unknown;
  hijack?: () => void;
}

/** What handles a request, in any of the frameworks. */
export type PprofRequestHandler = (req: unknown, res: unknown, next?: unknown) => void;

function mountsOf(path: string): Mount[] {
  const root = path.replace(/\/+$/, "");
  const name = root.slice(root.lastIndexOf("/") + 1);
  const beside = `${root.slice(0, root.length - name.length)}gort`;
  const profiles: Mount = { root, answers, unknown: "Unknown profile", index };
  const page: Mount = {
    root: beside.startsWith("/") ? beside : `/${beside}`,
    answers: liveAnswers,
    unknown: "404 page not found",
    index: (res) => live(res, `../${name}${name === "" ? "" : "/"}`),
  };
  return page.root === root ? [profiles] : [page, profiles];
}

/**
 * Serves the profiles of this program at `/debug/pprof/`, for browsers and for `go tool pprof` (Go: net/http/pprof), and at `/debug/gort/` a
 * page that shows its goroutines, Ps and threads at work.
 *
 * Only programs on this machine may look, and no page of another origin, unless there is a token.
 */
export function pprofHandler(options: PprofOptions = {}): PprofRequestHandler {
  const mounts = mountsOf(options.path ?? "/debug/pprof");
  heapSampler();
  return (given: unknown, answer: unknown, next?: unknown): void => {
    const wrapped = answer as Wrapped;
    if (typeof wrapped.hijack === "function") wrapped.hijack();
    const req = ((given as Wrapped).raw ?? given) as IncomingMessage & { originalUrl?: string };
    const res = (wrapped.raw ?? answer) as ServerResponse;
    const { pathname, searchParams } = new URL(req.originalUrl ?? req.url ?? "/", "http://localhost");
    const mount = mounts.find(({ root }) => pathname === root || pathname.startsWith(`${root}/`));
    if (mount === undefined) {
      if (typeof next === "function") (next as () => void)();
      else fail(res, 404, "404 page not found");
      return;
    }
    const { root } = mount;
    const refused = refusal(req, searchParams, options);
    if (refused !== null) {
      fail(res, 403, refused);
      return;
    }
    const name = pathname.slice(root.length + 1);
    const allowed = mount.answers === liveAnswers && POSTED.has(name) ? ["POST"] : ["GET", "HEAD"];
    if (!allowed.includes(req.method ?? "")) {
      res.setHeader("Allow", allowed.join(", "));
      fail(res, 405, "method not allowed");
      return;
    }
    if (pathname === root) {
      // Links of the index are relative.
      res.statusCode = 301;
      res.setHeader("Location", `${root}/${searchParams.size > 0 ? `?${searchParams}` : ""}`);
      res.end();
      return;
    }
    void serveName(mount, name, res, searchParams);
  };
}
