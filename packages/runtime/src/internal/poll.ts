/**
 * May this stack be unwound? Asked before a preemption or a forced suspension, and answered from the structured stack
 * trace: every frame between here and the scheduler must be compiled code, standing at one of its checked calls.
 * Anything else (a native function, a library, a getter, a coercion) would lose its activation.
 *
 * A blocking operation does not ask, it would cost too much: barrier.ts.
 */
import { hasRoom, RESERVE } from "./depth.ts";
import { adoptHere, tryEnter } from "./entry.ts";
import { ASK, own } from "./own.ts";
import { addTable } from "./sites.ts";
import { DEEP, DEPTH, FORCED, PREEMPT, R, U, type Frame } from "./state.ts";
import { BOTTOM, COMPILED, EXIT, Kinds, RUNTIME, WHOLE, askedFrom, kindOf, structuredTrace } from "./trace.ts";

/** Called by each compiled module before its own statements. */
export function module(url: string, positions: string): void {
  addTable(url, positions);
}

function canSuspend(): boolean {
  const trace = structuredTrace(WHOLE);
  // The one that asked stands at its own poll, which is no call; a fast copy asks through its exit.
  let i = askedFrom(trace);
  if (i < 0) return false;
  const kinds = new Kinds();
  i += kindOf(trace[i]!, undefined) === EXIT ? 2 : 1;
  for (; i < trace.length; i++) {
    const kind = kinds.of(trace[i]!, trace[i - 1]);
    if (kind === EXIT) i++;
    else if (kind !== COMPILED && kind !== RUNTIME) return kind === BOTTOM;
  }
  return false;
}

/**
 * A loop has seen the poll word set, or a function too little stack: unwinds if that can be done here, else lets it run on. `frame`: the one
 * whose clone asks. Where the scheduler has resumed it, it called the clone itself, and there is nothing between to be asked about.
 */
export function poll(frame?: Frame): boolean {
  // Never: too large to be inlined, see leave.ts.
  if ((frame as unknown) === 0)
    return (
      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~(U[0] as number) ===
      0
    );
  // Going on in a clone counts as well, and asks nobody.
  if ((U[DEPTH] as number) < 0 && !hasRoom()) return grow();
  const forced = R.forced;
  R.forced = false;
  const g = R.g;
  // Forcing must not hide the end of a slice, or a loop that waits for others runs on for good.
  const over = (!forced || U[0] !== 0) && R.sliceOver(g);
  if (!forced && !over) return false;
  if (g === null || R.noPreempt > 0 || R.u !== 0) return false;
  // Forced mode asks each time: it is there to ask.
  if ((forced || frame === undefined || frame !== g.frame) && !canSuspend()) return false;
  R.u = over ? PREEMPT : FORCED;
  if (!over) R.forcings++;
  R.fv = undefined;
  R.tail = R.head;
  return true;
}
own(poll, ASK);

/** Asking whether a stack can be moved costs half a microsecond a frame: after a no, one in `skip` of the next is asked, which doubles with each no. */
const growing = { skip: 1, left: 0 };

/** Moves the native stack to the heap. Where it cannot be taken down, goes on with what is left for all else. */
function grow(): boolean {
  R.forced = false;
  U[DEPTH] = RESERVE;
  if (R.g === null || R.noPreempt > 0 || R.u !== 0 || --growing.left > 0) return false;
  if (canSuspend()) {
    growing.skip = 1;
    growing.left = 0;
    R.u = DEEP;
    R.fv = undefined;
    R.tail = R.head;
    return true;
  }
  growing.left = growing.skip;
  growing.skip = Math.min(growing.skip * 2, 1024);
  return false;
}

/** Whether the runtime function that asks may be suspended; some 10 microseconds. */
export function mayPark(): boolean {
  return R.noPreempt === 0 && R.u === 0 && canSuspend();
}
own(mayPark, ASK);

/** Forced mode: suspends behind a call that returned `value`, where that is possible. */
export function force(value: unknown): boolean {
  if (R.noPreempt > 0 || R.u !== 0) return false;
  if (R.g === null ? !R.forcesEntries || tryEnter() === null : !canSuspend()) return false;
  R.u = FORCED;
  R.forcings++;
  R.fv = value;
  R.tail = R.head;
  return true;
}
own(force, ASK);

/** The same in an async body, which awaits. */
export function forceHere(value: unknown): boolean {
  if (!R.forcesEntries || R.noPreempt > 0 || R.u !== 0) return false;
  adoptHere();
  R.u = FORCED;
  R.forcings++;
  R.fv = value;
  return true;
}

/** Forced mode: every poll asks. */
export function forcePoll(): boolean {
  R.forced = true;
  return true;
}
