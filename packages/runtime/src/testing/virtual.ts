/** `bubble` and `waitIdle`, as tests call them. */
import { SyncError, wants } from "../errors/catalogue.ts";
import { PARK, R, suspendable, type Frame } from "../internal/state.ts";
import { bubbleOf } from "../scheduler/bubble.ts";
import { current, yieldToGlobal } from "../scheduler/park.ts";
import { Bubble } from "./bubble.ts";

/** The driver's frame. */
class Driving implements Frame {
  readonly r: (f: Frame | null) => unknown = driveFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly f: () => unknown;
  bubble: Bubble | null = null;
  constructor(f: () => unknown) {
    this.f = f;
  }
}

function driveFrame(f: Frame | null): unknown {
  if (f === null) return "gort.bubble\n\n";
  if (R.x === 1) throw R.v;
  const d = f as Driving;
  const b = (d.bubble ??= new Bubble(d.f));
  return b.turn() ? b.outcome() : undefined;
}
suspendable(driveFrame);

/** The caller is about to run goroutines of its own; it lets go of its native stack for that. */
export function drive(frame: Frame, by: string): void {
  const g = current();
  if (bubbleOf(g) !== null) throw new SyncError("GORT_BUBBLE", `${by} called from within a bubble`);
  yieldToGlobal(g);
  R.u = PARK;
  R.tail = R.tail.next = frame;
}

/**
 * Runs `f` as a goroutine with a clock of its own, and returns what it returns. Goroutines started in it, and by them, are in the bubble too. The
 * clock begins at midnight UTC, 2000-01-01, and moves only when all of them wait for each other or for a time: then at once, to the next timer.
 * `Date` and `performance.now` go by it. Parks until all of them have ended. Go: synctest.Test.
 *
 *     test("gives up after an hour", goTest(() => bubble(() => { … sleep(3_600_000); expect(…); })));
 *
 * @throws what left `f`, or a goroutine nobody joined; DeadlockError when all of them wait for ever, or some are left when `f` has returned;
 *   SyncError GORT_BUBBLE inside another bubble, or when a goroutine outside meddles; TypeError GORT_ARGUMENT if `f` is no function
 */
export function bubble<T>(f: () => T): T {
  if (typeof f !== "function") throw wants("bubble", "a function", f);
  drive(new Driving(f), "bubble");
  return undefined as T;
}
suspendable(bubble);

/**
 * Parks until all other goroutines of the caller's bubble are durably blocked: they wait for each other or for a time. The clock does not move.
 * Meant for tests that would sleep until the others are done. Go: synctest.Wait.
 * @throws SyncError GORT_BUBBLE outside a bubble, and where another goroutine of it is in waitIdle
 */
export function waitIdle(): void {
  const g = current();
  const b = bubbleOf(g);
  if (!(b instanceof Bubble)) throw new SyncError("GORT_BUBBLE", "goroutine is not in a bubble");
  b.waitIdle(g);
}
suspendable(waitIdle);
