/** HTTP to the letter and out of it: raw connections that pipeline, send trailers, garbage, half a request, or leave in the middle. */
import { background, go, numGoroutine, sleep, stats, WaitGroup, withTimeout } from "gort";
import { bodyChunks, contextOf, readBody, serve, writeBody, type HttpError, type Server } from "gort/http";
import { dial, type Conn, type NetError } from "gort/net";
import type { IncomingMessage, ServerResponse } from "node:http";
import { until } from "./lib/settle.ts";

function attempt(f: () => unknown): string {
  try {
    return `no error: ${String(f())}`;
  } catch (e) {
    const { name, code, op } = e as NetError;
    return [name, code, op].filter(Boolean).join(" ");
  }
}

/** What has become of requests whose client has left. */
const outcomes: string[] = [];
let running = 0;

function answer(req: IncomingMessage, res: ServerResponse): void {
  running++;
  try {
    route(req, res);
  } finally {
    running--;
  }
}

function route(req: IncomingMessage, res: ServerResponse): void {
  switch (req.url) {
    case "/count": {
      let [parts, bytes] = [0, 0];
      for (const part of bodyChunks(req)) {
        if (parts++ < 3) sleep(2);
        bytes += part.length;
      }
      res.end(
        `${bytes} bytes, ${parts > 0 ? "in parts" : "empty"}${req.trailers["x-sum"] === undefined ? "" : `, sum ${req.trailers["x-sum"]}`}`,
      );
      return;
    }
    case "/trailer":
      res.setHeader("trailer", "x-end");
      writeBody(res, "body");
      res.addTrailers({ "x-end": "yes" });
      res.end();
      return;
    case "/slow":
      sleep(20);
      res.end("slow");
      return;
    case "/ignore":
      res.end("not read");
      return;
    case "/small":
      // Caught here, so that the answer is the handler's own.
      res.end(attempt(() => readBody(req, { limit: 10 })));
      return;
    case "/half": {
      // Read in parts, and left before the end.
      using parts = bodyChunks(req);
      res.end(`began with ${parts.recv()!.length > 0 ? "something" : "nothing"}`);
      return;
    }
    case "/leave":
      outcomes.push(
        attempt(() => {
          for (const part of bodyChunks(req)) running += part.length > 0 ? 0 : 1;
        }),
      );
      return;
    case "/leave-whole":
      outcomes.push(attempt(() => readBody(req)));
      return;
    case "/leave-response":
      outcomes.push(
        attempt(() => {
          for (;;) writeBody(res, new Uint8Array(100_000));
        }),
      );
      return;
    case "/forever":
      sleep(60_000, contextOf(req));
  }
  res.end("hello");
}

const decoder = new TextDecoder();

/** All that comes until the other end closes. */
function rest(c: Conn): string {
  const buf = new Uint8Array(65_536);
  let said = "";
  for (let n = c.read(buf); n > 0; n = c.read(buf)) said += decoder.decode(buf.subarray(0, n));
  return said;
}

/** The statuses and the last lines of the answers to what is sent on one connection. */
function raw(server: Server, ...sent: string[]): string {
  using c = dial({ host: "127.0.0.1", port: server.port });
  for (const part of sent) {
    c.write(part);
    sleep(1);
  }
  c.setReadDeadline(new Date(Date.now() + 10_000));
  const said = rest(c);
  const bodies = said.split(/(?=HTTP\/1\.1)/).map((one) => {
    const [head = "", ...body] = one.split("\r\n\r\n");
    return `${head.slice(9, 12)} ${JSON.stringify(body.join("|"))}`;
  });
  return bodies.join(", ");
}

const head = (method: string, path: string, ...lines: string[]): string =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\n${lines.map((l) => `${l}\r\n`).join("")}\r\n`;

function letter(server: Server): void {
  console.log("HEAD:", raw(server, head("HEAD", "/", "Connection: close")));
  const three = head("GET", "/slow") + head("GET", "/") + head("GET", "/", "Connection: close");
  console.log("pipelined:", raw(server, three));
  console.log(
    "chunked, with trailers:",
    raw(
      server,
      head("POST", "/count", "Transfer-Encoding: chunked", "Trailer: X-Sum", "Connection: close"),
      "5\r\nhello\r\n",
      "3\r\nyou\r\n0\r\nX-Sum: 42\r\n\r\n",
    ),
  );
  console.log("trailers:", raw(server, head("GET", "/trailer", "Connection: close", "TE: trailers")));
  console.log("no body:", raw(server, head("POST", "/count", "Content-Length: 0", "Connection: close")));
  console.log("1.0:", raw(server, "GET / HTTP/1.0\r\n\r\n"));
  const body = "y".repeat(100_000);
  const post = (path: string): string => head("POST", path, `Content-Length: ${body.length}`) + body;
  console.log("big:", raw(server, post("/count"), head("GET", "/", "Connection: close")));
  console.log("body ignored:", raw(server, post("/ignore"), head("GET", "/", "Connection: close")));
  console.log("body half read:", raw(server, post("/half"), head("GET", "/", "Connection: close")));
  console.log("body too large:", raw(server, head("POST", "/small", "Content-Length: 100") + "z".repeat(100)));
}

function garbage(server: Server): void {
  console.log("garbage:", raw(server, "\u0016\u0003\u0001 is no HTTP\r\n\r\n"));
  console.log("no length:", raw(server, head("GET", "/", "Content-Length: many")));
}

function leaving(server: Server): void {
  for (const path of ["/leave", "/leave-whole"]) {
    const c = dial({ host: "127.0.0.1", port: server.port });
    c.write(`${head("POST", path, "Content-Length: 1000")}only this`);
    sleep(10);
    c.close();
  }
  const c = dial({ host: "127.0.0.1", port: server.port });
  c.write(head("GET", "/leave-response"));
  c.read(new Uint8Array(1000));
  c.close();
  until(() => outcomes.length === 3);
  console.log("left:", outcomes.sort().join(", "));
  // Many that leave while they are answered.
  const wg = new WaitGroup();
  for (let i = 0; i < 500; i++) {
    wg.go((k: number) => {
      const one = dial({ host: "127.0.0.1", port: server.port });
      one.write(head(k % 2 === 0 ? "GET" : "POST", k % 3 === 0 ? "/forever" : "/count", "Content-Length: 10"));
      if (k % 5 === 0) sleep(1);
      one.close();
    }, i);
  }
  wg.wait();
  console.log(
    "nobody is left behind:",
    until(() => running === 0),
  );
}

function closing(server: Server): void {
  // Neither has sent a whole request: they must not keep a server that closes.
  const silent = dial({ host: "127.0.0.1", port: server.port });
  const half = dial({ host: "127.0.0.1", port: server.port });
  half.write("GET / HT");
  const busy = dial({ host: "127.0.0.1", port: server.port });
  busy.write(head("GET", "/slow"));
  while (running === 0) sleep(1);
  const answered = go(() => rest(busy).includes("slow"));
  const [ctx, cancel] = withTimeout(background(), 30_000);
  server.close(ctx);
  console.log("closed without them:", ctx.err() === undefined, "answered:", answered.join());
  cancel();
  for (const c of [silent, half, busy]) c.close();
}

export function main(): void {
  const failed: string[] = [];
  const onError = (e: unknown): void => void failed.push((e as HttpError).code ?? String(e));
  const server = serve({ host: "127.0.0.1", onError }, answer);
  console.log(
    "in use:",
    attempt(() => serve({ host: "127.0.0.1", port: server.port }, answer)),
  );
  console.log(
    "no such host:",
    attempt(() => serve({ host: "no.such.host.invalid" }, answer)),
  );
  letter(server);
  garbage(server);
  leaving(server);
  closing(server);
  console.log("reported:", failed.join(", ") || "nothing");
  const handles = (): number => process.getActiveResourcesInfo().filter((s) => s.includes("TCP")).length;
  until(() => numGoroutine() === 1 && handles() === 0 && stats().timers === 0);
  console.log("goroutines left:", numGoroutine());
  console.log("handles left:", handles(), "timers:", stats().timers);
}
