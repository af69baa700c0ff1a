/**
 * sysmon: a thread without a P that ends slices. It alone reads the clock; the scheduler only counts slices in U[1].
 *
 *     U[0]  1: the slice, or the event loop's budget, is over (set by sysmon, polled by compiled loops, cleared by poll and
 *           schedule)
 *     U[1]  slices begun
 *     U[2]  1 while goroutines run, 0 while the thread is in the event loop
 *     U[4]  entries of the loop, so that a budget is told from the next one's
 *     U[5]  nobody's: slept on
 *     U[6]  1: sysmon sleeps on U[2] until it is woken. It does so after 100 ms of rest, so that a server whose loop is
 *           entered for every request does not pay for a wake-up each time
 *     U[7]  1: the thread is up
 *     U[8]  how long the slice has lasted in which the scheduler handed over to it, ms
 *
 * It samples every ms, and once it has seen a slice twice, sleeps exactly to its end: a slice lasts 10 to 11 ms. It is
 * started by the first poll of the program (1.6 ms here, 12 ms until it runs), so that a program without loops has one
 * thread. It never prints, holds no reference to the event loop, and dies with the process.
 */
import { Worker } from "node:worker_threads";
import { host } from "../internal/host.ts";
import { R, U } from "../internal/state.ts";
import { CALLBACK, type G } from "./g.ts";
import { S } from "./p.ts";

/** A slice, ms. */
export const SLICE = 10;
const SAMPLE = 1;

const code = `
const U = require("node:worker_threads").workerData;
Atomics.store(U, 7, 1);
let tick = -1, since = 0, entry = -1, entered = 0, rest = 0;
for (;;) {
  if (Atomics.load(U, 2) === 0) {
    tick = entry = -1;
    if (++rest * ${SAMPLE} < 100) { Atomics.wait(U, 5, 0, ${SAMPLE}); continue; }
    Atomics.store(U, 6, 1);
    Atomics.wait(U, 2, 0);
    Atomics.store(U, 6, 0);
    rest = 0;
    continue;
  }
  rest = 0;
  const t = performance.now();
  if (U[4] !== entry) { entry = U[4]; entered = t; tick = -1; }
  else if (t - entered >= ${SLICE}) { Atomics.store(U, 0, 1); entered = t; }
  let wait = ${SAMPLE};
  if (U[1] !== tick) { tick = U[1]; since = t - U[8]; U[8] = 0; }
  else {
    const left = ${SLICE} - (t - since);
    if (left <= 0) { Atomics.store(U, 0, 1); since = t; } else wait = left;
  }
  Atomics.wait(U, 5, 0, wait);
}`;

/** So many switches within a millisecond are quick ones. */
const QUICK = 32;

/** Until the thread runs (tens of milliseconds), polls come here and the clock is read in its place: by one in eight of quick ones. */
const early = { started: false, up: false, switches: 0, tick: -1, since: 0, last: 0, skip: 0, quick: 0 };

/** A poll while sysmon is not up yet: starts it; true when the slice is over all the same. */
function sliceOverEarly(): boolean {
  if (early.skip > 0) {
    early.skip--;
    return false;
  }
  if (!early.started) {
    early.started = true;
    startThread();
  }
  const now = host.now();
  const fresh = U[1] !== early.tick;
  if (now - early.last < 1) early.skip = 7;
  early.last = now;
  const over = !fresh && now - early.since >= SLICE;
  if (fresh || over) {
    early.tick = U[1] as number;
    early.since = now;
  }
  if (Atomics.load(U, 7) !== 0) {
    // The thread has not seen how long this slice has lasted.
    U[8] = Math.trunc(now - early.since);
    handOver();
  }
  return over;
}

/** From now on the thread sets the word. */
function handOver(): void {
  early.up = true;
  S.armed = 0;
  U[0] = 0;
  sysmonRun();
}

/**
 * schedule() has looked at the clock, `took` ms after the last time. While goroutines change quickly they need no polls, which
 * would cost them more than the switch, and be optimised for; one that stops changing then waits for the thread.
 */
export function lookEarly(took: number): void {
  if (early.up) return;
  if (Atomics.load(U, 7) !== 0) return handOver();
  const switches = S.switches - early.switches;
  early.switches = S.switches;
  if (!early.started) return;
  const armed = took < 1 && switches >= QUICK ? 0 : 1;
  if (armed === S.armed) return;
  S.armed = armed;
  // The thread may come up in the middle of this turn, under a loop that asks nobody: it must find the turn under way.
  if (armed === 0) sysmonRun();
  else sysmonIdle();
}

R.sliceOver = (g: G | null): boolean => {
  if (S.crowded === 1) {
    S.crowded = 2;
    U[0] = S.armed;
  } else if (S.armed !== 0) {
    if (!sliceOverEarly()) return false;
  } else U[0] = 0;
  // Code entered from promises, timers and events runs to its end.
  return g !== null && (g.status & CALLBACK) === 0;
};

function startThread(): void {
  try {
    const worker = new Worker(code, {
      eval: true,
      workerData: U,
      execArgv: [],
      env: {},
      stdin: false,
      stdout: true,
      stderr: true,
      name: "gort sysmon",
    });
    worker.on("error", () => {}); // without it nothing is preempted by time; the program goes on
    worker.unref();
  } catch {
    // No threads (a permission, a limit): cooperative scheduling remains.
  }
}

/** The loop has been entered. The store must come before the load, as sysmon's store of U[6] before its wait on U[2]. */
export function sysmonRun(): void {
  U[4] = ((U[4] as number) + 1) | 0;
  Atomics.store(U, 2, 1);
  if (Atomics.load(U, 6) !== 0) Atomics.notify(U, 2);
}

/** The loop has been left. */
export function sysmonIdle(): void {
  Atomics.store(U, 2, 0);
}

// Go's own switch: no slice ends by time, and the thread is never started.
if (/(?:^|,)asyncpreemptoff=1(?:,|$)/.test(process.env["GODEBUG"] ?? "")) {
  early.up = true;
  S.armed = 0;
  U[0] = 0;
}
