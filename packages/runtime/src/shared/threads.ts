/**
 * The other threads: opened when the first parallel goroutine is created with more than one P, never before. This is the seam
 * between the scheduler and this folder: it gives the machine what it needs of the loop, and `S.shared` is set here alone.
 */
import { Worker, type WorkerOptions } from "node:worker_threads";
import { host } from "../internal/host.ts";
import { again, hasWork, woken } from "../scheduler/loop.ts";
import { fatal, reportUncaught } from "../scheduler/fatal.ts";
import { elsewhere } from "../scheduler/finish.ts";
import { S } from "../scheduler/p.ts";
import { next } from "../scheduler/schedule.ts";
import { watchThreads } from "../scheduler/sysmon.ts";
import { U } from "../internal/state.ts";
import { shareIds } from "./ids.ts";
import { G_BUSY, G_NEED_M, G_NMS, G_NPROCS, M_BASE, M_SIZE, M_STATE } from "./layout.ts";
import { Machine } from "./machine.ts";
import { open, X } from "./region.ts";
import { begin, copyOutcome, sendOutcome } from "./tasks.ts";
import { KEY, thread, type Memory, type ThreadData } from "./thread.ts";
import { departed, joined } from "./visitors.ts";

/** Makes this thread one of several. */
export function openThreads(procs: number): Machine {
  open(procs);
  if (thread === null) shareIds();
  else S.lastId = S.nextId; // none yet
  elsewhere.settle = sendOutcome;
  elsewhere.copy = copyOutcome;
  const machine = new Machine({ again, enter: woken, hasWork, next, begin, startThread: startSoon });
  S.shared = machine;
  if (thread === null) watchThreads(X.memory as Memory);
  return machine;
}

/** The compiler's hooks for threads that compile what they load: set by its loader. */
const hooks: unique symbol = Symbol.for("gort.hooks") as never;

/** Threads started and not ended. */
const workers: Set<Worker> = new Set();

/** Where the entry of a thread is. Not written as bundlers know it: they would look for the file. */
function entry(): URL {
  const here: string = import.meta.url;
  const name = here.endsWith(".ts") ? "./worker.ts" : "./worker.js";
  return new URL(name, here);
}

/** Main: one more thread, when the event loop turns: making it takes milliseconds, in which goroutines could run here. */
function startSoon(): void {
  if (Atomics.compareExchange(X.I, G_NEED_M >> 2, 1, 2) === 1) host.immediate(startThread);
}

/** One more, if there are fewer than Ps. */
function startThread(): void {
  const { I } = X;
  if (workers.size + 1 >= (I[G_NPROCS >> 2] as number)) {
    Atomics.store(I, G_NEED_M >> 2, 0);
    return;
  }
  const m = Atomics.add(I, G_NMS >> 2, 1);
  Atomics.add(I, G_BUSY >> 2, 1);
  const data: ThreadData = {
    memory: X.memory as Memory,
    m,
    mainU: U,
    program: { hooks: (globalThis as { [hooks]?: string[] })[hooks] ?? [] },
  };
  const options: WorkerOptions = { workerData: { [KEY]: data }, name: `gort M${m}` };
  const worker = new Worker(entry(), options);
  workers.add(worker);
  worker.unref();
  joined(m, worker);
  worker.on("error", (e) => died(worker, m, e));
  worker.on("exit", () => died(worker, m, null));
}

/**
 * A thread has ended: by an exception in something that no goroutine ran (a listener, a timer), out of memory, by
 * `process.exit`. What it held is lost, so the program cannot go on.
 */
function died(worker: Worker, m: number, e: unknown): void {
  if (!workers.delete(worker)) return;
  departed(m);
  Atomics.store(X.I, (M_BASE + m * M_SIZE + M_STATE) >> 2, 2);
  const lost = (e as { code?: unknown } | null)?.code === "ERR_WORKER_OUT_OF_MEMORY";
  if (e !== null && !lost) {
    reportUncaught(e, `panic: ${e instanceof Error ? (e.stack ?? e.message) : String(e)}\n\nthread M${m} [exited]\n`);
    return;
  }
  fatal(`thread M${m} has ended: ${lost ? "it is out of memory" : "process.exit was called on it"}`);
}
