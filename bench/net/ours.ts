/** The same servers on goroutines: one for each connection, one for each request. */
import { go } from "gort";
import { serve } from "gort/http";
import { listen, type Conn } from "gort/net";

function echo(conn: Conn): void {
  using c = conn;
  const buf = new Uint8Array(4096);
  try {
    for (let n = c.read(buf); n > 0; n = c.read(buf)) c.write(buf.subarray(0, n));
  } catch {
    // The client has gone.
  }
}

export function main(): void {
  if (process.argv[2] === "http_hello") {
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
