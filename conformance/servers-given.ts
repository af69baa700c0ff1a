/**
 * What a server's handler is given besides its request or connection: a parallel one shares channels, counters and locks with everybody
 * on all threads, and has its own copy of plain data on each; one that is not parallel shares the heap.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { threadId } from "node:worker_threads";
import { AtomicInt, chan, go, gomaxprocs, Mutex, parallel, sleep, wait, type Chan } from "gort";
import { serve } from "gort/http";
import { dial, serve as serveConns, type Conn } from "gort/net";

interface Settings {
  greeting: string;
  served: number;
}

const answer = parallel(
  (_req: IncomingMessage, res: ServerResponse, seen: Chan<number>, all: AtomicInt, settings: Settings) => {
    all.add(1);
    settings.served++;
    seen.send(threadId);
    res.end(`${settings.greeting} ${settings.served}`);
  },
);
const count = parallel((conn: Conn, mu: Mutex, all: AtomicInt) => {
  mu.lock();
  const n = all.load();
  sleep(1);
  all.store(n + 1);
  mu.unlock();
  conn.write(new Uint8Array([1]));
});

// @ts-expect-error -- a function cannot go to another thread
const taking = parallel((_req: IncomingMessage, _res: ServerResponse, _f: () => void) => {});
// @ts-expect-error -- the handler wants something
const mistaken = (): unknown => serve({}, (_req: IncomingMessage, _res: ServerResponse, _n: number) => {});

function get(port: number): string {
  return wait(fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } }).then((r) => r.text()));
}

/** Asks until `threads` have answered; returns how often that was, and whether no thread counted with another. */
function spreads(threads: number): void {
  const [seen, all] = [chan<number>(), new AtomicInt()];
  const settings = { greeting: "hello", served: 0 };
  using server = serve({ host: "127.0.0.1" }, answer, seen, all, settings);
  const by = new Map<number, number>();
  let asked = 0;
  while (asked < 20 || (by.size < threads && asked < 2000)) {
    const from = go(() => seen.recv()!);
    const text = get(server.port);
    const n = (by.get(from.join()) ?? 0) + 1;
    by.set(from.join(), n);
    asked++;
    if (text !== `hello ${n}`) console.log("shares what it must not", text, n);
    if (asked > 50) sleep(1);
  }
  console.log("http", by.size === threads, all.load() === asked, settings.served);
}

function connections(): void {
  const [mu, all] = [new Mutex(), new AtomicInt()];
  using server = serveConns({ host: "127.0.0.1" }, count, mu, all);
  const clients = Array.from({ length: 40 }, () =>
    go(() => {
      using conn = dial({ host: "127.0.0.1", port: server.port });
      conn.read(new Uint8Array(1));
    }),
  );
  for (const client of clients) client.join();
  console.log("net", all.load());
}

function here(): void {
  const list: string[] = [];
  const push = (text: string): number => list.push(text);
  using server = serve(
    { host: "127.0.0.1" },
    (_req, res, f, given) => res.end(`${f("called")} ${given === list}`),
    push,
    list,
  );
  console.log("not parallel:", get(server.port), list.join());
}

function refused(): void {
  try {
    serve({ host: "127.0.0.1" }, answer as never, chan<number>(), (() => 1) as never);
  } catch (e) {
    console.log((e as Error).message);
  }
}

export function main(): void {
  if (typeof taking !== "function" || typeof mistaken !== "function") return;
  refused();
  gomaxprocs(1);
  spreads(1);
  gomaxprocs(3);
  spreads(3);
  connections();
  here();
}
