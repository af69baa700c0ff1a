/** Hand-written frames: goroutines for tests that need no compiler. */
import { gosched } from "../src/index.ts";
import { R, type Frame } from "../src/internal/state.ts";
import { S } from "../src/scheduler/p.ts";

R.modules = 1;
// The order of these tests is Go's where nobody is preempted: a machine that stands still for 10 ms ends no slice.
S.endless = 1;

/** A step gets what the one before it returned or was woken with, and may park as its last action. */
export type Step = (v: never) => unknown;

interface StepsFrame extends Frame {
  steps: Step[];
  i: number;
}

function stepsFrame(f: Frame | null): unknown {
  if (f === null) return "steps\n/app.ts\n1:1";
  if (R.x === 1) throw R.v;
  return runSteps(f as StepsFrame, R.v);
}

function runSteps(f: StepsFrame, v: unknown): unknown {
  while (f.i < f.steps.length) {
    v = (f.steps[f.i++] as Step)(v as never);
    if (R.u !== 0) return undefined;
  }
  return v;
}

/** A goroutine function that performs `steps` one after the other. */
export function seq(...steps: Step[]): () => unknown {
  return () => {
    const f: StepsFrame = { r: stepsFrame, pc: 1, next: null, steps, i: 0 };
    const v = runSteps(f, undefined);
    if (R.u !== 0) R.tail = R.tail.next = f;
    return v;
  };
}

/** The step `f`, `n` times. */
export function times(n: number, f: Step): Step[] {
  return Array.from({ length: n }, () => f);
}

/** A step that lets the others run until all of them wait. */
export function settle(): unknown {
  gosched();
  const f = (): unknown => (S.runq.hasWork() ? settle() : undefined);
  R.tail = R.tail.next = { r: (frame) => (frame === null ? "settle\n/app.ts\n1:1" : f()), pc: 1, next: null };
  return undefined;
}

/** A caller's frame on the heap, for tests of logical stacks. */
export function callerFrame(name: string, position: string, onResume: (v: unknown, x: number) => unknown): Frame {
  return {
    r: (f) => (f === null ? `${name}\n/app.ts\n${position}` : onResume(R.v, R.x)),
    pc: 1,
    next: null,
  };
}
