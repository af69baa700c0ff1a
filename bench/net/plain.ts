/** The servers on plain Node: what ours is measured against. Prints its port. */
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";

const servers: Record<string, () => Server> = {
  tcp_echo: () =>
    createServer({ noDelay: true }, (socket) => {
      socket.on("data", (chunk) => socket.write(chunk));
      socket.on("error", () => {});
    }),
  http_hello: () =>
    createHttpServer((_req, res) => {
      res.setHeader("content-type", "text/plain");
      res.end("hello\n");
    }),
};

const server = servers[process.argv[2]!]!();
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
