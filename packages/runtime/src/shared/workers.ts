/**
 * The threads main has started: made when they are needed, up to the number of Ps that can be used, replaced when they end.
 * Only main calls this file.
 */
import type { Worker } from "node:worker_threads";
import { host } from "../internal/host.ts";
import { fatal, reportUncaught, threadText } from "../scheduler/fatal.ts";
import { S } from "../scheduler/p.ts";
import { again } from "../scheduler/wake.ts";
import { U } from "../internal/state.ts";
import {
  ASKED,
  G_AWAY,
  G_BUSY,
  G_NEED_M,
  G_NMS,
  G_NPROCS,
  M_BASE,
  M_BLOCKING,
  M_EXIT,
  M_MAX,
  M_SIZE,
  M_STATE,
  RETIRED,
} from "./layout.ts";
import { startWorker } from "./entry.ts";
import { known } from "./memories.ts";
import { newLine } from "./depot.ts";
import { orphans, recover } from "./recovery.ts";
import { X } from "./region.ts";
import { type Memory, type ThreadData } from "./thread.ts";
import { departed, joined } from "./visitors.ts";
import { drain } from "./waits.ts";

/** The compiler's hooks for threads that compile what they load: set by its loader. */
const hooks: unique symbol = Symbol.for("gort.hooks") as never;

/** Threads started and not ended: those that run parallel goroutines, and those that run blocking calls. */
const running: Set<Worker> = new Set();
const calling: Set<Worker> = new Set();

/** How long a thread that is to be ended from outside may take to come to a place where it can be, ms. */
const GRACE = 200;

/** A thread is to be started when the event loop turns. */
let queued = false;

/** One more thread, when the event loop turns: making it takes milliseconds, in which goroutines could run here. `now`: at once. */
export function startMore(now: boolean): void {
  if (Atomics.compareExchange(X.I, G_NEED_M >> 2, 1, 2) === 1) {
    queued = true;
    if (!now) host.immediate(startQueued);
  }
  if (now) startQueued();
}

function startQueued(): void {
  if (!queued) return;
  queued = false;
  startThread();
}

/** One more, if fewer than Ps can run goroutines. */
function startThread(): void {
  const { I } = X;
  if (running.size + 1 - (I[G_AWAY >> 2] as number) >= (I[G_NPROCS >> 2] as number)) {
    Atomics.store(I, G_NEED_M >> 2, 0);
    return;
  }
  start(running);
}

/** All that there may be, now: for what is on every thread, and not where there is work for it. */
export function startAll(): void {
  while (running.size + 1 < (X.I[G_NPROCS >> 2] as number)) start(running);
}

/** A thread that runs blocking calls: its number. */
export function startCalling(): number {
  return start(calling);
}

function start(set: Set<Worker>): number {
  const { I } = X;
  const m = Atomics.add(I, G_NMS >> 2, 1);
  if (m >= M_MAX) {
    // Go's words.
    host.stderr(`runtime: program exceeds ${M_MAX}-thread limit\n`);
    fatal("thread exhaustion", "GORT_THREADS_EXHAUSTED");
  }
  if (set === calling) I[(M_BASE + m * M_SIZE + M_BLOCKING) >> 2] = 1;
  Atomics.add(I, G_BUSY >> 2, 1);
  const data: ThreadData = {
    memory: X.memory as Memory,
    m,
    mainU: U,
    program: { hooks: (globalThis as { [hooks]?: string[] })[hooks] ?? [] },
    line: newLine(),
    memories: known(),
  };
  const worker = startWorker(data, `gort M${m}`);
  set.add(worker);
  worker.unref();
  joined(m, worker);
  gently(worker, m);
  let error: unknown = null;
  worker.on("error", (e) => (error = e));
  worker.on("exit", () => ended(worker, m, error));
  return m;
}

/** Whoever ends the thread from outside (a monitor gets hold of it) has it ended where it holds nothing, if it gets there in time. */
function gently(worker: Worker, m: number): void {
  const now = worker.terminate.bind(worker);
  worker.terminate = (): Promise<number> => {
    const state = (M_BASE + m * M_SIZE + M_STATE) >> 2;
    Atomics.store(X.I, state, ASKED);
    X.p.tell(m);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => now().then(resolve, reject), GRACE);
      worker.once("exit", (code) => {
        clearTimeout(timer);
        resolve(code);
      });
    });
  };
}

function reasonOf(m: number, e: unknown): string {
  const at = (M_BASE + m * M_SIZE) >> 2;
  if (X.I[at + (M_STATE >> 2)] === ASKED) return "it was terminated";
  if ((e as { code?: unknown } | null)?.code === "ERR_WORKER_OUT_OF_MEMORY") return "it is out of memory";
  if (e !== null) return "of an exception that nothing caught";
  const status = X.I[at + (M_EXIT >> 2)] as number;
  return status === 0 ? "it was terminated" : `process.exit(${status - 1}) was called on it`;
}

/** A thread has ended. What it held is recovered, and the program goes on without it. */
function ended(worker: Worker, m: number, e: unknown): void {
  running.delete(worker);
  calling.delete(worker);
  departed(m);
  const { I } = X;
  const lost = (e as { code?: unknown } | null)?.code === "ERR_WORKER_OUT_OF_MEMORY";
  // It could not even say so itself.
  if (e !== null && !lost) reportUncaught(e, threadText(m, "exited", e));
  const quietly = I[(M_BASE + m * M_SIZE + M_STATE) >> 2] === RETIRED;
  const why = reasonOf(m, e);
  const end = recover(m, why);
  if (end === null)
    fatal(`thread M${m} has ended (${why}) in the middle of a step that others wait for`, "GORT_THREAD_ENDED");
  if (!quietly) host.stderr(end.text);
  for (const r of end.calls) X.p.postTo(0, r);
  // It was on its way.
  Atomics.compareExchange(I, G_NEED_M >> 2, 2, 0);
  drain();
  if (S.stopped !== 0) return;
  S.shared!.wake();
  again();
}

/** What comes for a thread that is gone. */
export function recoverOrphans(): void {
  for (const r of orphans()) X.p.postTo(0, r);
}
