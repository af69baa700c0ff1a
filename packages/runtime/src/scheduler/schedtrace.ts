/**
 * GODEBUG=schedtrace=MS,scheddetail=1: every MS milliseconds the scheduler's numbers on standard error, in Go's lines. The same in
 * GORT_DEBUG adds the sizes of stacks.
 *
 *     printer (a thread of its own: on time also while the others compute)         each thread that runs goroutines
 *         W[REQUEST]++, U[0] = POLL ───────────────────────────────────────────►  its next switch: writes W, posts the lines of
 *         waits up to 20 ms       ◄──────────────────────────────── W[ANSWER] ─  its goroutines
 *         prints                                                                 in the event loop, asleep: a message wakes it
 *
 * A thread that does not come to a switch within that time (a native call, code that is not compiled, `noPreempt`) has its numbers
 * of the last switch printed, and the lines of its goroutines as they were at the last print: the printer says so. One that has
 * run nothing since it was asked last is left asleep.
 *
 * Ps and Ms, and parallel goroutines that have not started, are read from the region.
 */
import { isMainThread, MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { milliseconds } from "../errors/catalogue.ts";
import { fileOf } from "../internal/here.ts";
import { U } from "../internal/state.ts";
import type { Subscription } from "../shared/publishing.ts";
import { X } from "../shared/region.ts";
import { post, visit } from "../shared/visitors.ts";
import { S } from "./p.ts";
import { code } from "./printer.ts";
import { ANSWER, PROCS, Publisher, STOP, words } from "./publisher.ts";
import { attach, detach } from "./tracer.ts";

export interface SchedTraceOptions {
  /** A line for each P, M and goroutine too. */
  detail?: boolean;
  /** Bytes of stacks in them; Go has none there. */
  stacks?: boolean;
}

/** The other threads, as visitors: shared/publishing.ts. */
const threads: Map<number, MessagePort> = new Map();
/** Printers that want to hear of those that start. */
const printers: Set<(m: number, port: MessagePort) => void> = new Set();

function watch(): void {
  visit(fileOf("publishing.js", "shared/publishing.ts"), (m, port) => {
    threads.set(m, port);
    port.on("close", () => threads.delete(m));
    for (const join of printers) join(m, port);
  });
}

/** Prints every `ms` milliseconds from now on, until the function it returns is called. Go: GODEBUG=schedtrace. */
export function schedTrace(ms: number, { detail = false, stacks = false }: SchedTraceOptions = {}): () => void {
  milliseconds(ms, "schedTrace");
  const W = words();
  const { port1, port2 } = new MessageChannel();
  const publisher = new Publisher(W, port1, detail, stacks);
  // It is in the event loop: nothing has changed since it left the goroutines, or will before they run again.
  port1.on("message", () => publisher.publish(null));
  port1.unref();
  W[PROCS] = S.gomaxprocs;
  let worker: Worker;
  try {
    worker = new Worker(code, {
      eval: true,
      workerData: { W, U, port: port2, every: Math.max(1, ms), detail, stacks },
      transferList: [port2],
      execArgv: [],
      env: {},
      name: "gort schedtrace",
    });
  } catch {
    return () => {}; // no threads: a permission, a limit
  }
  worker.on("error", () => {});
  worker.unref();
  attach(publisher);
  let shared = false;
  const join = (m: number, port: MessagePort): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    if (!shared) port1.postMessage({ memory: X.memory, protocol: X.code });
    shared = true;
    const theirs = words();
    const channel = new MessageChannel();
    port1.postMessage({ member: { m, W: theirs, port: channel.port1 } }, [channel.port1]);
    const subscription: Subscription = { W: theirs, printer: channel.port2, detail, stacks };
    post(m, port, subscription, [channel.port2]);
  };
  printers.add(join);
  watch();
  for (const [m, port] of threads) join(m, port);
  return () => {
    detach(publisher);
    printers.delete(join);
    Atomics.store(W, STOP, 1);
    Atomics.notify(W, STOP);
    // It may wait for an answer that nobody gives any more.
    Atomics.notify(W, ANSWER);
    port1.close();
  };
}

/** `schedtrace=100,scheddetail=1`. */
function fromEnvironment(text: string | undefined, stacks: boolean): void {
  const settings = new Map((text ?? "").split(",").map((s) => s.split("=", 2) as [string, string | undefined]));
  const ms = Number(settings.get("schedtrace"));
  if (ms > 0) schedTrace(ms, { detail: Number(settings.get("scheddetail")) > 0, stacks });
}

if (isMainThread) {
  fromEnvironment(process.env["GODEBUG"], false);
  fromEnvironment(process.env["GORT_DEBUG"], true);
}
