/**
 * Graceful shutdown: on SIGTERM a server takes no new connections, finishes the requests it has begun, and gives up on those that
 * take too long. Here the program sends the signal to itself.
 *
 *     SIGTERM ──► main: close the server ──► wait for the requests, 300 ms at most ──► cancel the rest ──► end
 */
import { createServer, get, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  background,
  Canceled,
  chan,
  fromEmitter,
  go,
  select,
  sleep,
  timeout,
  wait,
  WaitGroup,
  withCancel,
  type Context,
} from "gort";

/** A request's work, as a goroutine. */
function serve(ctx: Context, ms: number, response: ServerResponse): void {
  try {
    sleep(ms, ctx);
    response.end("done");
  } catch (e) {
    if (e !== Canceled) throw e;
    response.statusCode = 503;
    response.end("cancelled");
  }
}

async function request(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, path, agent: false }, (res) => {
      let body = "";
      res.setEncoding("utf8");
      res.on("data", (s: string) => (body += s));
      res.on("end", () => resolve(`${path} ${res.statusCode} ${body}`));
    })
      .on("error", (e: NodeJS.ErrnoException) => resolve(`${path} ${e.code}`))
      .on("close", () => reject);
  });
}

export function main(): void {
  using signals = fromEmitter(process, "SIGTERM");
  const [ctx, cancel] = withCancel(background());
  const running = new WaitGroup();
  const begun = chan<string>(2);
  const server = createServer((req, res) => {
    begun.send(req.url!);
    running.go(serve, ctx, Number(req.url!.slice(1)), res);
  });
  wait(new Promise<void>((resolve) => server.listen(0, resolve)));
  const { port } = server.address() as AddressInfo;

  const [quick, slow] = [request(port, "/1"), request(port, "/60000")];
  begun.recv();
  begun.recv(); // both are being served
  process.kill(process.pid, "SIGTERM");

  signals.recv();
  console.log("SIGTERM: no new connections");
  server.close();

  const idle = chan<never>();
  go(() => {
    running.wait();
    idle.close();
  });
  if (select({ idle, late: timeout(300) }).case === "late") {
    console.log("some take too long: cancelled");
    cancel();
  }
  idle.recv();
  console.log(wait(quick));
  console.log(wait(slow));
  console.log("late", wait(request(port, "/2")));
}
