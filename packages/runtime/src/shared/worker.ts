/** The entry of a thread: the runtime, told where it is, and nothing of the program until a goroutine needs it. */
import "../internal/index.ts";
import "./channel.ts";
import "./waitgroup.ts";
import { host } from "../internal/host.ts";
import { install, woken } from "../scheduler/loop.ts";
import { S } from "../scheduler/p.ts";
import { U } from "../internal/state.ts";
import { parts } from "./functions.ts";
import { G_NEED_M, M_STATE } from "./layout.ts";
import { X } from "./region.ts";
import { thread } from "./thread.ts";
import { openThreads } from "./threads.ts";
import { directOutput } from "./output.ts";

function start(): void {
  if (thread === null) throw new Error("gort: this file is for threads that the runtime starts");
  directOutput();
  S.armed = 0;
  U[0] = 0;
  openThreads(0);
  install();
  S.created = 1; // installed
  const { hooks } = thread.program;
  let hooked: Promise<unknown> | null = null;
  parts.load = async (url: string): Promise<unknown> => {
    hooked ??= Promise.all(hooks.map((hook) => import(hook)));
    await hooked;
    return import(url);
  };
  Atomics.store(X.I, X.at + (M_STATE >> 2), 1);
  Atomics.store(X.I, G_NEED_M >> 2, 0);
  host.immediate(woken);
}

start();
