/** The hog server on node:http alone: a request that computes holds up all others. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { calibrate, compute } from "./compute.ts";

const rounds = calibrate();
const server = createServer((req, res) => {
  res.end(req.url === "/heavy" ? `${compute(rounds)}` : "light");
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
