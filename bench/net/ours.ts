/** The same servers on goroutines: one for each connection, one for each request. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { go, parallel, sleep } from "gort";
import { serve } from "gort/http";
import { listen, serve as serveConns, type Conn } from "gort/net";

function echo(conn: Conn): void {
  using c = conn;
  const buf = new Uint8Array(4096);
  try {
    for (let n = c.read(buf); n > 0; n = c.read(buf)) c.write(buf.subarray(0, n));
  } catch {
    // The client has gone.
  }
}

/** What a request of the spread cases computes, in plain loops: some 0.3 ms, so that clients take little of the machine. */
function compute(): number {
  let x = 1;
  for (let i = 0; i < 300_000; i++) x = (x * 31 + i) | 0;
  return x;
}
const answer = parallel((_req: IncomingMessage, res: ServerResponse) => {
  compute();
  res.end("hello\n");
});
const reply = parallel((conn: Conn) => {
  const buf = new Uint8Array(4096);
  for (let n = conn.read(buf); n > 0; n = conn.read(buf)) {
    compute();
    conn.write(buf.subarray(0, n));
  }
});

export function main(): void {
  const what = process.argv[2];
  if (what === "http_spread" || what === "tcp_spread") {
    const options = { host: "127.0.0.1" };
    const server = what === "http_spread" ? serve(options, answer) : serveConns(options, reply);
    // Until the other threads listen.
    sleep(500);
    console.log(server.port);
    server.wait();
  } else if (what === "http_hello") {
    const server = serve({ host: "127.0.0.1" }, (_req, res) => {
      res.setHeader("content-type", "text/plain");
      res.end("hello\n");
    });
    console.log(server.port);
    server.wait();
  } else {
    const listener = listen({ host: "127.0.0.1" });
    console.log(listener.port);
    for (const conn of listener) go(echo, conn);
  }
}
