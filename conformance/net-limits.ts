/** Connections under load: slow readers and writers in bounded memory, writers that give up, a port shared, thousands open and dropped. */
import { background, chan, go, numGoroutine, sleep, WaitGroup, withCancel, withTimeout } from "gort";
import { exec, spawn } from "gort/exec";
import { dial, listen, type Conn, type NetError } from "gort/net";
import { until } from "./lib/settle.ts";

const MB = 1 << 20;

function attempt(f: () => unknown): string {
  try {
    return `no error: ${String(f())}`;
  } catch (e) {
    const { name, code, op } = e as NetError;
    return [name, code, op].filter(Boolean).join(" ");
  }
}

function pair(): [client: Conn, server: Conn] {
  using l = listen({ host: "127.0.0.1" });
  const client = dial({ host: "127.0.0.1", port: l.port });
  return [client, l.accept()];
}

/** The reader waits: the writer must wait too, and nothing but the kernel's buffers fills up. */
function slowReader(): void {
  const [client, server] = pair();
  const piece = new Uint8Array(100_000).fill(7);
  const progress = { written: 0 };
  const writer = go(() => {
    for (let i = 0; i < 640; i++) progress.written += client.write(piece);
    client.closeWrite();
    return progress.written;
  });
  // No more for several turns of the event loop: one alone may follow a stall of the machine.
  for (let before = 0, same = 0; same < 10; before = progress.written) {
    sleep(10);
    same = progress.written > 0 && progress.written === before ? same + 1 : 0;
  }
  console.log("the writer waits:", progress.written > 0 && progress.written < 32 * MB);
  const held = process.memoryUsage().arrayBuffers;
  console.log("in little memory:", held < 16 * MB);
  let read = 0;
  const buf = new Uint8Array(MB);
  for (let n = server.read(buf); n > 0; n = server.read(buf)) read += n;
  console.log("and goes on:", writer.join() === read, read);
  client.close();
  server.close();
}

/** Who reads waits for who writes, byte for byte. */
function slowWriter(): void {
  const [client, server] = pair();
  go(() => {
    for (const word of ["a", "slow", "writer"]) {
      sleep(5);
      client.write(`${word} `);
    }
    client.close();
  });
  const buf = new Uint8Array(100);
  let said = "";
  for (let n = server.read(buf); n > 0; n = server.read(buf)) said += new TextDecoder().decode(buf.subarray(0, n));
  console.log(said);
  server.close();
}

/** A writer that gives up again and again on a peer that does not read costs no memory, and close does not wait for the peer. */
function givingUp(): void {
  const [client, server] = pair();
  const before = process.memoryUsage().arrayBuffers;
  const big = new Uint8Array(8 * MB);
  let [late, done] = [0, 0];
  for (let i = 0; i < 40; i++) {
    const [ctx, cancel] = withTimeout(background(), 3);
    try {
      client.write(big, ctx);
      done++;
    } catch {
      late++;
    }
    cancel();
  }
  console.log("gave up:", late >= 30, late + done);
  console.log("in little memory:", process.memoryUsage().arrayBuffers - before < 24 * MB);
  client.setWriteDeadline(new Date(Date.now() + 5));
  console.log(
    "deadline:",
    attempt(() => client.write(big)),
  );
  client.close();
  const buf = new Uint8Array(MB);
  console.log(
    "the peer sees an end:",
    /no error: 0|ECONNRESET/.test(
      attempt(() => {
        for (;;) if (server.read(buf) === 0) return 0;
      }),
    ),
  );
  server.close();
}

/** Two writers of one connection: each write is whole. */
function turns(): void {
  const [client, server] = pair();
  const wg = new WaitGroup();
  for (const fill of [1, 2, 3]) wg.go(() => void client.write(new Uint8Array(3 * MB).fill(fill)));
  go(() => {
    wg.wait();
    client.close();
  });
  const runs: number[] = [];
  const buf = new Uint8Array(MB);
  let last = 0;
  for (let n = server.read(buf); n > 0; n = server.read(buf)) {
    for (let i = 0; i < n; i += 997) {
      if (buf[i] !== last) runs.push((last = buf[i]!));
    }
  }
  console.log("in turns:", runs.sort().join());
  server.close();
}

function sharedPort(): void {
  const first = listen({ host: "127.0.0.1", reusePort: true });
  const second = listen({ host: "127.0.0.1", port: first.port, reusePort: true });
  console.log("one port for two:", first.port === second.port);
  const [ctx, cancel] = withCancel(background());
  const accepted = chan<string>(32);
  for (const l of [first, second]) {
    go(() => {
      try {
        for (;;) {
          using _ = l.accept(ctx);
          accepted.send(l === first ? "first" : "second");
        }
      } catch {
        // cancelled
      }
    });
  }
  for (let i = 0; i < 32; i++) dial({ host: "127.0.0.1", port: first.port }).close();
  let n = 0;
  while (n < 32) {
    accepted.recv();
    n++;
  }
  cancel();
  first.close();
  second.close();
  console.log("accepted by either:", n);
}

/** The clients: another process, because a connection takes a file in each. */
const clients = `
const { connect } = require("node:net");
const [port, total] = process.argv.slice(1).map(Number);
const sockets = [];
let [opened, echoed] = [0, 0];
const more = () => {
  if (opened === total) return;
  opened++;
  const s = connect({ port, host: "127.0.0.1" });
  sockets.push(s);
  s.on("connect", () => s.write("x"));
  s.on("data", () => { more(); if (++echoed === total) { console.log("open"); process.stdin.resume(); } });
  s.on("error", (e) => { console.log(e.message); process.exit(1); });
};
for (let i = 0; i < 256; i++) more();
process.stdin.on("end", () => { sockets.forEach((s, i) => i % 2 ? s.resetAndDestroy() : s.destroy()); console.log("dropped"); });
`;

function echo(conn: Conn): void {
  using c = conn;
  const buf = new Uint8Array(16);
  try {
    for (let n = c.read(buf); n > 0; n = c.read(buf)) c.write(buf.subarray(0, n));
  } catch {
    // reset
  }
}

/** As many as this process may have open, 10,000 at most: each a goroutine that waits, on one thread. */
function thousands(): void {
  const limit = Number(exec("sh", ["-c", "ulimit -n"]).stdout) || 65_536;
  const total = Math.min(10_000, limit - 200);
  using l = listen({ host: "127.0.0.1", backlog: 1024 });
  go(() => {
    for (const conn of l) go(echo, conn);
  });
  using child = spawn(process.execPath, ["-e", clients, String(l.port), String(total)], { input: "" });
  console.log(child.lines.recv());
  console.log(child.lines.recv(), JSON.stringify(child.wait()));
  until(() => numGoroutine() === 2);
  console.log("their goroutines:", numGoroutine() - 2);
}

export function main(): void {
  slowReader();
  slowWriter();
  givingUp();
  turns();
  sharedPort();
  thousands();
  const handles = (): number => process.getActiveResourcesInfo().filter((s) => /TCP|Process/.test(s)).length;
  until(() => numGoroutine() === 1 && handles() === 0);
  console.log("goroutines left:", numGoroutine());
  console.log("handles left:", handles());
}
