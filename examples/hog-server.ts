/**
 * The server that does not freeze: while requests compute for 200 ms in plain loops, light ones are answered at once. No worker, no
 * queue, no `await` in the loop: each request is a goroutine, and goroutines are preempted.
 *
 *     /hash    computes for 200 ms          /light   answers at once
 *
 * Usage: npx gort run examples/hog-server.ts PORT     serves until it is stopped; without a port it asks itself, and ends
 */
import { go, sleep, wait } from "gort";
import { serve } from "gort/http";
import type { IncomingMessage, ServerResponse } from "node:http";

function compute(rounds: number): number {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 31) + i) | 0;
  return x;
}

/** So many rounds take 200 ms here: by the fastest of several tries, since the first ones are not optimised. */
function calibrate(): number {
  const rounds = 5_000_000;
  let best = Infinity;
  for (let i = 0; i < 8; i++) {
    const start = performance.now();
    compute(rounds);
    best = Math.min(best, performance.now() - start);
  }
  return Math.round((rounds * 200) / best);
}

const heavy = { rounds: 0 };

function answer(req: IncomingMessage, res: ServerResponse): void {
  if (req.url === "/hash") res.end(`hash ${compute(heavy.rounds)}\n`);
  else res.end("light\n");
}

export function main(): void {
  const port = Number(process.argv[2] ?? 0);
  heavy.rounds = calibrate();
  using server = serve({ host: "127.0.0.1", port }, answer);
  if (port !== 0) {
    console.log(`http://${server.addr}/light and http://${server.addr}/hash`);
    server.wait();
  }
  const get = (path: string): string => wait(wait(fetch(`http://${server.addr}${path}`)).text());
  get("/light"); // the first one loads the client
  let done = 0;
  const hogs = [1, 2, 3, 4].map(() =>
    go(() => {
      get("/hash");
      done++;
    }),
  );
  sleep(20);
  let light = 0;
  while (done === 0) {
    get("/light");
    light++;
  }
  for (const hog of hogs) hog.join();
  console.log("4 heavy requests; light ones answered before the first of them was:", light >= 2 ? "several" : light);
}
