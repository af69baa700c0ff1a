/**
 * The server of trace.ts. `/on` and `/off` begin and end a trace, `/cpu` says what the main thread has used, `/switch` what a switch
 * costs; everything else is answered "hello". `plain` never loads the tools.
 */
import { chan, go } from "gort";
import { serve } from "gort/http";

interface Stoppable {
  readonly events: number;
  readonly dropped: number;
  stop(): void;
}

function pingpong(rounds: number): void {
  const [ping, pong] = [chan<number>(), chan<number>()];
  go(() => {
    for (const n of ping) pong.send(n + 1);
    pong.close();
  });
  for (let i = 0; i < rounds; i++) {
    ping.send(i);
    pong.recv();
  }
  ping.close();
}

/** Two goroutines that each compute 5 µs or so between two switches. */
function working(rounds: number): number {
  let x = 1;
  const [ping, pong] = [chan<number>(), chan<number>()];
  const work = (): void => {
    for (let i = 0; i < 6000; i++) x = (x * 31 + i) | 0;
  };
  go(() => {
    for (const n of ping) {
      work();
      pong.send(n + 1);
    }
  });
  for (let i = 0; i < rounds; i++) {
    ping.send(i);
    work();
    pong.recv();
  }
  ping.close();
  return x;
}

let startTrace: ((sink: (bytes: Uint8Array) => void) => Stoppable) | null = null;
if (process.argv[2] !== "plain") ({ startTrace } = await import("@gort/devtools"));
let trace: Stoppable | null = null;
let bytes = 0;

/** Main's own processor time, µs. */
function used(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** By the clock, the best of some: the system counts a thread's processor time in steps of 4 ms. */
function timed(f: (n: number) => void, n: number): string {
  let best = Infinity;
  for (let i = 0; i < 10; i++) {
    const before = performance.now();
    f(n);
    best = Math.min(best, performance.now() - before);
  }
  return String((best * 1e6) / n);
}

function control(url: string): string {
  switch (url) {
    case "/on":
      bytes = 0;
      trace = startTrace!((chunk) => {
        bytes += chunk.length;
      });
      return "on";
    case "/off": {
      const events = trace?.events ?? 0;
      trace?.stop();
      trace = null;
      return `${events} ${bytes}`;
    }
    case "/cpu":
      return String(used());
    case "/switch":
      return timed(pingpong, 100_000);
    case "/work":
      return timed(working, 2000);
    default:
      return "";
  }
}

export function main(): void {
  const server = serve({ host: "127.0.0.1" }, (req, res) => {
    res.setHeader("content-type", "text/plain");
    res.end(req.url === "/" ? "hello\n" : control(req.url!));
  });
  console.log(server.port);
  server.wait();
}
