/**
 * sysmon: a thread without a P that ends slices. It alone reads the clock; the scheduler only counts slices in U[1].
 *
 *     U[0]  POLL: the slice, or the event loop's budget, is over (set by sysmon, polled by compiled loops, cleared by poll and
 *           schedule)
 *     U[1]  slices begun
 *     U[2]  1 while goroutines run, 2 while the thread dozes (shared/patience.ts), 0 while it is in the event loop
 *     U[4]  entries of the loop, so that a budget is told from the next one's
 *     U[5]  nobody's: slept on
 *     U[6]  1: sysmon sleeps on U[2] until it is woken. It does so after 100 ms of rest, so that a server whose loop is
 *           entered for every request does not pay for a wake-up each time
 *     U[7]  1: the thread is up
 *     U[8]  how long the slice has lasted in which the scheduler handed over to it, ms
 *     U[9]  1: another thread has something for this one; U[0] is set as well
 *     U[10] 1: there is a message for sysmon
 *     U[14] the loop's budget, and with it the slice, where it is another than 10 ms
 *     U[11] dozes begun; U[13] 1: sysmon has ended one, which it saw twice
 *
 * It samples every ms, and once it has seen a slice twice, sleeps exactly to its end: a slice lasts 10 to 11 ms. Where it has seen none
 * twice for long (a server whose requests take microseconds), it samples every 3 ms, and a slice lasts up to 13. `gort run`
 * starts it with the runtime, as Go does before main: its 12 ms pass while the program is loaded, and not beside the engine's compilers.
 * Elsewhere the first poll starts it, so that a program without loops has one thread. It never prints, holds no reference to
 * the event loop, and dies with the process.
 */
import { MessageChannel, Worker } from "node:worker_threads";
import { host } from "../internal/host.ts";
import { R, U } from "../internal/state.ts";
import { CALLBACK } from "./status.ts";
import type { G } from "./g.ts";
import { DOZE, G_NMS, M_BASE, M_PARK, M_SIZE, M_U, NOTIFIED, POLL } from "../shared/layout.ts";
import { X } from "../shared/region.ts";
import { thread, type Memory } from "../shared/thread.ts";
import { CROWD_ON, S } from "./p.ts";

/** A slice, ms. */
const SLICE = 10;
const SAMPLE = 1;
/** So many samples without a slice seen twice, and it samples more slowly. */
const CALM = 64;
const SLOW = 3;

const code = `
const { workerData, receiveMessageOnPort } = require("node:worker_threads");
const { U: main, port } = workerData;
Atomics.store(main, 7, 1);
// One for each thread that runs goroutines; main's first. Its words, and what was seen of them.
const watched = [{ U: main, tick: -1, since: 0, entry: -1, entered: 0 }];
let region = null, rest = 0, quick = 0;
function look() {
  const got = receiveMessageOnPort(port);
  if (got !== undefined) region = got.message;
}
function count() {
  const { memory, base, size, u, ms } = region;
  const n = new Int32Array(memory.buffer)[ms >> 2];
  while (watched.length < n) {
    const at = base + watched.length * size;
    const [U, park] = [new Int32Array(memory.buffer, at + u, 16), new Int32Array(memory.buffer, at + ${M_PARK}, 1)];
    watched.push({ U, park, tick: -1, since: 0, entry: -1, entered: 0, doze: -1 });
  }
}
function running() {
  for (const w of watched) if (Atomics.load(w.U, 2) !== 0) return true;
  return false;
}
for (;;) {
  if (main[10] !== 0) { look(); main[10] = 0; }
  if (region !== null) count();
  const pace = quick < ${CALM} ? ${SAMPLE} : ${SLOW};
  quick++;
  if (!running()) {
    for (const w of watched) w.tick = w.entry = -1;
    if ((rest += pace) < 100) { Atomics.wait(main, 5, 0, pace); continue; }
    Atomics.store(main, 6, 1);
    if (!running()) Atomics.wait(main, 2, 0);
    Atomics.store(main, 6, 0);
    rest = quick = 0;
    continue;
  }
  rest = 0;
  const t = performance.now();
  let wait = pace;
  for (const w of watched) {
    const { U } = w;
    if (U[2] !== 1) {
      w.tick = w.entry = -1;
      if (U[2] === 2) quick = 0; // a doze is short
      if (U[2] === 2 && w.doze === U[11]) {
        U[13] = 1;
        if (Atomics.compareExchange(w.park, 0, ${DOZE}, ${NOTIFIED}) === ${DOZE}) Atomics.notify(w.park, 0);
      }
      w.doze = U[11];
      continue;
    }
    const slice = U[14] || ${SLICE};
    if (U[4] !== w.entry) { w.entry = U[4]; w.entered = t; w.tick = -1; }
    else if (t - w.entered >= slice) { Atomics.store(U, 0, ${POLL}); w.entered = t; }
    if (U[1] !== w.tick) { w.tick = U[1]; w.since = t - U[8]; U[8] = 0; }
    else {
      quick = 0;
      const left = slice - (t - w.since);
      if (left <= 0) { Atomics.store(U, 0, ${POLL}); w.since = t; } else if (watched.length === 1) wait = left;
    }
  }
  Atomics.wait(main, 5, 0, wait);
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
  startSysmon();
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
  const armed = took < 1 && switches >= QUICK ? 0 : POLL;
  if (armed === S.armed) return;
  S.armed = armed;
  // The thread may come up in the middle of this turn, under a loop that asks nobody: it must find the turn under way.
  if (armed === 0) sysmonRun();
  else sysmonIdle();
}

R.sliceOver = (g: G | null): boolean => {
  const { shared } = S;
  if (shared !== null && U[9] !== 0) {
    U[0] = S.armed;
    return (
      shared.interrupts(g !== null && g.ext !== null && g.ext.parallel) && g !== null && (g.status & CALLBACK) === 0
    );
  }
  if (S.crowded === 1) {
    S.crowded = 2;
    S.crowd = CROWD_ON;
    U[0] = S.armed;
  } else if (S.armed !== 0) {
    if (!sliceOverEarly()) return false;
  } else U[0] = 0;
  // Code entered from promises, timers and events runs to its end.
  return g !== null && (g.status & CALLBACK) === 0;
};

/** Main's end of what the thread is told through. */
const told: MessageChannel | null = thread === null ? new MessageChannel() : null;

/** Starts the thread, once. Go: runtime.main does. */
export function startSysmon(): void {
  if (early.started || early.up) return;
  early.started = true;
  if (told === null) return; // main's watches this thread too
  try {
    const worker = new Worker(code, {
      eval: true,
      workerData: { U, port: told.port2 },
      transferList: [told.port2],
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

/** There are other threads, whose poll words are in the region: they are to be watched as well. */
export function watchThreads(memory: Memory): void {
  if (told === null) return;
  told.port1.unref();
  told.port1.postMessage({ memory, base: M_BASE, size: M_SIZE, u: M_U, ms: G_NMS });
  U[10] = 1;
  startSysmon();
}

/** The loop has been entered. The store must come before the load, as sysmon's store of U[6] before its wait on U[2]. */
export function sysmonRun(): void {
  U[4] = ((U[4] as number) + 1) | 0;
  Atomics.store(U, 2, 1);
  // sysmon sleeps on main's words.
  if (Atomics.load(X.mainU, 6) !== 0) Atomics.notify(X.mainU, 2);
}

/** The loop has been left. */
export function sysmonIdle(): void {
  Atomics.store(U, 2, 0);
}

// Go's own switch: no slice ends by time, and the thread is never started.
if (/(?:^|,)asyncpreemptoff=1(?:,|$)/.test(process.env["GODEBUG"] ?? "")) {
  S.endless = 1;
  early.up = true;
  S.armed = 0;
  U[0] = 0;
}
