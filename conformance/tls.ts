/** TLS: the same connections, certificates that are not accepted, garbage, peers that never finish a handshake. */
import { background, go, numGoroutine, sleep, wait, withCancel } from "gort";
import { serve } from "gort/http";
import { dial, listen, type Conn, type NetError } from "gort/net";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { get } from "node:https";
import type { IncomingMessage } from "node:http";
import { selfSigned } from "./lib/certificate.ts";
import { until } from "./lib/settle.ts";

const identity = selfSigned("localhost");
const ca = identity.cert;

function attempt(f: () => unknown): string {
  try {
    return `no error: ${String(f())}`;
  } catch (e) {
    const { name, code, op } = e as NetError;
    return [name, code, op].filter(Boolean).join(" ");
  }
}

function echo(conn: Conn): void {
  using c = conn;
  const buf = new Uint8Array(65_536);
  try {
    for (let n = c.read(buf); n > 0; n = c.read(buf)) c.write(buf.subarray(0, n));
    c.closeWrite();
  } catch {
    // The peer has gone.
  }
}

/** Both ways at once, more than any buffer on the way holds; the end of one way leaves the other open. */
function transfer(port: number): void {
  using c = dial({ port, tls: { ca } });
  const bytes = new Uint8Array(2_000_000);
  for (let i = 0; i < bytes.length; i += 1000) bytes.set([i & 255, i >> 8, i >> 16], i);
  const writer = go(() => {
    const n = c.write(bytes);
    c.closeWrite();
    return n;
  });
  const hash = createHash("sha1");
  const buf = new Uint8Array(10_000);
  let total = 0;
  for (let n = c.read(buf); n > 0; n = c.read(buf)) {
    total += n;
    hash.update(buf.subarray(0, n));
  }
  const same = hash.digest("hex") === createHash("sha1").update(bytes).digest("hex");
  console.log("sent", writer.join(), "received", total, same);
}

/** A peer that does not speak TLS, and one that says nothing: neither is ever accepted. */
function strangers(port: number): void {
  using garbage = dial({ host: "127.0.0.1", port });
  garbage.write("GET / HTTP/1.1\r\n\r\n");
  const buf = new Uint8Array(100);
  const answer = attempt(() => {
    while (garbage.read(buf) > 0);
    return "the end";
  });
  console.log("garbage:", /the end|ECONNRESET/.test(answer));
}

const sockets = (): number => process.getActiveResourcesInfo().filter((s) => s === "TCPSocketWrap").length;

/** Peers that leave before the handshake is done, having said nothing or half a greeting: no socket is kept for them. */
function leavers(port: number): void {
  const before = sockets();
  for (const said of ["", "\u0016\u0003\u0001\u0002\u0000"]) {
    const c = dial({ host: "127.0.0.1", port });
    if (said !== "") c.write(Buffer.from(said, "latin1"));
    sleep(5);
    c.close();
  }
  until(() => sockets() <= before);
  console.log("left while shaking hands:", Math.max(0, sockets() - before), "sockets kept");
}

function silence(): void {
  const listener = listen({ host: "127.0.0.1", tls: identity });
  const silent = dial({ host: "127.0.0.1", port: listener.port });
  until(() => sockets() === 2); // both ends, and nobody else's
  listener.close();
  // The listener does not outlive its close for a handshake that never comes.
  console.log("silent peer:", silent.read(new Uint8Array(1)));
  silent.close();
}

/** Over a path: ends have no addresses there, and those that shake hands are told from those that stand all the same. */
function unixSocket(): void {
  const path = join(tmpdir(), `gort-tls-${process.pid}.sock`);
  const listener = listen({ path, tls: identity });
  const silent = [dial({ path }), dial({ path })];
  const server = go(() => listener.accept());
  using c = dial({ path, tls: { ca, servername: "localhost" } });
  using s = server.join();
  listener.close();
  for (const one of silent) {
    one.setReadDeadline(new Date(Date.now() + 10_000));
    console.log(
      "silent over a path:",
      attempt(() => one.read(new Uint8Array(1))),
    );
    one.close();
  }
  c.write("still there");
  const buf = new Uint8Array(100);
  console.log(new TextDecoder().decode(buf.subarray(0, s.read(buf))));
}

/** A server that does not speak TLS: the client gives up when its context ends, here once it has been heard. */
function mute(): void {
  using l = listen({ host: "127.0.0.1" });
  const [ctx, cancel] = withCancel(background());
  const peer = go(() => {
    using c = l.accept();
    const buf = new Uint8Array(1000);
    let n = 0;
    for (let got = c.read(buf); got > 0; got = c.read(buf)) {
      n += got;
      cancel();
    }
    return n > 0;
  });
  console.log(
    "mute server:",
    attempt(() => dial({ host: "127.0.0.1", port: l.port, tls: { ca } }, ctx)),
    peer.join(),
  );
}

function https(): void {
  using server = serve({ host: "127.0.0.1", tls: identity }, (_req, res) => {
    sleep(1);
    res.end("over https");
  });
  const { port } = server;
  const res = wait(
    new Promise<IncomingMessage>((resolve) => get({ host: "localhost", port, ca, agent: false }, resolve)),
  );
  console.log(wait(new Response(res as never).text()));
}

export function main(): void {
  const listener = listen({ tls: identity });
  const acceptor = go(() => {
    for (const conn of listener) go(echo, conn);
  });
  const { port } = listener;
  transfer(port);
  console.log(
    "not trusted:",
    attempt(() => dial({ port, tls: true })),
  );
  console.log(
    "another name:",
    attempt(() => dial({ port, tls: { ca, servername: "example.org" } })),
  );
  console.log(
    "not checked:",
    attempt(() => {
      using c = dial({ port, tls: { rejectUnauthorized: false } });
      return c.write("x");
    }),
  );
  console.log(
    "no key:",
    attempt(() => listen({ tls: { key: "none", cert: "none" } })),
  );
  strangers(port);
  leavers(port);
  silence();
  unixSocket();
  mute();
  https();
  listener.close();
  acceptor.join();
  const handles = (): number => process.getActiveResourcesInfo().filter((s) => /TCP|TLS/.test(s)).length;
  until(() => numGoroutine() === 1 && handles() === 0);
  console.log("goroutines left:", numGoroutine());
  console.log("handles left:", handles());
}
