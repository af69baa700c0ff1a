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
 *
 * Other threads' Ps and Ms are read from the region. Their goroutines are not listed, and `curg` is known of M0 alone.
 */
import { isMainThread, MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { U } from "../internal/state.ts";
import {
  G_NMIDLE,
  G_NMS,
  G_NPROCS,
  G_QUEUE,
  G_SPINNING,
  M_BASE,
  M_SIZE,
  M_SPINS,
  M_STATE,
  POLL,
  M_U,
  P_BASE,
  P_HEAD,
  P_OWNER,
  P_SIZE,
  P_TAIL,
} from "../shared/layout.ts";
import { X } from "../shared/region.ts";
import { timers } from "../time/heap.ts";
import { allGoroutines } from "./all.ts";
import { LISTED, REASON_SHIFT, STATUS, type G } from "./g.ts";
import { stackBytes } from "./grow.ts";
import { hasWork } from "./loop.ts";
import { S } from "./p.ts";
import { reasonText } from "./reason.ts";
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
const { W, U, port, every, detail } = workerData;
const start = performance.now();
let next = start, lines = "", seen = start, bytes = "", I = null;
// The threads' region, once there are several. Addresses are bytes.
const word = (at) => I[at >> 2];
const owner = (p) => I === null ? (p === 0 && W[${RUNS}] !== 0 ? 0 : -1) : word(${P_BASE} + p * ${P_SIZE} + ${P_OWNER}) - 1;
const queued = (p) => (I === null ? 0 : word(${P_BASE} + p * ${P_SIZE} + ${P_TAIL}) - word(${P_BASE} + p * ${P_SIZE} + ${P_HEAD}))
  + (I === null ? (p === 0 ? W[${LOCAL}] : 0) : owner(p) === 0 ? W[${LOCAL}] : 0);
const ticks = (m) => m === 0 ? W[${TICK}] : m < 0 ? 0 : word(${M_BASE} + m * ${M_SIZE} + ${M_U} + 4);
for (;;) {
  const wait = next - performance.now();
  if (wait > 0) Atomics.wait(W, ${STOP}, 0, wait);
  if (Atomics.load(W, ${STOP}) !== 0) break;
  if (performance.now() < next) continue;
  const before = W[${ANSWER}], asked = performance.now();
  Atomics.store(W, ${REQUEST}, before + 1);
  if (W[${RUNS}] !== 0) Atomics.store(U, 0, ${POLL}); else port.postMessage(0);
  const late = Atomics.wait(W, ${ANSWER}, before, 20) === "timed-out";
  for (let m; (m = receiveMessageOnPort(port)) !== undefined; )
    if (m.message.memory) I = new Int32Array(m.message.memory); else ({ lines, bytes } = m.message);
  if (!late) seen = asked;
  const now = performance.now(), runs = W[${RUNS}] !== 0, up = U[7] !== 0;
  const procs = I === null ? W[${PROCS}] : word(${G_NPROCS}), ps = [...Array(procs).keys()];
  const ms = I === null ? [0] : [...Array(word(${G_NMS})).keys()].filter((m) => m === 0 || word(${M_BASE} + m * ${M_SIZE} + ${M_STATE}) === 1);
  const own = ms[ms.length - 1] + 1;
  let text = "SCHED " + Math.round(now - start) + "ms: gomaxprocs=" + procs + " idleprocs=" + ps.filter((p) => owner(p) < 0).length
    + " threads=" + (ms.length + (up ? 2 : 1)) + " spinningthreads=" + (I === null ? 0 : word(${G_SPINNING}))
    + " idlethreads=" + (I === null ? 0 : word(${G_NMIDLE})) + " runqueue=" + (W[${GLOBAL}] + (I === null ? 0 : word(${G_QUEUE})));
  if (!detail) text += " [" + ps.map(queued).join(" ") + "]" + bytes + "\\n";
  else {
    text += " gcwaiting=0 nmidlelocked=0 stopwait=0 sysmonwait=" + (U[6] !== 0 ? 1 : 0) + bytes + "\\n";
    for (const p of ps) text += "  P" + p + ": status=" + (owner(p) < 0 ? 0 : 1) + " schedtick=" + ticks(owner(p))
      + " syscalltick=0 m=" + owner(p) + " runqsize=" + queued(p) + " gfreecnt=0 timerslen=" + (owner(p) === 0 || (I === null && p === 0) ? W[${TIMERS}] : 0) + "\\n";
    const m = (i, p, g, blocked) => "  M" + i + ": p=" + p + " curg=" + g
      + " mallocing=0 throwing=0 preemptoff= locks=0 dying=0 spinning=" + (I !== null && i < own && word(${M_BASE} + i * ${M_SIZE} + ${M_SPINS}) === 1)
      + " blocked=" + blocked + " lockedg=-1\\n";
    text += m(own + (up ? 1 : 0), -1, -1, false);
    if (up) text += m(own, -1, -1, U[6] !== 0);
    for (const i of ms.reverse()) {
      const p = ps.find((p) => owner(p) === i) ?? -1;
      text += m(i, p, i === 0 && runs ? W[${CURG}] : -1, p < 0);
    }
    text += lines;
  }
  if (late && runs) text += "  # M0 has not come to a switch for " + Math.round(now - seen) + "ms: its numbers are those of the last one\\n";
  try { writeSync(2, text); } catch {}
  next += every;
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
  /** The printer knows the region of the threads. */
  #shared: boolean = false;
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
    if (X.memory !== null && !this.#shared) {
      this.#shared = true;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      this.#port.postMessage({ memory: X.memory.buffer });
    }
    if (Atomics.load(w, REQUEST) !== w[ANSWER]) this.answer(running);
  }

  answer(running: G | null): void {
    const w = this.#w;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
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
      workerData: { W, U, port: port2, every: Math.max(1, ms), detail },
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
