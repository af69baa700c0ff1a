/** What `contextOf` takes for a request: Node's own, and what frameworks wrap it in. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { contextOf } from "gort/http";

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

test("anything else is refused by its name", () => {
  expect(() => contextOf({ req: {} } as never)).toThrow(/contextOf: wants a request of node:http/);
});
