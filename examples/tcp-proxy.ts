/**
 * A TCP proxy: what one side says goes to the other, both ways at once, as fast as the slower side takes it. The end of one direction is
 * passed on and leaves the other open.
 *
 *     client ──► pipe ──► target
 *     client ◄── pipe ◄── target
 *
 * Usage: npx gort run examples/tcp-proxy.ts PORT TARGET_PORT [TARGET_HOST]     without arguments it shows itself, and ends
 */
import { go, WaitGroup } from "gort";
import { dial, listen, type Conn, type Listener } from "gort/net";

/** Copies until `from` ends; passes the end on. */
function pipe(from: Conn, to: Conn): number {
  const buf = new Uint8Array(65_536);
  let total = 0;
  for (let n = from.read(buf); n > 0; n = from.read(buf)) total += to.write(buf.subarray(0, n));
  to.closeWrite();
  return total;
}

function relay(client: Conn, target: { host: string; port: number }): void {
  using inside = client;
  try {
    using outside = dial(target);
    const up = go(pipe, inside, outside);
    const down = pipe(outside, inside);
    console.log(`${up.join()} bytes there, ${down} back`);
  } catch (e) {
    console.log(`given up: ${(e as Error).message.replaceAll(/:\d+/g, ":PORT")}`);
  }
}

function proxy(listener: Listener, target: { host: string; port: number }): void {
  for (const conn of listener) go(relay, conn, target);
}

/** Answers in capitals, once it has heard everything. */
function shout(listener: Listener): void {
  for (const conn of listener) {
    go(() => {
      using c = conn;
      const buf = new Uint8Array(65_536);
      const heard: string[] = [];
      for (let n = c.read(buf); n > 0; n = c.read(buf)) heard.push(Buffer.from(buf.subarray(0, n)).toString("latin1"));
      c.write(heard.join("").toUpperCase());
    });
  }
}

function ask(port: number, text: string): string {
  using c = dial({ host: "127.0.0.1", port });
  c.write(text);
  c.closeWrite();
  const buf = new Uint8Array(65_536);
  let answer = "";
  for (let n = c.read(buf); n > 0; n = c.read(buf)) answer += Buffer.from(buf.subarray(0, n)).toString("latin1");
  return answer;
}

export function main(): void {
  const [port, targetPort, host = "127.0.0.1"] = process.argv.slice(2);
  if (port !== undefined) {
    const listener = listen({ port: Number(port) });
    console.log(`${listener.addr} is ${host}:${targetPort}`);
    proxy(listener, { host, port: Number(targetPort) });
  }
  using target = listen({ host: "127.0.0.1" });
  go(shout, target);
  using entrance = listen({ host: "127.0.0.1" });
  go(proxy, entrance, { host: "127.0.0.1", port: target.port });
  console.log(ask(entrance.port, "hello through the proxy"));
  // Ten at once, a megabyte each: more than the buffers on the way hold.
  const wg = new WaitGroup();
  let right = 0;
  for (let i = 0; i < 10; i++) {
    wg.go(() => {
      const text = "abcdefgh".repeat(131_072);
      if (ask(entrance.port, text) === text.toUpperCase()) right++;
    });
  }
  wg.wait();
  console.log("right:", right);
  using nowhere = listen({ host: "127.0.0.1" });
  go(proxy, nowhere, { host: "127.0.0.1", port: 1 });
  console.log("from nowhere:", JSON.stringify(ask(nowhere.port, "")));
}
