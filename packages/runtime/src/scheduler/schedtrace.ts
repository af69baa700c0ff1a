/**
 * GODEBUG=schedtrace=MS,scheddetail=1: every MS milliseconds the scheduler's numbers on standard error, in Go's lines. The same in
 * GORT_DEBUG adds the sizes of stacks.
 *
 *     printer (a thread of its own: on time also while the main thread computes)         main thread
 *         W[REQUEST]++, U[0] = 1  ────────────────────────────────────────────►  its next switch: writes W, posts the lines of
 *         waits up to 20 ms       ◄──────────────────────────────── W[ANSWER] ─  its goroutines
 *         prints                                                                 in the event loop: a message wakes it
 *
 * A thread that does not come to a switch within that time (a native call, code that is not compiled, `noPreempt`) has its numbers
 * of the last switch printed, and the lines of its goroutines as they were at the last print: the printer says so.
 */
import { isMainThread, MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { U } from "../internal/state.ts";
import { timers } from "../time/heap.ts";
import { allGoroutines } from "./all.ts";
import { LISTED, REASON_SHIFT, STATUS, type G } from "./g.ts";
import { stackBytes } from "./grow.ts";
import { hasWork } from "./loop.ts";
import { S } from "./p.ts";
import { reasonText } from "./reason.ts";
import "./runtime.ts"; // sets gomaxprocs
import { attach, detach, type Tracer } from "./tracer.ts";

// Words of W.
const REQUEST = 0;
const ANSWER = 1;
/** The main thread runs goroutines. */
const RUNS = 2;
const PROCS = 3;
const GLOBAL = 4;
const LOCAL = 5;
const TICK = 6;
/** The running goroutine; -1: none. */
const CURG = 7;
const TIMERS = 8;
/** Not 0: stop. */
const STOP = 9;
const WORDS = 16;

export interface SchedTraceOptions {
  /** A line for each P, M and goroutine too. */
  detail?: boolean;
  /** Bytes of stacks in them; Go has none there. */
  stacks?: boolean;
}

const code = `
const { workerData, receiveMessageOnPort } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const { W, U, port, ms, detail } = workerData;
const start = performance.now();
let next = start, lines = "", seen = start, bytes = "";
for (;;) {
  const wait = next - performance.now();
  if (wait > 0) Atomics.wait(W, ${STOP}, 0, wait);
  if (Atomics.load(W, ${STOP}) !== 0) break;
  if (performance.now() < next) continue;
  const before = W[${ANSWER}], asked = performance.now();
  Atomics.store(W, ${REQUEST}, before + 1);
  if (W[${RUNS}] !== 0) Atomics.store(U, 0, 1); else port.postMessage(0);
  const late = Atomics.wait(W, ${ANSWER}, before, 20) === "timed-out";
  for (let m; (m = receiveMessageOnPort(port)) !== undefined; ) ({ lines, bytes } = m.message);
  if (!late) seen = asked;
  const now = performance.now(), runs = W[${RUNS}] !== 0, procs = W[${PROCS}], up = U[7] !== 0;
  const idle = procs - (runs ? 1 : 0), threads = up ? 3 : 2;
  let text = "SCHED " + Math.round(now - start) + "ms: gomaxprocs=" + procs + " idleprocs=" + idle + " threads=" + threads
    + " spinningthreads=0 idlethreads=0 runqueue=" + W[${GLOBAL}];
  if (!detail) text += " [" + [W[${LOCAL}], ...Array(procs - 1).fill(0)].join(" ") + "]" + bytes + "\\n";
  else {
    text += " gcwaiting=0 nmidlelocked=0 stopwait=0 sysmonwait=" + (U[6] !== 0 ? 1 : 0) + bytes + "\\n";
    for (let i = 0; i < procs; i++) text += i > 0
      ? "  P" + i + ": status=0 schedtick=0 syscalltick=0 m=-1 runqsize=0 gfreecnt=0 timerslen=0\\n"
      : "  P0: status=" + (runs ? 1 : 0) + " schedtick=" + W[${TICK}] + " syscalltick=0 m=" + (runs ? 0 : -1)
        + " runqsize=" + W[${LOCAL}] + " gfreecnt=0 timerslen=" + W[${TIMERS}] + "\\n";
    const m = (i, p, g, blocked) => "  M" + i + ": p=" + p + " curg=" + g
      + " mallocing=0 throwing=0 preemptoff= locks=0 dying=0 spinning=false blocked=" + blocked + " lockedg=-1\\n";
    text += m(threads - 1, -1, -1, false);
    if (up) text += m(1, -1, -1, U[6] !== 0);
    text += m(0, runs ? 0 : -1, runs ? W[${CURG}] : -1, !runs) + lines;
  }
  if (late && runs) text += "  # M0 has not come to a switch for " + Math.round(now - seen) + "ms: its numbers are those of the last one\\n";
  try { writeSync(2, text); } catch {}
  next += ms;
  if (next < now) next = now;
}
port.close();`;

/** All goroutines, and the one that is about to run: it has left its queue, and is not R.g yet. */
function withRunning(g: G | null): G[] {
  const all = allGoroutines();
  if (g !== null && (g.status & LISTED) === 0) all.push(g);
  return all.sort((a, b) => a.id - b.id);
}

/** Keeps W true, and answers. */
class Publisher implements Tracer {
  readonly #w: Int32Array;
  readonly #port: MessagePort;
  readonly #detail: boolean;
  readonly #stacks: boolean;
  constructor(w: Int32Array, port: MessagePort, detail: boolean, stacks: boolean) {
    this.#w = w;
    this.#port = port;
    this.#detail = detail;
    this.#stacks = stacks;
  }

  publish(running: G | null): void {
    const w = this.#w;
    w[PROCS] = S.gomaxprocs;
    w[GLOBAL] = S.runq.globalSize();
    // runnext is not counted, as in Go.
    w[LOCAL] = S.runq.size();
    w[TICK] = S.schedtick;
    w[CURG] = running === null ? -1 : running.id;
    w[TIMERS] = timers.size;
    if (Atomics.load(w, REQUEST) !== w[ANSWER]) this.answer(running);
  }

  answer(running: G | null): void {
    const w = this.#w;
    this.#port.postMessage({ lines: this.#detail ? this.#lines(running) : "", bytes: this.#bytes(running) });
    Atomics.store(w, ANSWER, w[REQUEST] as number);
    Atomics.notify(w, ANSWER);
  }

  #lines(running: G | null): string {
    let text = "";
    for (const g of withRunning(running)) {
      const reason = reasonText(g.status >> REASON_SHIFT);
      const status = g === running ? 2 : g.status & STATUS;
      const locked = g.ext !== null && g.ext.locked > 0 ? 0 : -1;
      const stack = this.#stacks ? ` stack=${stackBytes(g)}` : "";
      text += `  G${g.id}: status=${status}(${reason}) m=${g === running ? 0 : -1} lockedm=${locked}${stack}\n`;
    }
    return text;
  }

  #bytes(running: G | null): string {
    if (!this.#stacks) return "";
    let bytes = 0;
    for (const g of withRunning(running)) bytes += stackBytes(g);
    return ` goroutines=${S.count} stackbytes=${bytes}`;
  }

  started(g: G): void {
    this.publish(g);
  }
  entered(): void {
    this.#w[RUNS] = 1;
  }
  left(): void {
    // With work left it is only the event loop's turn, and soon over.
    if (hasWork()) return;
    this.#w[RUNS] = 0;
    this.publish(null);
  }
  created(): void {}
  stopped(): void {}
  ended(): void {}
  readied(): void {}
  relabelled(): void {}
  taskBegun(): void {}
  taskEnded(): void {}
  regionBegun(): void {}
  regionEnded(): void {}
  logged(): void {}
}

/** Prints every `ms` milliseconds from now on, until the function it returns is called. Go: GODEBUG=schedtrace. */
export function schedTrace(ms: number, { detail = false, stacks = false }: SchedTraceOptions = {}): () => void {
  const W = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const { port1, port2 } = new MessageChannel();
  const publisher = new Publisher(W, port1, detail, stacks);
  // It is in the event loop: nothing has changed since it left the goroutines, or will before they run again.
  port1.on("message", () => publisher.publish(null));
  port1.unref();
  W[PROCS] = S.gomaxprocs;
  W[RUNS] = S.inLoop === 0 ? 0 : 1;
  let worker: Worker;
  try {
    worker = new Worker(code, {
      eval: true,
      workerData: { W, U, port: port2, ms: Math.max(1, ms), detail },
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
  return () => {
    detach(publisher);
    Atomics.store(W, STOP, 1);
    Atomics.notify(W, STOP);
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
