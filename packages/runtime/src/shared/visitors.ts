/**
 * Visitors: modules that main has every thread load, for what is about all threads: the tools (devtools), servers that listen on
 * each (http, net). Main and the visitor on a thread talk through a port of their own.
 *
 *     visit(url, came) ─► each thread there is, and each that starts later: its port to `came`
 *     on the thread       import(url) ─► its `visit(port, inspect)`
 *
 * A port holds neither side's event loop, and an event loop without anything that holds it ends before it looks at its ports. So what
 * was posted to a thread is counted in its block: it goes to sleep when it has heard all of it ({@link hasPosts}), and a post wakes it. One
 * that runs goroutines hears at its event loop's next turn, 10 ms later at most, unless something holds it (a native call, code that is
 * not compiled).
 */
import { MessageChannel, parentPort, type MessagePort, type Worker } from "node:worker_threads";
import { fileOf } from "../internal/here.ts";
import { M_BASE, M_POSTED, M_SIZE } from "./layout.ts";
import { X } from "./region.ts";

/** The key of the first message to a thread about a visitor. */
const KEY = "gort.visitor";

interface Invitation {
  readonly url: string;
  readonly port: MessagePort;
}

/** Main's end of a visitor on a thread. */
export type Came = (m: number, port: MessagePort) => void;

const visits: Map<string, Came> = new Map();
const threads: Map<number, Worker> = new Map();

/** Main: has every thread load the module at `url`, once; `came` is told of each, also of those that start later. */
export function visit(url: string, came: Came): void {
  if (visits.has(url)) return;
  visits.set(url, came);
  for (const [m, worker] of threads) invite(m, worker, url, came);
}

function invite(m: number, worker: Worker, url: string, came: Came): void {
  const { port1, port2 } = new MessageChannel();
  count(m);
  worker.postMessage({ [KEY]: { url, port: port2 } satisfies Invitation }, [port2]);
  X.p.unpark(m);
  came(m, port1);
  port1.unref();
}

/** Main: a thread has been started. */
export function joined(m: number, worker: Worker): void {
  threads.set(m, worker);
  for (const [url, came] of visits) invite(m, worker, url, came);
}

/** Main: a thread has ended; its ports are closed by the engine. */
export function departed(m: number): void {
  threads.delete(m);
}

function count(m: number): void {
  Atomics.add(X.I, (M_BASE + m * M_SIZE + M_POSTED) >> 2, 1);
}

/** Main: posts to the visitor on a thread, which hears it also if it sleeps. */
export function post(m: number, port: MessagePort, message: unknown, transfer: MessagePort[] = []): void {
  count(m);
  port.postMessage(message, transfer);
  X.p.unpark(m);
}

/** Posts heard on this thread. */
let heard = 0;

/** Counts what came for this thread through a port that is no visitor's own, and was counted in its block. */
export function heardPost(): void {
  heard = (heard + 1) | 0;
}

/** Whether main has posted what this thread has not heard. Asked once the thread has said that it sleeps. */
export function hasPosts(): boolean {
  return Atomics.load(X.I, X.at + (M_POSTED >> 2)) !== heard;
}

/** A thread: takes visitors from now on. */
export function receiveVisitors(): void {
  parentPort!.on("message", (message: Record<string, unknown>) => {
    const said = message[KEY] as Invitation | undefined;
    if (said === undefined) return;
    heardPost();
    void take(said);
  });
  parentPort!.unref();
}

async function take({ url, port }: Invitation): Promise<void> {
  // The event loop would run empty, and the thread sleep, before the module is there.
  parentPort!.ref();
  const inspector = fileOf("inspect.js", "inspect/index.ts");
  const loaded = await Promise.all([
    import(/* webpackIgnore: true */ url) as Promise<{ visit: (port: MessagePort, inspect: unknown) => void }>,
    import(/* webpackIgnore: true */ inspector),
    // A tool that a bundle has inside: no file is there. Main hears that the port is closed.
  ]).catch(() => null);
  if (loaded === null) port.close();
  else {
    const [{ visit }, inspect] = loaded;
    port.on("message", heardPost);
    visit(port, inspect);
    port.unref();
  }
  parentPort!.unref();
}
