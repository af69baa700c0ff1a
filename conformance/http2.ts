/** HTTP/2 under a handler of ours: what it throws is an answer, and a client that leaves is noticed, whatever Node makes of the half body. */
import { chan, fromEmitter, go, select, sleep, timeout, wait, WaitGroup } from "gort";
import { bodyChunks, contextOf, handler, readBody, writeBody, type HttpError } from "gort/http";
import { dial } from "gort/net";
import { once } from "node:events";
import {
  connect,
  createServer,
  type ClientHttp2Session,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import type { AddressInfo } from "node:net";

const outcomes = chan<string>(8);

function attempt(f: () => unknown): string {
  try {
    return `no error: ${String(f())}`;
  } catch (e) {
    const { name, code, op } = e as HttpError;
    return [name, code, op].join(" ");
  }
}

function answer(req: Http2ServerRequest, res: Http2ServerResponse): void {
  const [, what, when] = req.url.split("/");
  if (when === "late") sleep(50);
  switch (what) {
    case "hello":
      sleep(2);
      writeBody(res, "hel");
      res.end("lo");
      return;
    case "teapot":
      throw Object.assign(new Error("no coffee"), { status: 418 });
    case "half":
      writeBody(res, "half");
      sleep(5);
      throw new Error("in the middle");
    case "body":
      outcomes.send(attempt(() => readBody(req).length));
      res.end();
      return;
    case "small":
      res.end(String(readBody(req, { limit: 10 })));
      return;
    case "large":
      req.stream.once("close", () => outcomes.trySend("the stream is closed"));
      readBody(req, { limit: 2 });
      return;
    case "piped": {
      let n = 0;
      req.on("data", (part: Buffer) => (n += part.length)).once("end", () => outcomes.trySend(`${n} bytes`));
      res.end();
      return;
    }
    case "chunks":
      outcomes.send(
        attempt(() => {
          let n = 0;
          for (const chunk of bodyChunks(req)) n += chunk.length;
          return n;
        }),
      );
      res.end();
      return;
    case "write":
      outcomes.send(
        attempt(() => {
          for (;;) writeBody(res, "x".repeat(50_000));
        }),
      );
      return;
    default: {
      const end = select({ ended: contextOf(req).done(), late: timeout(10_000) });
      outcomes.send(end.case);
    }
  }
}

function get(session: ClientHttp2Session, path: string, body: string | undefined): string {
  const stream = session.request({ ":path": path, ":method": body === undefined ? "GET" : "POST" });
  using headers = fromEmitter<[Record<string, unknown>]>(stream, "response");
  using data = fromEmitter<[Buffer]>(stream, "data", { close: "close" });
  stream.end(body);
  const [head] = headers.recv()!;
  let text = "";
  try {
    for (const [part] of data) text += String(part);
  } catch (e) {
    text += `, ${(e as Error).message}`;
  }
  return `${String(head[":status"])} ${JSON.stringify(text)}`;
}

function frame(type: number, flags: number, stream: number, data: Buffer | string): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(data.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, Buffer.from(data as string)]);
}

const [DATA, HEADERS, RST_STREAM, SETTINGS] = [0, 1, 3, 4];

/** Begins a POST, sends a part of the body, and ends as `how` says: Node's own client cannot leave so rudely. */
function leave(port: number, path: string, how: string): string {
  using conn = dial({ port });
  conn.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  conn.write(frame(SETTINGS, 0, 0, ""));
  // :method POST, :scheme http, :path and :authority as literals.
  const fields = [Buffer.from([0x83, 0x86, 0x44, path.length]), Buffer.from(path), Buffer.from([0x41, 1, 0x78])];
  conn.write(frame(HEADERS, 4, 1, Buffer.concat(fields)));
  conn.write(frame(DATA, 0, 1, "abc"));
  sleep(10);
  if (how === "reset") conn.write(frame(RST_STREAM, 0, 1, Buffer.from([0, 0, 0, 8])));
  else if (how === "reset without an error") conn.write(frame(RST_STREAM, 0, 1, Buffer.alloc(4)));
  else if (how === "left open") sleep(1);
  else if (how === "whole") conn.write(frame(DATA, 1, 1, "def"));
  else conn.close();
  return outcomes.recv()!;
}

export function main(): void {
  const reported: string[] = [];
  const server = createServer(handler(answer, { onError: (e) => reported.push((e as Error).message) }));
  server.listen(0);
  wait(once(server, "listening"));
  const { port } = server.address() as AddressInfo;
  const session = connect(`http://localhost:${port}`);

  const answers: string[] = [];
  const wg = new WaitGroup();
  for (let i = 0; i < 20; i++) wg.go(() => answers.push(get(session, "/hello", undefined)));
  wg.wait();
  console.log(answers.length, [...new Set(answers)].join());
  console.log("thrown:", get(session, "/teapot", undefined));
  console.log("thrown behind a part:", get(session, "/half", undefined));
  console.log("too large:", get(session, "/small", "x".repeat(100)));
  console.log("the others go on:", get(session, "/small", "small"));
  console.log("reported:", reported.join(", "));

  for (const path of ["/body", "/body/late", "/chunks", "/chunks/late", "/write", "/write/late", "/wait", "/wait/late"])
    for (const how of ["reset", "reset without an error", "closed"])
      console.log(`${path}, ${how}: ${leave(port, path, how)}`);
  for (const path of ["/body", "/body/late", "/chunks", "/chunks/late"])
    console.log(`${path}, whole: ${leave(port, path, "whole")}`);
  console.log("more than it wants:", leave(port, "/large", "left open"));
  console.log("read behind the answer:", leave(port, "/piped", "whole"));
  console.log("left behind:", go(get, session, "/hello", undefined).join(), reported.length);
  session.close();
  server.close();
}
