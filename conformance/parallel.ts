/** Parallel goroutines: what crosses, what comes back, what the module's top does on other threads. */
import { chan, go, move, parallel, perThread, select, timeout, WaitGroup, type Chan } from "gort";
import { isMainThread } from "node:worker_threads";
import { half } from "./lib/half.ts";

console.log("top", isMainThread);

const table = [1, 2, 3, 4].map((n) => n * 10);
const seen = perThread(() => new Map<number, number>());

function step(n: number): number {
  seen.set(n, (seen.get(n) ?? 0) + 1);
  return table[n % table.length]! + half(n);
}

const work = parallel((n: number, out: Chan<number>): void => {
  out.send(step(n));
});

const describe = parallel((value: unknown): string => {
  if (value instanceof Map) return `Map ${[...value].join(" ")}`;
  if (value instanceof Set) return `Set ${[...value].join(" ")}`;
  if (value instanceof Date) return `Date ${value.toISOString()}`;
  if (value instanceof RegExp) return `RegExp ${value.source} ${value.flags}`;
  if (value instanceof Uint16Array) return `Uint16Array ${[...value].join(" ")}`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${value.byteLength}`;
  if (value instanceof Error)
    return `${value.constructor.name} ${value.name}: ${value.message}, ${String(value.cause)}`;
  if (typeof value === "object") return JSON.stringify(value);
  return `${typeof value} ${Object.is(value, -0) ? "-0" : String(value)}`;
});

const echo = parallel((value: unknown): unknown => value);

const fail = parallel((message: string): never => {
  throw new RangeError(message, { cause: new Error("below") });
});

const relay = parallel((from: Chan<Chan<string>>): void => {
  for (const reply of from) reply.send("relayed");
});

const serve = parallel((requests: Chan<number>, quit: Chan<never>, answers: Chan<string>): void => {
  for (;;) {
    const r = select({ request: requests, quit, late: timeout(20_000) });
    if (r.case === "request") answers.send(`answer ${r.value}`);
    else {
      answers.send(`${r.case} ${r.ok}`);
      return;
    }
  }
});

/** Goroutines that share a heap, on whatever thread. */
const family = parallel((n: number): number => {
  let sum = 0;
  const wg = new WaitGroup();
  for (let i = 1; i <= n; i++)
    wg.go(() => {
      sum += i;
    });
  wg.wait();
  return sum;
});

export function main(): void {
  const out = chan<number>();
  for (let n = 0; n < 20; n++) go(work, n, out);
  let sum = 0;
  for (let n = 0; n < 20; n++) sum += out.recv()!;
  console.log("sum", sum, "called here", step(2));

  const cyclic: { name: string; self?: unknown } = { name: "cycle" };
  cyclic.self = cyclic;
  const values: unknown[] = [
    undefined,
    null,
    true,
    7,
    -0,
    2.5,
    NaN,
    2 ** 40,
    -12345678901234567890n,
    "short",
    "a string that is longer than a cell",
    "snow ☃ and 😀",
    { a: Object.assign(new Array(3), { 0: 1, 2: 3 }), b: { c: "d" } },
    new Map([[1, "one"]]),
    new Set(["x", "y"]),
    new Date(0),
    /a+b/gi,
    new Uint16Array([1, 2, 65_535]),
    new ArrayBuffer(3),
    new TypeError("bad", { cause: "why" }),
  ];
  for (const value of values) console.log(go(describe, value).join());
  const back = go(echo, cyclic).join() as typeof cyclic;
  console.log("cycle", back.self === back, back !== cyclic, back.name);

  try {
    go(fail, "too far").join();
  } catch (e) {
    const error = e as Error;
    console.log(
      error instanceof RangeError,
      error.message,
      (error.cause as Error).message,
      error.stack!.includes("fail"),
    );
  }

  class Point {
    readonly x = 1;
  }
  for (const value of [
    () => 1,
    { deep: [{ onDone: main }] },
    new Point(),
    { "a key": Symbol("s") },
    Promise.resolve(),
  ]) {
    try {
      go(echo, value);
    } catch (e) {
      console.log((e as { code: string }).code, (e as Error).message.split(";")[0]!.split(": ").slice(2).join(": "));
    }
  }
  try {
    const room = chan<unknown>(1);
    go(echo, room).join();
    room.send({ of: [main] });
  } catch (e) {
    console.log((e as Error).message.split(";")[0]);
  }

  const buffer = new Uint8Array([1, 2, 3]);
  const moved = go(echo, move(buffer)).join() as Uint8Array;
  console.log("moved", buffer.length, [...moved].join(" "));

  const channels = chan<Chan<string>>();
  const reply = chan<string>();
  go(relay, channels);
  channels.send(reply);
  console.log(reply.recv());
  channels.close();

  const [requests, quit, answers] = [chan<number>(), chan<never>(), chan<string>(4)];
  const server = go(serve, requests, quit, answers);
  requests.send(1);
  requests.send(2);
  console.log(answers.recv(), answers.recv());
  quit.close();
  console.log(answers.recv());
  server.join();

  const wg = new WaitGroup();
  const buffered = chan<number>(32);
  for (let n = 0; n < 8; n++) wg.go(work, n, buffered);
  wg.wait();
  console.log("buffered", buffered.len, buffered.cap);
  buffered.close();
  let rest = 0;
  for (const v of buffered) rest += v;
  console.log("rest", rest, buffered.recvOk());
  console.log("family", go(family, 100).join());
}
