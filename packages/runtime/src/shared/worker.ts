/** A thread behind its first file (startup.ts): the runtime, told where it is, and nothing of the program until a goroutine needs it. */
import "../internal/index.ts";
import "../chan/chan.ts";
import "../sync/waitgroup.ts";
import "./blocking.ts";
import "./contexts.ts";
import "./move.ts";
import "../sync/mutex.ts";
import "../sync/semaphore.ts";
import "../sync/rwmutex.ts";
import "../sync/cond.ts";
import "../sync/once.ts";
import "../sync/atomic.ts";
import { host } from "../internal/host.ts";
import { elsewhere, threadText } from "../scheduler/fatal.ts";
import { install } from "../scheduler/hooks.ts";
import { woken } from "../scheduler/wake.ts";
import { S } from "../scheduler/p.ts";
import { U } from "../internal/state.ts";
import { parts } from "./functions.ts";
import { G_DYING, G_NEED_M, G_STOP, M_BLOCKING, M_EXIT, M_STATE, UP } from "./layout.ts";
import { begin } from "./memories.ts";
import { X } from "./region.ts";
import { sendFatal } from "./tasks.ts";
import { thread, type ThreadData } from "./thread.ts";
import { openThreads } from "./threads.ts";
import { directOutput } from "./output.ts";
import { receiveVisitors } from "./visitors.ts";

function start(thread: ThreadData): void {
  directOutput();
  S.armed = 0;
  U[0] = 0;
  openThreads(0);
  begin(thread.memories);
  elsewhere.report = sendFatal;
  elsewhere.dying = dying;
  host.exit = endProcess;
  install();
  S.created = 1; // installed
  receiveVisitors();
  const { hooks } = thread.program;
  let hooked: Promise<unknown> | null = null;
  parts.load = async (url: string): Promise<unknown> => {
    hooked ??= Promise.all(hooks.map((hook) => import(/* webpackIgnore: true */ hook)));
    await hooked;
    return import(/* webpackIgnore: true */ url);
  };
  process.on("uncaughtException", uncaught);
  process.on("unhandledRejection", rejected);
  process.on("exit", (status) => {
    X.I[X.at + (M_EXIT >> 2)] = status + 1;
  });
  Atomics.compareExchange(X.I, X.at + (M_STATE >> 2), 0, UP);
  if (X.I[X.at + (M_BLOCKING >> 2)] !== 1) Atomics.store(X.I, G_NEED_M >> 2, 0);
  host.immediate(woken);
}

/**
 * What no goroutine has thrown: a timer, a listener, a promise that nobody handles. It goes to the listeners that the program has on main, which
 * may go on with all that this thread has; those it has added here come first.
 */
function uncaught(e: unknown): void {
  if (process.listenerCount("uncaughtException") === 1) tell(e, threadText(X.m, "running", e));
}

function rejected(reason: unknown): void {
  if (process.listenerCount("unhandledRejection") === 1) tell(reason, null);
}

function tell(e: unknown, text: string | null): void {
  dying(1);
  try {
    sendFatal(e, text);
  } finally {
    dying(-1);
  }
}

function dying(n: 1 | -1): void {
  Atomics.add(X.I, G_DYING >> 2, n);
}

/** Main ends the process, as soon as it looks: this thread does nothing more. */
function endProcess(status: number): void {
  Atomics.store(X.I, G_STOP >> 2, status + 1);
  X.p.tell(0);
  for (;;) Atomics.wait(X.I, G_STOP >> 2, status + 1);
}

// A build may put this where others find it: on main there is nothing to start.
if (thread !== null) start(thread);
