/**
 * Servers with a parallel handler: each thread serves, connections are spread, and what holds on one thread holds on all: a throw answers 500,
 * a connection that fails ends alone, a server that closes waits for every thread's requests. With one P main serves alone.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { connect } from "node:net";
import { threadId } from "node:worker_threads";
import { background, chan, go, gomaxprocs, parallel, sleep, wait, WaitGroup, withTimeout } from "gort";
import { contextOf, readBody, serve } from "gort/http";
import { dial, serve as serveConns, type Conn } from "gort/net";
import { selfSigned } from "./lib/certificate.ts";

const answer = parallel((req: IncomingMessage, res: ServerResponse) => {
  if (req.url === "/throw") throw new Error("thrown");
  if (req.url === "/slow") {
    res.write("begun ");
    sleep(100);
  }
  if (req.url === "/gone") {
    res.write("begun ");
    contextOf(req).done().recv();
  } else if (req.url === "/body") res.end(`${readBody(req).length}`);
  else res.end(String(threadId));
});
const report = parallel((error: unknown, req: IncomingMessage) => {
  if ((error as Error).message !== "thrown" || req.url !== "/throw") console.log("reported", error);
});
const echo = parallel((conn: Conn) => {
  const buf = new Uint8Array(1000);
  for (let n = conn.read(buf); n > 0; n = conn.read(buf)) conn.write(`${threadId} ${Buffer.from(buf.subarray(0, n))}`);
});

/** One request on a connection of its own. */
function get(port: number, path: string, body?: string): readonly [status: number, text: string] {
  const init = { headers: { connection: "close" }, ...(body === undefined ? {} : { method: "POST", body }) };
  return wait(fetch(`http://127.0.0.1:${port}${path}`, init).then(async (r) => [r.status, await r.text()] as const));
}

/** Asks until every thread there can be has answered. */
function everywhere(what: string, ask: () => string): void {
  const threads = gomaxprocs();
  const seen = new Set<string>();
  for (let i = 0; i < 3000 && seen.size < threads; i++) {
    seen.add(ask());
    if (i > 50) sleep(1);
  }
  console.log(what, seen.size === threads ? "all threads" : [...seen]);
}

function http(): void {
  const server = serve({ host: "127.0.0.1", onError: report }, answer);
  everywhere("http", () => get(server.port, "/")[1]);
  const thrown = new Set<string>();
  for (let i = 0; i < 20; i++) thrown.add(get(server.port, "/throw").join(" ").trim());
  console.log([...thrown].join());
  let bodies = 0;
  for (let i = 0; i < 10; i++) bodies += Number(get(server.port, "/body", "x".repeat(1000))[1]);
  console.log("bodies", bodies);
  // Clients that go away end their requests, on whatever thread.
  for (let i = 0; i < 10; i++) {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET /gone HTTP/1.1\r\nHost: x\r\n\r\n");
    sleep(5);
    socket.destroy();
  }
  // Ten that have been begun are answered to their end.
  const begun: Promise<string>[] = [];
  for (let i = 0; i < 10; i++) {
    const response = fetch(`http://127.0.0.1:${server.port}/slow`, { headers: { connection: "close" } });
    begun.push(wait(response.then((r) => r.text.bind(r)))());
  }
  server.close();
  const whole = begun.map((text) => wait(text)).filter((text) => /^begun \d+$/.test(text));
  console.log("answered while it closed", whole.length);
  try {
    get(server.port, "/");
    console.log("still there");
  } catch {
    console.log("closed");
  }
}

function cut(): void {
  const server = serve({ host: "127.0.0.1" }, answer);
  everywhere("http", () => get(server.port, "/")[1]);
  const wg = new WaitGroup();
  const begun = chan<boolean>();
  let failed = 0;
  for (let i = 0; i < 8; i++)
    wg.go(() => {
      try {
        const response = wait(fetch(`http://127.0.0.1:${server.port}/gone`, { headers: { connection: "close" } }));
        begun.send(true);
        wait(response.text());
      } catch {
        failed++;
      }
    });
  for (let i = 0; i < 8; i++) begun.recv();
  try {
    server.close(withTimeout(background(), 20)[0]);
  } catch (e) {
    console.log("close:", (e as Error).name);
  }
  wg.wait();
  console.log("cut", failed);
}

function conns(): void {
  const server = serveConns({ host: "127.0.0.1" }, echo);
  const ask = (): string => {
    using conn = dial({ host: "127.0.0.1", port: server.port });
    conn.write("hello");
    const buf = new Uint8Array(100);
    const [thread = "", text] = Buffer.from(buf.subarray(0, conn.read(buf)))
      .toString()
      .split(" ");
    return text === "hello" ? thread : "?";
  };
  everywhere("net", ask);
  // Resets end their connection, and nothing else.
  for (let i = 0; i < 20; i++) {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("x");
    sleep(1);
    socket.resetAndDestroy();
  }
  everywhere("net", ask);
  using open = dial({ host: "127.0.0.1", port: server.port });
  open.write("a");
  open.read(new Uint8Array(10));
  server.close();
  const closed = chan<boolean>();
  go(() => {
    server.wait();
    closed.send(true);
  });
  sleep(20);
  console.log("waits for who is there", closed.tryRecv() === undefined);
  open.close();
  closed.recv();
  console.log("closed");
}

function tls(): void {
  const { key, cert } = selfSigned("localhost");
  const server = serveConns({ host: "127.0.0.1", tls: { key, cert } }, echo);
  everywhere("tls", () => {
    using conn = dial({ host: "127.0.0.1", port: server.port, tls: { ca: cert, servername: "localhost" } });
    conn.write("hello");
    const buf = new Uint8Array(100);
    return Buffer.from(buf.subarray(0, conn.read(buf)))
      .toString()
      .split(" ")[0]!;
  });
  // Garbage instead of a handshake.
  for (let i = 0; i < 5; i++) {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("garbage\r\n\r\n");
    sleep(1);
    socket.destroy();
  }
  server.close();
  server.wait();
  console.log("tls closed");
}

function refused(): void {
  const tell = (f: () => unknown): void => {
    try {
      f();
      console.log("nothing");
    } catch (e) {
      console.log((e as { code?: string }).code);
    }
  };
  const taken = createServer();
  wait(new Promise<void>((resolve) => void taken.listen(0, "127.0.0.1", resolve)));
  const { port } = taken.address() as { port: number };
  tell(() => serve({ host: "127.0.0.1", port }, answer));
  tell(() => serveConns({ host: "127.0.0.1", port }, echo));
  taken.close();
  tell(() => serve({ host: "127.0.0.1", onError: () => {} }, answer));
  tell(() => serveConns({ host: "127.0.0.1", tls: { SNICallback: () => {} } }, echo));
}

export function main(): void {
  http();
  cut();
  conns();
  tls();
  refused();
}
