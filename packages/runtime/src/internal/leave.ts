/**
 * What a fast copy leaves through when a callee has suspended or a poll has seen the word set: makes the frame and
 * appends it, or goes on in the clone after a poll that said no. One for each size of frame; what does not fit any
 * brings its frame along. `pc` is negative at a poll.
 *
 * None of them, nor what else an exit calls (`poll`, `low`), may be inlined. The engine counts calls of a site by those it saw before it
 * optimised: in a function that runs for a slice, every run leaves once. Inlined, with all that they call, exits use up the budget
 * of the loop around them (920 bytes of bytecode), and what that calls in earnest stays a call. Functions of more than 460 bytes are never
 * inlined; what makes these so long is never reached.
 */
import { askCaller } from "./barrier.ts";
import { unwound } from "./entry.ts";
import { F16, F4, F8 } from "./frames.ts";
import { LEAVE, own } from "./own.ts";
import { poll } from "./poll.ts";
import { DEPTH, PARK, R, U, type Clone, type Frame } from "./state.ts";
import { isTrusted } from "./trust.ts";

/**
 * A clone saves itself in the frame it was given; linking the frame is up to who made it. A preemption has looked at the whole
 * stack; who blocks has not.
 */
function append(frame: Frame): unknown {
  R.tail = R.tail.next = frame;
  if (R.left !== 0) return unwound();
  return R.u !== PARK || isTrusted(frame.r) ? undefined : askCaller(frame);
}

/** Words of native stack that going on in the clone takes: an exit, and another copy of the function. */
const CLONE = 50;

export function leave(pc: number, frame: Frame): unknown {
  if (pc === 0)
    return ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~pc;
  if (pc < 0 && !poll()) {
    // A clone reads what it is given as it begins; here that is nothing.
    R.x = 0;
    U[DEPTH] = (U[DEPTH] as number) - CLONE;
    const v = frame.r(frame);
    if (v !== undefined || R.u === 0) return v;
  }
  return append(frame);
}

export function leave4(pc: number, r: Clone, a0?: unknown, a1?: unknown, a2?: unknown, a3?: unknown): unknown {
  if (pc === 0)
    return ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~pc;
  const frame = new F4(r, pc < 0 ? -pc : pc, a0, a1, a2, a3);
  if (pc < 0 && !poll()) {
    R.x = 0;
    U[DEPTH] = (U[DEPTH] as number) - CLONE;
    const v = r(frame);
    if (v !== undefined || R.u === 0) return v;
  }
  return append(frame);
}

export function leave8(
  pc: number,
  r: Clone,
  a0?: unknown,
  a1?: unknown,
  a2?: unknown,
  a3?: unknown,
  a4?: unknown,
  a5?: unknown,
  a6?: unknown,
  a7?: unknown,
): unknown {
  if (pc === 0)
    return ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~pc;
  const frame = new F8(r, pc < 0 ? -pc : pc, a0, a1, a2, a3, a4, a5, a6, a7);
  if (pc < 0 && !poll()) {
    R.x = 0;
    U[DEPTH] = (U[DEPTH] as number) - CLONE;
    const v = r(frame);
    if (v !== undefined || R.u === 0) return v;
  }
  return append(frame);
}

export function leave16(
  pc: number,
  r: Clone,
  a0?: unknown,
  a1?: unknown,
  a2?: unknown,
  a3?: unknown,
  a4?: unknown,
  a5?: unknown,
  a6?: unknown,
  a7?: unknown,
  a8?: unknown,
  a9?: unknown,
  a10?: unknown,
  a11?: unknown,
  a12?: unknown,
  a13?: unknown,
  a14?: unknown,
  a15?: unknown,
): unknown {
  if (pc === 0)
    return ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~pc;
  const frame = new F16(r, pc < 0 ? -pc : pc, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15);
  if (pc < 0 && !poll()) {
    R.x = 0;
    U[DEPTH] = (U[DEPTH] as number) - CLONE;
    const v = r(frame);
    if (v !== undefined || R.u === 0) return v;
  }
  return append(frame);
}

for (const f of [leave, leave4, leave8, leave16]) own(f, LEAVE);
