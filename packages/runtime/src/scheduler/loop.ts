/**
 * The loop: where goroutines meet Node's event loop (Go's netpoll).
 *
 *     ready() outside the loop ──► microtask ─┐
 *     budget spent, many sockets ► immediate ─┼─► enter(): run goroutines ─► queues empty ─► idle: a real timer for
 *     real timer fires ───────────────────────┘                                             the earliest of ours
 *
 * Goroutines run until the queues are empty or BUDGET is spent; then the event loop turns, and whom it readies (a request has come, a
 * read is done) runs before those who were waiting for their next slice: one slice at most lies between an event and its goroutine,
 * however many compute (Go: as many as compute; docs/adr/0017), and a short one while events come. Idle with timers: one real
 * timer, ref'd. Idle without: nothing is held, Node's own event loop runs empty, and "beforeExit" tells a deadlock, exactly.
 * Microtask entries share one budget, so goroutines and promises that wake each other do not starve I/O.
 */
import { host, type HostTimer } from "../internal/host.ts";
import { R, U } from "../internal/state.ts";
import { runTimers, timers } from "../time/heap.ts";
import { runIn, watchStores } from "./als.ts";
import { checkDeadlock } from "./deadlock.ts";
import { execute } from "./execute.ts";
import type { G } from "./g.ts";
import { BUDGET, CROWD, S } from "./p.ts";
import { watchQuit } from "./quit.ts";
import { forgetPassed } from "./rejections.ts";
import { schedule, scheduleTraced } from "./schedule.ts";
import { sysmonIdle, sysmonRun } from "./sysmon.ts";

/** Has the loop entered soon, unless it is already due. */
export function wake(): void {
  if (S.scheduled !== 0) return;
  S.scheduled = 1;
  if (S.shared !== null) S.shared.disturbed();
  if (S.spent < BUDGET) host.microtask(fromMicrotask);
  else host.immediate(fromImmediate);
}

/** How many goroutines the last events have woken, and how events come: `crowd` > 0, several in one turn of the event loop. */
const events = { woken: 0, crowd: 0, alone: 0 };
/** So many turns with one event each, and events count as alone; so many of those, and it is looked whether they still are. */
const ALONE = 16;

/**
 * The same for a socket's event. Where they come in crowds, the loop is entered once behind them all, not for each; one that comes alone would
 * only wait longer.
 */
export function wakeBehindEvents(): void {
  events.woken++;
  if (S.scheduled !== 0) return;
  if (events.crowd === 0 && ++events.alone < ALONE) return wake();
  events.alone = 0;
  events.woken = 1;
  S.scheduled = 1;
  if (S.shared !== null) S.shared.disturbed();
  host.immediate(fromEvents);
}

function fromEvents(): void {
  if (events.woken > 1) events.crowd = ALONE;
  else if (events.crowd > 0) events.crowd--;
  fromImmediate();
}

function fromMicrotask(): void {
  try {
    enter();
  } catch (e) {
    // As from any other entry: an uncaught exception, and not a rejection.
    host.immediate(() => {
      throw e;
    });
  }
}

function fromImmediate(): void {
  S.spent = 0;
  enter();
}

/** Runs goroutines in one AsyncLocalStorage context; returns the first one of another, null when it is time to leave. */
function runContext(first: G): G | null {
  let g: G | null = first;
  for (;;) {
    execute(g);
    g = schedule();
    if (g === null || (S.stores !== 0 && g.als !== S.als)) return g;
  }
}

/** The same, watched: a loop of its own, because the engine would make the code of one for both, and keep it so behind a trace. */
function runTraced(first: G): G | null {
  let g: G | null = first;
  for (;;) {
    execute(g);
    g = scheduleTraced();
    if (g === null || (S.stores !== 0 && g.als !== S.als)) return g;
  }
}

function enter(): void {
  S.scheduled = 0;
  if (S.inLoop !== 0 || S.stopped !== 0) return;
  if (R.g !== null) {
    // A nested event loop (a debugger, a test's fake timers) while a goroutine runs: try again from the outside.
    S.scheduled = 1;
    host.immediate(fromImmediate);
    return;
  }
  U[0] = S.armed;
  if (S.shared !== null && !S.shared.enter()) return;
  const start = host.now();
  S.inLoop = S.watched === 0 ? 1 : 2;
  R.hot = R.hot.turned();
  R.turn = 1 + ((start / BUDGET) | 0);
  S.now = start;
  S.nowMs = start | 0;
  S.deadline = start + S.budget - S.spent;
  S.countdown = 64;
  S.crowd = CROWD;
  S.turns++;
  if (S.armed === 0) sysmonRun();
  if (S.tracer !== null) S.tracer.entered();
  try {
    turn();
  } finally {
    if (S.tracer !== null) S.tracer.left();
    S.inLoop = 0;
    R.g = null;
    if (S.armed === 0) sysmonIdle();
  }
  leave(start);
}

function first(): G | null {
  return S.inLoop === 1 ? schedule() : scheduleTraced();
}

function turn(): void {
  if (timers.size !== 0) runTimers(S.now);
  let g = first();
  for (;;) {
    while (g !== null) {
      S.als = g.als;
      g = runIn(g.als, S.inLoop === 1 ? runContext : runTraced, g);
    }
    if (S.countdown <= 0 || timers.size === 0) return;
    S.now = host.now();
    S.nowMs = S.now | 0;
    if (!runTimers(S.now) || S.now >= S.deadline) return;
    g = first();
  }
}

/** True while somebody is queued. */
export function hasWork(): boolean {
  return R.hot.runnext !== null || S.runq.size() !== 0 || S.runq.globalSize() !== 0;
}

function leave(start: number): void {
  if (S.stopped !== 0) return;
  forgetPassed();
  const { shared } = S;
  if (shared === null ? hasWork() : shared.mayRun() && (hasWork() || shared.hasWork())) {
    S.runq.makeWay();
    keepPace();
    again();
    return;
  }
  S.spent += host.now() - start;
  armTimer();
  if (shared !== null) shared.idle();
}

/** The budget while events come, ms: a request that comes while goroutines compute waits for that long at most. */
const PROMPT = 2;
/** Events that the event loop had brought when the budget was spent last; -1: it has never been. */
const brought = { events: -1 };

/** Goroutines go on computing behind the event loop's turn: it turns more often while it brings something, and then ever less. */
function keepPace(): void {
  const events = host.events();
  const quiet = events === brought.events || brought.events < 0;
  S.budget = quiet ? Math.min(BUDGET, S.budget * 2) : PROMPT;
  brought.events = events;
  U[14] = S.budget;
}

/** Enters the loop behind the event loop's next turn. */
export function again(): void {
  if (S.scheduled !== 0) return;
  S.scheduled = 1;
  host.immediate(fromImmediate);
}

/** Enters it now: this thread was woken. */
export function woken(): void {
  S.spent = 0;
  enter();
}

// ---- the one real timer

const real = { timer: null as HostTimer | null, when: 0 };

function fired(): void {
  real.timer = null;
  S.spent = 0;
  if (S.stopped === 0 && S.scheduled === 0) enter();
}

/** Makes the real timer fire for the earliest of ours: when the loop is left, and when timers change outside it. */
export function armTimer(): void {
  const first = timers.first();
  if (first === null) {
    if (real.timer !== null) {
      host.clearTimer(real.timer);
      real.timer = null;
    }
    return;
  }
  if (real.timer !== null) {
    if (real.when === first.when) return;
    host.clearTimer(real.timer);
  }
  real.when = first.when;
  real.timer = host.setTimer(fired, Math.min(Math.max(1, Math.ceil(first.when - host.now())), 0x7fff_ffff));
}

/** Once, when the first goroutine is created. */
export function install(): void {
  watchStores();
  process.on("beforeExit", checkDeadlock);
  watchQuit();
}
