/** Goroutines as a leak check looks at them: who stands on top, who is below, who created it. */
import { R } from "../internal/state.ts";
import { allGoroutines } from "../scheduler/all.ts";
import { bubbleOf } from "../scheduler/bubble.ts";
import { dump, stackLines, stateText } from "../scheduler/dump.ts";
import type { G } from "../scheduler/g.ts";
import { createdBy } from "../scheduler/stack.ts";

/** One goroutine. Go: goleak's stack.Stack. */
export interface GoroutineStack {
  readonly id: number;
  /** What it waits for, or "runnable", …: what stands in the brackets of a dump, without the minutes. */
  readonly state: string;
  /** The function on top of the stack; "" if none is known. */
  readonly topFunction: string;
  /** All functions of the stack, the innermost first; not who created it. */
  readonly functions: readonly string[];
  /** The function that started it; "" if that was outside any goroutine. */
  readonly createdBy: string;
  /** The goroutine as a dump shows it. */
  readonly full: string;
}

function stackOf(g: G): GoroutineStack {
  const functions: string[] = [];
  for (const line of stackLines(g)) {
    const name = /^\s+at (?:async )?(.*?)(?: \(.*\)| \(\))?$/.exec(line)?.[1];
    if (name !== undefined) functions.push(name);
  }
  return {
    id: g.id,
    state: stateText(g),
    topFunction: functions[0] ?? "",
    functions,
    createdBy: g.parent === 0 ? "" : createdBy(g.site)[0],
    full: dump(g),
  };
}

/** All goroutines but `me`, in the order of their creation; in a bubble, those of the bubble. */
export function stacksBut(me: G | null): GoroutineStack[] {
  return allGoroutines()
    .filter((g) => g !== me && (me === null || bubbleOf(me) === null || bubbleOf(g) === bubbleOf(me)))
    .map(stackOf);
}

/** The goroutines alive now, by number; the running one is among them. */
export function idsNow(): ReadonlySet<number> {
  return new Set(allGoroutines().map((g) => g.id));
}

/** The running goroutine. */
export function me(): G | null {
  return R.g;
}
