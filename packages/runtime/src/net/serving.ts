/** Servers of main's on a thread that runs parallel goroutines: see spread.ts. Loaded there as a visitor. */
import { Server as NodeServer } from "node:net";
import type { MessagePort } from "node:worker_threads";
import type { Handler, Report as OnError } from "../http/goroutine.ts";
import { addressOf, close, nodeServer, Server, type ServeOptions } from "../http/serve.ts";
import { loaded } from "../shared/functions.ts";
import { type ListenOptions, netServer, netAddress } from "./listener.ts";
import { take } from "./given.ts";
import { ConnServer, type ConnHandler } from "./serve.ts";
import type { Opening, Order, Report } from "./spread.ts";

/** What is open here: how to close it. */
const open: Map<number, (cut: boolean) => void> = new Map();
/** Told to close before it listened. */
const early: Set<number> = new Set();

function listening(server: NodeServer, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    listen();
  });
}

async function begin({
  kind,
  handler,
  onError,
  options,
  given,
}: Opening): Promise<[NodeServer, (cut: boolean) => void]> {
  const shared = given === 0 ? [] : take(given);
  const f = await loaded(handler);
  if (kind === "http") {
    const said = options as ServeOptions;
    const server = nodeServer(said);
    await listening(server, () => void server.listen(addressOf(said, true)));
    const report = onError === 0 ? undefined : ((await loaded(onError)) as OnError);
    const serving = new Server(server, f as Handler, report, null, shared);
    return [server, (cut) => close(serving, cut)];
  }
  const said = options as ListenOptions;
  const server = netServer(said);
  await listening(server, () => void server.listen(netAddress({ ...said, reusePort: true })));
  const serving = new ConnServer(server, "", said.tls !== undefined, f as ConnHandler, null, shared);
  return [server, (cut) => serving.end(cut)];
}

async function obey(port: MessagePort, { id, open: opening, cut }: Order): Promise<void> {
  if (opening === undefined) {
    const end = open.get(id);
    if (end === undefined) early.add(id);
    else end(cut === true);
    return;
  }
  try {
    const [server, end] = await begin(opening);
    server.on("close", () => {
      open.delete(id);
      port.postMessage({ id, closed: true } satisfies Report);
    });
    open.set(id, end);
    if (early.delete(id)) end(false);
  } catch (error) {
    port.postMessage({ id, error: (error as Error).message } satisfies Report);
  }
}

/** Orders under way. */
let busy = 0;

/** The runtime calls this on the thread: shared/visitors.ts. */
export function visit(port: MessagePort): void {
  port.on("message", (order: Order) => {
    // The thread must not go to sleep over it.
    if (busy++ === 0) port.ref();
    void obey(port, order).finally(() => {
      if (--busy === 0) port.unref();
    });
  });
}
