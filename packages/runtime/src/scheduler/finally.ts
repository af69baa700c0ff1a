/** `finally` for functions of the runtime that call user code: a frame under it that hears how it ended, however often it parked. */
import { R, type Frame } from "../internal/state.ts";
import { PROMISE } from "./reason.ts";
import { waitFor } from "./wait.ts";

/** What wants to know the end. */
export interface Ender {
  /** The call returned `v`, or threw it (`x` 1). Must not park. */
  ended(v: unknown, x: number): void;
}

class FinallyFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = finallyFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly ender: Ender;
  constructor(ender: Ender) {
    this.ender = ender;
  }
}

function finallyFrame(f: Frame | null): unknown {
  if (f === null) return "gort.finally\n\n";
  const v = R.v;
  const x = R.x;
  (f as FinallyFrame).ender.ended(v, x);
  if (x === 1) throw v;
  return v;
}

/**
 * Under a goroutine whose end somebody counts. An `async` function has ended when its promise has settled, not when it first awaits:
 * the goroutine waits for it.
 */
export class MemberFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = memberFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly ender: Ender;
  constructor(ender: Ender) {
    this.ender = ender;
  }
}

function memberFrame(frame: Frame | null): unknown {
  if (frame === null) return "gort.member\n\n";
  const f = frame as MemberFrame;
  if (waits(f)) return undefined;
  const { v, x } = R;
  f.ender.ended(v, x);
  if (x === 1) throw v;
  // Nobody has asked for what it returns, which may not be able to cross.
  return undefined;
}

/** True where what `f` hears is a promise: the goroutine waits for it, and `f` hears again. */
export function waits(f: Frame): boolean {
  const { v } = R;
  if (v === undefined || R.x === 1 || f.pc !== 1 || !(v instanceof Promise)) return false;
  f.pc = 2;
  waitFor(v, PROMISE);
  return true;
}

/** After a call of user code that returned `v`: registers `ender` if it has suspended, else tells it now. */
export function endOrWait<T>(v: T, ender: Ender): T {
  if (R.u !== 0) R.tail = R.tail.next = new FinallyFrame(ender);
  else ender.ended(v, 0);
  return v;
}
