/**
 * Frames of compiled functions, in three sizes: the scheduler's inner loop then meets few shapes, whatever the program.
 * Only what is live is passed; the rest stays undefined.
 */
import type { Clone, Frame } from "./state.ts";

export class F4 implements Frame {
  r: Clone;
  pc: number;
  next: Frame | null;
  a0: unknown;
  a1: unknown;
  a2: unknown;
  a3: unknown;
  constructor(r: Clone, pc: number, a0?: unknown, a1?: unknown, a2?: unknown, a3?: unknown) {
    this.r = r;
    this.pc = pc;
    this.next = null;
    this.a0 = a0;
    this.a1 = a1;
    this.a2 = a2;
    this.a3 = a3;
  }
}

export class F8 implements Frame {
  r: Clone;
  pc: number;
  next: Frame | null;
  a0: unknown;
  a1: unknown;
  a2: unknown;
  a3: unknown;
  a4: unknown;
  a5: unknown;
  a6: unknown;
  a7: unknown;
  constructor(
    r: Clone,
    pc: number,
    a0?: unknown,
    a1?: unknown,
    a2?: unknown,
    a3?: unknown,
    a4?: unknown,
    a5?: unknown,
    a6?: unknown,
    a7?: unknown,
  ) {
    this.r = r;
    this.pc = pc;
    this.next = null;
    this.a0 = a0;
    this.a1 = a1;
    this.a2 = a2;
    this.a3 = a3;
    this.a4 = a4;
    this.a5 = a5;
    this.a6 = a6;
    this.a7 = a7;
  }
}

export class F16 implements Frame {
  r: Clone;
  pc: number;
  next: Frame | null;
  a0: unknown;
  a1: unknown;
  a2: unknown;
  a3: unknown;
  a4: unknown;
  a5: unknown;
  a6: unknown;
  a7: unknown;
  a8: unknown;
  a9: unknown;
  a10: unknown;
  a11: unknown;
  a12: unknown;
  a13: unknown;
  a14: unknown;
  a15: unknown;
  constructor(
    r: Clone,
    pc: number,
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
  ) {
    this.r = r;
    this.pc = pc;
    this.next = null;
    this.a0 = a0;
    this.a1 = a1;
    this.a2 = a2;
    this.a3 = a3;
    this.a4 = a4;
    this.a5 = a5;
    this.a6 = a6;
    this.a7 = a7;
    this.a8 = a8;
    this.a9 = a9;
    this.a10 = a10;
    this.a11 = a11;
    this.a12 = a12;
    this.a13 = a13;
    this.a14 = a14;
    this.a15 = a15;
  }
}

/**
 * Empties a compiled function's frame that has returned; the runtime's own are left as they are. The engine's collector of young objects takes each
 * old one for alive: what a dead frame that lived through two collections saved would stay, and become old as well, with all it refers to.
 */
export function forget(frame: Frame): void {
  if (frame instanceof F4) frame.a0 = frame.a1 = frame.a2 = frame.a3 = undefined;
  else if (frame instanceof F8)
    frame.a0 = frame.a1 = frame.a2 = frame.a3 = frame.a4 = frame.a5 = frame.a6 = frame.a7 = undefined;
  else if (frame instanceof F16) {
    frame.a0 = frame.a1 = frame.a2 = frame.a3 = frame.a4 = frame.a5 = frame.a6 = frame.a7 = undefined;
    frame.a8 = frame.a9 = frame.a10 = frame.a11 = frame.a12 = frame.a13 = frame.a14 = frame.a15 = undefined;
  } else if (Object.getPrototypeOf(frame) === Object.prototype) {
    // One with more.
    const large = frame as unknown as Record<string, unknown>;
    for (const key in large) if (/^a\d/.test(key)) large[key] = undefined;
  }
}
