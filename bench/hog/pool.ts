/** The hog server with its heavy requests on a pool of threads (piscina): one for each core, as it comes. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import { calibrate } from "./compute.ts";

const rounds = calibrate();
const threads = availableParallelism();
const pool = new Piscina<number, number>({
  filename: new URL("pool-worker.ts", import.meta.url).href,
  minThreads: threads,
  maxThreads: threads,
});
const server = createServer((req, res) => {
  if (req.url === "/heavy") void pool.run(rounds).then((x) => res.end(`${x}`));
  else res.end("light");
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
