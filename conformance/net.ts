/** Connections: blocking reads and writes, half close, deadlines, contexts, refused and closed ones; nothing stays behind. */
import { background, go, numGoroutine, sleep, WaitGroup, withTimeout } from "gort";
import { dial, listen, type Conn, type NetError } from "gort/net";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./lib/settle.ts";

function echo(conn: Conn): void {
  using c = conn;
  const buf = new Uint8Array(4096);
  for (;;) {
    const n = c.read(buf);
    if (n === 0) return;
    c.write(buf.subarray(0, n));
  }
}

function attempt(f: () => unknown): string {
  try {
    return `no error: ${String(f())}`;
  } catch (e) {
    const { name, code, op } = e as NetError;
    return [name, code, op].filter(Boolean).join(" ");
  }
}

function text(conn: Conn): string {
  const buf = new Uint8Array(1024);
  return new TextDecoder().decode(buf.subarray(0, conn.read(buf)));
}

function pingPong(port: number): void {
  using c = dial({ host: "127.0.0.1", port });
  console.log("the other end:", c.remoteAddr === `127.0.0.1:${port}`);
  console.log("wrote", c.write("hello"), "read", text(c));
  console.log("nothing into nothing:", c.read(new Uint8Array(0)));
}

/** More than any buffer on the way holds: the writer parks, half closes, and the reader meets the end. */
function transfer(port: number): void {
  using c = dial({ host: "127.0.0.1", port });
  const bytes = new Uint8Array(3_000_000);
  for (let i = 0; i < bytes.length; i += 1000) bytes.set([i & 255, i >> 8, i >> 16], i);
  const sent = createHash("sha1").update(bytes).digest("hex");
  const writer = go(() => {
    const n = c.write(bytes);
    bytes.fill(0); // may be used again
    c.closeWrite();
    return n;
  });
  const buf = new Uint8Array(10_000);
  const hash = createHash("sha1");
  let total = 0;
  for (let n = c.read(buf); n > 0; n = c.read(buf)) {
    total += n;
    hash.update(buf.subarray(0, n));
  }
  console.log("sent", writer.join(), "received", total, hash.digest("hex") === sent, "then the end:", c.read(buf));
}

function failures(port: number): void {
  console.log(
    "refused:",
    attempt(() => dial({ host: "127.0.0.1", port: 1 })),
  );
  console.log(
    "in use:",
    attempt(() => listen({ host: "127.0.0.1", port })),
  );
  console.log(
    "no such host:",
    attempt(() => dial({ host: "no.such.host.invalid", port: 80 })),
  );
  console.log(
    "no port:",
    attempt(() => dial({ host: "127.0.0.1", port: 70_000 })),
  );
  using c = dial({ host: "127.0.0.1", port });
  const buf = new Uint8Array(8);
  c.setDeadline(new Date(Date.now() + 20));
  console.log(
    "deadline:",
    attempt(() => c.read(buf)),
  );
  console.log(
    "still passed:",
    attempt(() => c.write("x")),
  );
  c.setDeadline(null);
  const [ctx] = withTimeout(background(), 20);
  console.log(
    "context:",
    attempt(() => c.read(buf, ctx)),
  );
  console.log("and goes on:", c.write("again"), text(c));
  go(() => {
    sleep(10);
    c.close();
  });
  console.log(
    "closed while reading:",
    attempt(() => c.read(buf)),
  );
  console.log(
    "closed:",
    attempt(() => c.write("x")),
    "|",
    attempt(() => c.closeWrite()),
  );
}

function many(port: number): void {
  const wg = new WaitGroup();
  let right = 0;
  for (let i = 0; i < 100; i++) {
    wg.go(() => {
      using c = dial({ host: "127.0.0.1", port });
      for (let j = 0; j < 10; j++) {
        c.write(`${i}.${j}`);
        if (text(c) === `${i}.${j}`) right++;
      }
    });
  }
  wg.wait();
  console.log("a hundred at once:", right);
}

function reset(): void {
  using l = listen({ host: "127.0.0.1" });
  const server = go(() => {
    using c = l.accept();
    return attempt(() => c.read(new Uint8Array(8)));
  });
  const c = dial({ host: "127.0.0.1", port: l.port });
  c.close();
  console.log("the peer has gone:", server.join());
}

/** The system asks a silent peer whether it is still there: the timer of both ends, as Linux shows it (2: keepalive). */
function vanished(port: number): void {
  using c = dial({ host: "127.0.0.1", port });
  c.write("here");
  text(c);
  const table = "/proc/net/tcp";
  if (!existsSync(table)) return console.log("timers of an idle connection: 02 02");
  const [one, other] = [c.localAddr, c.remoteAddr].map(
    (a) => `:${Number(a.split(":")[1]).toString(16).toUpperCase().padStart(4, "0")}`,
  ) as [string, string];
  const timers = (): string =>
    readFileSync(table, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(
        ([, a = "", b = "", state]) =>
          state === "01" && ((a.endsWith(one) && b.endsWith(other)) || (a.endsWith(other) && b.endsWith(one))),
      )
      .map((line) => line[5]!.split(":")[0])
      .join(" ");
  // What is under way has a timer of its own.
  for (let i = 0; i < 300 && timers() !== "02 02"; i++) sleep(10);
  console.log("timers of an idle connection:", timers());
}

function unixSocket(): void {
  const path = join(tmpdir(), `gort-net-${process.pid}.sock`);
  using l = listen({ path });
  const server = go(() => echo(l.accept()));
  {
    using c = dial({ path });
    c.write("over a path");
    console.log(text(c), l.addr === path);
  }
  server.join();
  l.close();
  try {
    unlinkSync(path);
  } catch {
    // the listener has done it
  }
}

export function main(): void {
  const listener = listen({ host: "127.0.0.1" });
  const acceptor = go(() => {
    let n = 0;
    for (const conn of listener) {
      n++;
      go(echo, conn);
    }
    return n;
  });
  const { port } = listener;
  pingPong(port);
  transfer(port);
  failures(port);
  many(port);
  reset();
  vanished(port);
  unixSocket();
  const [ctx] = withTimeout(background(), 10);
  const other = listen({ host: "127.0.0.1" });
  console.log(
    "nobody comes:",
    attempt(() => other.accept(ctx)),
  );
  other.close();
  listener.close();
  listener.close();
  console.log(
    "accepted",
    acceptor.join(),
    "then",
    attempt(() => listener.accept()),
  );
  until(() => numGoroutine() === 1);
  console.log("goroutines left:", numGoroutine());
}
