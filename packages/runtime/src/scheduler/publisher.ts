/**
 * What GODEBUG=schedtrace prints of a thread, as the thread itself knows it: numbers in words that the printer reads (printer.ts), and on
 * request a line for each of its goroutines. One on main, and one on each thread of parallel goroutines.
 */
import type { MessagePort } from "node:worker_threads";
import { X } from "../shared/region.ts";
import { timers } from "../time/heap.ts";
import { allGoroutines } from "./all.ts";
import { LISTED, REASON_SHIFT, STATUS } from "./status.ts";
import type { G } from "./g.ts";
import { stackBytes } from "./grow.ts";
import { S } from "./p.ts";
import { reasonText } from "./reason.ts";
import type { Tracer } from "./tracer.ts";

// The words.
export const REQUEST = 0;
export const ANSWER = 1;
/** The thread runs goroutines. */
export const RUNS = 2;
export const PROCS = 3;
export const GLOBAL = 4;
export const LOCAL = 5;
export const TICK = 6;
export const TIMERS = 7;
/** Of the printer, in main's words: not 0: stop. */
export const STOP = 8;
/** Counted up by whatever may have changed a goroutine's line. */
export const CHANGES = 9;
export const SYSCALLS = 10;
const WORDS = 16;

export type Words = Int32Array<SharedArrayBuffer>;

export function words(): Words {
  return new Int32Array(new SharedArrayBuffer(4 * WORDS));
}

/** What the printer gets on request. */
export interface Said {
  lines: string;
  goroutines: number;
  bytes: number;
  /** The running goroutine, and the one that is locked to the thread; -1: none. */
  curg: number;
  locked: number;
}

/** All goroutines, and the one that is about to run: it has left its queue, and is not R.g yet. */
function withRunning(g: G | null): G[] {
  const all = allGoroutines();
  if (g !== null && (g.status & LISTED) === 0) all.push(g);
  return all.sort((a, b) => a.id - b.id);
}

/** Keeps the words true, and answers. */
export class Publisher implements Tracer {
  readonly #w: Words;
  readonly #port: MessagePort;
  readonly #detail: boolean;
  readonly #stacks: boolean;
  constructor(w: Words, port: MessagePort, detail: boolean, stacks: boolean) {
    this.#w = w;
    this.#port = port;
    this.#detail = detail;
    this.#stacks = stacks;
    w[RUNS] = S.inLoop === 0 ? 0 : 1;
  }

  publish(running: G | null): void {
    const w = this.#w;
    w[PROCS] = S.gomaxprocs;
    w[GLOBAL] = S.runq.globalSize();
    // runnext is not counted, as in Go.
    w[LOCAL] = S.runq.size();
    w[TICK] = S.schedtick;
    w[TIMERS] = timers.size;
    w[SYSCALLS] = S.syscalls;
    w[CHANGES] = ((w[CHANGES] as number) + 1) | 0;
    if (Atomics.load(w, REQUEST) !== w[ANSWER]) this.#answer(running);
  }

  #answer(running: G | null): void {
    const w = this.#w;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    this.#port.postMessage(this.#detail || this.#stacks ? this.#say(running) : null);
    Atomics.store(w, ANSWER, w[REQUEST] as number);
    Atomics.notify(w, ANSWER);
  }

  #say(running: G | null): Said {
    const { m } = X;
    let [lines, bytes, locked] = ["", 0, -1];
    const all = withRunning(running);
    for (const g of all) {
      const is = g.ext !== null && g.ext.locked > 0;
      if (is) locked = g.id;
      const stack = this.#stacks ? stackBytes(g) : 0;
      bytes += stack;
      if (!this.#detail) continue;
      const reason = reasonText(g.status >> REASON_SHIFT);
      const status = g === running ? 2 : g.status & STATUS;
      lines += `  G${g.id}: status=${status}(${reason}) m=${g === running ? m : -1} lockedm=${is ? m : -1}${this.#stacks ? ` stack=${stack}` : ""}\n`;
    }
    return { lines, goroutines: all.length, bytes, curg: running === null ? -1 : running.id, locked };
  }

  started(g: G): void {
    this.publish(g);
  }
  entered(): void {
    this.#w[RUNS] = 1;
  }
  left(): void {
    // With work left it is only the event loop's turn, and soon over.
    if (S.runq.hasWork()) return;
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
