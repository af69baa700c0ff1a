/** The server of `gort run --pprof`: for programs that have none of their own. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pprofHandler, type PprofOptions } from "./handler.ts";

/** Listens without keeping the process alive. Resolves with where: `http://localhost:6060/debug/pprof/`. */
export async function listenPprof(host: string, port: number, options: PprofOptions = {}): Promise<string> {
  const server: Server = createServer(pprofHandler(options));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
  server.removeAllListeners("error");
  server.on("error", () => {});
  server.unref();
  // A profile that is being taken does not keep a program that is done.
  server.on("connection", (socket) => socket.unref());
  const { port: taken } = server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${taken}/debug/pprof/`;
}
