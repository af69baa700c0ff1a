/**
 * handler(f) under the real Express, Fastify, Hono and plain node:http: handlers that block, compute, stream and throw; clients that leave;
 * AsyncLocalStorage and OpenTelemetry's context over every park.
 */
import { chan, go, numGoroutine, select, sleep, timeout, toReadableStream, wait } from "gort";
import { contextOf, handler, readBody, writeBody } from "gort/http";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { context, createContextKey } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import express, { type NextFunction, type Request, type Response as ExpressResponse } from "express";
import fastify, { type FastifyReply, type FastifyRequest } from "fastify";
import { Hono, type Context as HonoContext } from "hono";
import { AsyncLocalStorage } from "node:async_hooks";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "./lib/settle.ts";

const store = new AsyncLocalStorage<string>();
const KEY = createContextKey("request");
/** What the contexts of requests whose client left have said. */
const left = chan<string>(1);
/** One of them is being served. */
const begun = chan<true>(1);

/** Who is being served, read behind parks, and in a goroutine that was started meanwhile. */
function whoAmI(): string {
  const before = `${store.getStore()} ${context.active().getValue(KEY)}`;
  sleep(2);
  const child = go(() => {
    sleep(1);
    return `${store.getStore()} ${context.active().getValue(KEY)}`;
  });
  const after = child.join();
  wait(Promise.resolve());
  const last = `${store.getStore()} ${context.active().getValue(KEY)}`;
  return before === after && after === last ? last : `${before}, ${after}, ${last}`;
}

/** Runs `next` as a tracing library does: in a context of its own for each request. */
function traced<T>(url: string, next: () => T): T {
  const id = new URL(url, "http://x").searchParams.get("id") ?? "none";
  return store.run(`store ${id}`, () => context.with(context.active().setValue(KEY, `span ${id}`), next));
}

function compute(): string {
  const end = performance.now() + 60;
  let n = 0;
  while (performance.now() < end) n++;
  return n > 0 ? "computed" : "";
}

function forever(req: Parameters<typeof contextOf>[0]): void {
  const ctx = contextOf(req);
  begun.send(true);
  try {
    sleep(60_000, ctx);
  } finally {
    left.send(ctx.cause()?.message ?? "nothing");
  }
}

interface Running {
  at: string;
  stop: () => void;
}

function listening(server: Server): Running {
  wait(new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  return {
    at: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function plain(req: IncomingMessage, res: ServerResponse): void {
  const path = req.url!.replace(/\?.*/, "");
  if (path === "/block") res.end(whoAmI());
  else if (path === "/compute") res.end(compute());
  else if (path === "/throw") throw new Error("a secret");
  else if (path === "/echo") res.end(readBody(req));
  else if (path === "/forever") forever(req);
  else if (path === "/stream") {
    for (let i = 0; i < 3; i++) {
      writeBody(res, `part ${i};`);
      sleep(1);
    }
    res.end();
  }
}

function startPlain(): Running {
  const serveOne = handler(plain, { onError: (e) => console.log("  reported:", (e as Error).message) });
  return listening(createServer((req, res) => void traced(req.url!, () => serveOne(req, res))));
}

function startExpress(): Running {
  const app = express();
  app.use((req, _res, next) => traced(req.url, next));
  const onPath = handler((req: Request, res: ExpressResponse) => plain(req, res));
  for (const path of ["/block", "/compute", "/stream", "/forever"]) app.get(path, onPath);
  app.post("/echo", onPath);
  app.get(
    "/throw",
    handler((_req: Request, _res: ExpressResponse) => {
      sleep(1);
      throw new Error("a secret");
    }),
  );
  app.get(
    "/middleware",
    handler((_req: Request, res: ExpressResponse, next: NextFunction) => {
      sleep(1);
      res.locals["was"] = "here";
      next();
    }),
    handler((_req, res) => void res.send(`middleware was ${res.locals["was"]}`)),
  );
  app.use(
    handler((error: Error, _req: Request, res: ExpressResponse, _next: NextFunction) => {
      sleep(1);
      res.status(500).send(`express: ${error.message === "a secret" ? "an error handler that blocks" : error.message}`);
    }),
  );
  return listening(createServer(app));
}

function startFastify(): Running {
  const app = fastify();
  app.addHook("onRequest", (req, _reply, done) => traced(req.url, done));
  app.addContentTypeParser("text/plain", (_req, _payload, done) => done(null, undefined));
  app.get(
    "/block",
    handler((_req: FastifyRequest, _reply: FastifyReply) => whoAmI()),
  );
  app.get(
    "/compute",
    handler(() => compute()),
  );
  app.get(
    "/throw",
    handler((_req: FastifyRequest, _reply: FastifyReply): string => {
      sleep(1);
      throw new Error("a secret");
    }),
  );
  app.get(
    "/forever",
    handler((req) => forever(req)),
  );
  app.get(
    "/stream",
    handler((_req: FastifyRequest, reply: FastifyReply) => {
      reply.hijack();
      plain(_req.raw, reply.raw);
    }),
  );
  app.post(
    "/echo",
    handler((req: FastifyRequest, _reply: FastifyReply) => readBody(req.raw)),
  );
  app.setErrorHandler((error: Error, _req, reply) => void reply.code(500).send(`fastify: ${error.name}`));
  const at = wait(app.listen({ port: 0, host: "127.0.0.1" }));
  return {
    at,
    stop: () => {
      app.server.closeAllConnections();
      wait(app.close());
    },
  };
}

function startHono(): Running {
  type C = HonoContext<{ Bindings: HttpBindings }>;
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use((c, next) => traced(c.req.url, next));
  app.get(
    "/block",
    handler((c: C) => c.text(whoAmI())),
  );
  app.get(
    "/compute",
    handler((c) => c.text(compute())),
  );
  app.get(
    "/throw",
    handler((_c: C): Response => {
      sleep(1);
      throw new Error("a secret");
    }),
  );
  app.get(
    "/forever",
    handler((c: C) => {
      forever(c);
      return c.text("");
    }),
  );
  app.post(
    "/echo",
    handler((c: C) => c.text(wait(c.req.text()))),
  );
  app.get(
    "/stream",
    handler((c: C) => {
      const parts = chan<string>();
      go(() => {
        for (let i = 0; i < 3; i++) parts.send(`part ${i};`);
        parts.close();
      });
      return c.body(toReadableStream(parts).pipeThrough(new TextEncoderStream()));
    }),
  );
  app.onError((error, c) => c.text(`hono: ${error.name}`, 500));
  return listening(serveHonoServer(app));
}

function serveHonoServer(app: Hono<{ Bindings: HttpBindings }>): Server {
  return createAdaptorServer({ fetch: app.fetch }) as Server;
}

function get(url: string, init?: RequestInit): string {
  const r = wait(fetch(url, init));
  return `${r.status} ${wait(r.text()).trim()}`;
}

function check(name: string, start: () => Running): void {
  const { at, stop } = start();
  const many = [1, 2, 3].map((n) => go(() => get(`${at}/block?id=${n}`)));
  console.log(`${name}:`, many.map((g) => g.join()).join(", "));
  const computing = go(() => get(`${at}/compute`));
  sleep(10);
  const meanwhile = get(`${at}/block?id=m`);
  console.log(" ", computing.join(), "meanwhile", meanwhile);
  console.log(" ", get(`${at}/throw`));
  console.log(" ", get(`${at}/stream`), "|", get(`${at}/echo`, { method: "POST", body: "there and back" }));
  const abort = new AbortController();
  const client = go(() => {
    try {
      return get(`${at}/forever`, { signal: abort.signal });
    } catch (e) {
      return (e as Error).name;
    }
  });
  begun.recv();
  abort.abort();
  const r = select({ gone: left, late: timeout(5000) });
  console.log("  client:", client.join(), "server:", r.case === "gone" ? r.value : "has not noticed");
  if (name === "express") console.log(" ", get(`${at}/middleware`));
  stop();
}

export function main(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  check("node:http", startPlain);
  check("express", startExpress);
  check("fastify", startFastify);
  check("hono", startHono);
  until(() => numGoroutine() === 1);
  console.log("goroutines left:", numGoroutine());
}
