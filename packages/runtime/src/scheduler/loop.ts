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
import { host } from "../internal/host.ts";
import { R, U } from "../internal/state.ts";
import { runTimers, timers } from "../time/heap.ts";
import { armTimer } from "../time/real.ts";
import { runIn } from "./als.ts";
import { execute } from "./execute.ts";
import type { G } from "./g.ts";
import { BUDGET, CROWD, S } from "./p.ts";
import { forgetPassed } from "./rejections.ts";
import { schedule, scheduleTraced } from "./schedule.ts";
import { sysmonIdle, sysmonRun } from "./sysmon.ts";
import { again, onWake } from "./wake.ts";

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
    again();
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

function leave(start: number): void {
  if (S.stopped !== 0) return;
  forgetPassed();
  const { shared } = S;
  if (shared === null ? S.runq.hasWork() : shared.mayRun() && (S.runq.hasWork() || shared.hasWork())) {
    S.runq.makeWay();
    keepPace();
    again();
    return;
  }
  S.spent += host.now() - start;
  armTimer(timers.first());
  if (shared !== null) shared.sleep.idle();
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

onWake(enter);
