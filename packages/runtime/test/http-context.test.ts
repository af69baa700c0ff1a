/** What `contextOf` takes for a request: Node's own, and what frameworks wrap it in. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import http2 from "node:http2";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import fastify, { type FastifyRequest } from "fastify";
import { Canceled, type Context } from "gort";
import { contextOf, writeBody } from "gort/http";

test("Koa's context: it ends as the client leaves, and is the request's own", async () => {
  const ended = Promise.withResolvers<unknown>();
  const server = createServer((req: IncomingMessage, res: ServerResponse) => {
    const koa = { req, res, request: {}, response: {} };
    const ctx = contextOf(koa);
    expect(contextOf(req)).toBe(ctx);
    ctx.signal.addEventListener("abort", () => ended.resolve(ctx.err()));
    res.write("begun");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: client.signal });
  expect(answer.status).toBe(200);
  client.abort();
  expect(String(await ended.promise)).toContain("context canceled");
  server.close();
});

test("a handler that has the request alone: it ends with the answer, and the connection keeps no listeners", async () => {
  const contexts: Context[] = [];
  const listeners: number[] = [];
  const server = createServer((req, res) => {
    contexts.push(contextOf(req));
    listeners.push(req.socket.listenerCount("close"));
    res.end("sent");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  for (let i = 0; i < 4; i++) expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("sent");
  await expect
    .poll(() => contexts.map((ctx) => String(ctx.err())))
    .toEqual(Array(4).fill(expect.stringContaining("canceled")));
  expect(contexts.map((ctx) => ctx.cause())).toEqual(contexts.map((ctx) => ctx.err()));
  expect(Math.max(...listeners)).toBe(listeners[0]);
  server.close();
  server.closeAllConnections();
});

test("HTTP/2: each request's own, as its answer is sent", async () => {
  const contexts: Context[] = [];
  const server = http2.createServer((req, res) => {
    contexts.push(contextOf(req));
    writeBody(res as never, "se");
    res.end("nt");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = session.request({ ":path": "/" });
  expect(await text(stream)).toBe("sent");
  await expect.poll(() => String(contexts[0]!.err())).toContain("canceled");
  expect(contexts[0]!.cause()).toBe(contexts[0]!.err());
  session.close();
  server.close();
});

test("what Fastify's inject makes: it ends as the answer is sent, also for an async handler and in hooks", async () => {
  const app = fastify();
  const contexts: Context[] = [];
  app.addHook("onRequest", (request, _reply, done) => {
    contexts.push(contextOf(request));
    done();
  });
  const answers = async (request: FastifyRequest): Promise<object> => {
    expect(contextOf(request)).toBe(contexts.at(-1));
    await Promise.resolve();
    return { over: contextOf(request).err() !== undefined };
  };
  const fails = async (): Promise<never> => {
    await Promise.resolve();
    throw new Error("boom");
  };
  // By `route`, which the linter does not take for Express.
  for (const [url, handler] of [
    ["/", answers],
    ["/fails", fails],
  ] as const)
    app.route({ method: "GET", url, handler });
  expect((await app.inject("/")).json()).toEqual({ over: false });
  expect((await app.inject("/fails")).statusCode).toBe(500);
  await expect.poll(() => contexts.map((ctx) => ctx.cause() === Canceled)).toEqual([true, true]);
  await app.close();
});

test("what stands in for Node's request in a test, and a request of the web", () => {
  const injected = Object.assign(new Readable({ read() {} }), { method: "GET", headers: {}, socket: {} });
  const ctx = contextOf({ raw: injected });
  expect(ctx.err()).toBe(undefined);
  expect(contextOf({ raw: injected })).toBe(ctx);
  const client = new AbortController();
  const request = new Request("http://localhost/", { signal: client.signal });
  const hono = { req: { raw: request }, env: {} };
  expect(contextOf(hono)).toBe(contextOf(request));
  client.abort();
  expect(String(contextOf(hono).err())).toContain("canceled");
});

test("anything else is refused by its name", () => {
  expect(() => contextOf({ req: {} } as never)).toThrow(/contextOf: wants a request of node:http/);
});
