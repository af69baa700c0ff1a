/**
 * How the loop is entered, when something is to be run and it does not run: soon, behind the events, behind the event loop's turn, at once.
 * The loop gives its entry here, and those who wake it know nothing else of it.
 */
import { host } from "../internal/host.ts";
import { S } from "./p.ts";

const loop = {
  enter: (): void => {
    throw new Error("gort: the runtime is not loaded");
  },
};

/** loop.ts: what runs goroutines until there are none, or it is the event loop's turn. */
export function onWake(enter: () => void): void {
  loop.enter = enter;
}

/** Has the loop entered soon, unless it is already due. */
export function wake(): void {
  if (S.scheduled !== 0) return;
  S.scheduled = 1;
  if (S.shared !== null) S.shared.disturbed();
  if (S.spent < S.budget) host.microtask(fromMicrotask);
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
    loop.enter();
  } catch (e) {
    // As from any other entry: an uncaught exception, and not a rejection.
    host.immediate(() => {
      throw e;
    });
  }
}

function fromImmediate(): void {
  S.spent = 0;
  loop.enter();
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
  loop.enter();
}
