/** HTTP: each request a goroutine; bodies both ways, errors, clients that go away, an orderly end. */
import { background, chan, go, numGoroutine, sleep, wait, withTimeout } from "gort";
import { contextOf, handler, readBody, serve, writeBody } from "gort/http";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "./lib/settle.ts";

function get(url: string, init?: RequestInit): string {
  const r = wait(fetch(url, init));
  return `${r.status} ${wait(r.text()).trim()}`;
}

const left = chan<string>(1);
/** A request that takes its time is being served. */
const begun = chan<true>(1);

function answer(req: IncomingMessage, res: ServerResponse): void {
  switch (req.url) {
    case "/":
      sleep(1);
      res.end("hello");
      return;
    case "/throw":
      throw new Error("boom");
    case "/teapot":
      throw Object.assign(new Error("short and stout"), { status: 418 });
    case "/echo":
      res.end(readBody(req, { limit: 1000 }));
      return;
    case "/late":
      begun.send(true);
      sleep(5);
      res.end("late");
      return;
    case "/stream":
      for (let i = 0; i < 3; i++) {
        writeBody(res, `part ${i};`);
        sleep(1);
      }
      res.end();
      return;
    case "/big": {
      for (let i = 0; i < 200; i++) writeBody(res, new Uint8Array(100_000));
      res.end();
      return;
    }
    case "/half":
      res.write("half");
      sleep(1);
      throw new Error("in the middle");
    case "/compute": {
      // Nothing in it blocks: the others are answered because it is preempted.
      const end = performance.now() + 100;
      while (performance.now() < end);
      res.end("computed");
      return;
    }
    case "/slow": {
      const ctx = contextOf(req);
      begun.send(true);
      try {
        sleep(60_000, ctx);
      } finally {
        left.send(`${ctx.err()?.message}: ${ctx.cause()?.message}`);
      }
      return;
    }
  }
  res.statusCode = 404;
  res.end("nothing here");
}

export function main(): void {
  const reported: string[] = [];
  const server = serve({ host: "127.0.0.1", onError: (e) => reported.push((e as Error).message) }, answer);
  const at = `http://${server.addr}`;
  console.log(get(`${at}/`), "|", get(`${at}/nothing`));
  console.log(get(`${at}/throw`), "|", get(`${at}/teapot`));
  console.log(get(`${at}/echo`, { method: "POST", body: "there and back" }));
  console.log(get(`${at}/echo`, { method: "POST", body: "x".repeat(2000) }));
  console.log(get(`${at}/stream`));
  console.log(wait(wait(fetch(`${at}/big`)).arrayBuffer()).byteLength);
  try {
    get(`${at}/half`);
  } catch (e) {
    console.log("cut in the middle:", (e as Error).name);
  }
  console.log("reported:", reported.join(", "));

  const computing = go(() => get(`${at}/compute`));
  sleep(20);
  console.log("meanwhile", get(`${at}/`), "then", computing.join());

  const abort = new AbortController();
  const client = go(() => {
    try {
      return get(`${at}/slow`, { signal: abort.signal });
    } catch (e) {
      return (e as Error).name;
    }
  });
  begun.recv();
  abort.abort();
  console.log("client:", client.join(), "server:", left.recv());

  // One request is under way when the server is closed: it is answered.
  const late = go(() => get(`${at}/late`));
  begun.recv();
  const [ctx, cancel] = withTimeout(background(), 10_000);
  server.close(ctx);
  cancel();
  console.log("closed;", late.join());
  server.wait();

  const stuck = serve({ host: "127.0.0.1" }, (req) => {
    begun.send(true);
    sleep(60_000, contextOf(req));
  });
  const victim = go(() => {
    try {
      return get(`http://${stuck.addr}/`);
    } catch (e) {
      return (e as Error).name;
    }
  });
  begun.recv();
  const [soon] = withTimeout(background(), 20);
  try {
    stuck.close(soon);
  } catch (e) {
    console.log("closing took too long:", (e as Error).name);
  }
  console.log("victim:", victim.join());

  const plain = createServer(
    handler((_req: IncomingMessage, res: ServerResponse) => {
      sleep(1);
      res.end("through handler()");
    }),
  );
  wait(new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve)));
  console.log(get(`http://127.0.0.1:${(plain.address() as AddressInfo).port}/`));
  plain.closeAllConnections();
  plain.close();
  until(() => numGoroutine() === 1);
  console.log("goroutines left:", numGoroutine());
}
