/** Goroutines as a leak check looks at them: who stands on top, who is below, who created it. */
import { R } from "../internal/state.ts";
import { allGoroutines } from "../scheduler/all.ts";
import { bubbleOf } from "../scheduler/bubble.ts";
import { dump, others, stackLines, stateText } from "../scheduler/dump.ts";
import type { G } from "../scheduler/g.ts";
import { createdBy } from "../scheduler/callers.ts";

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

/** A goroutine of another thread, from what a dump says of it. Of a thread that did not answer: what is said of the thread. */
function parsed(full: string): GoroutineStack {
  const [head = "", ...lines] = full.split("\n");
  const m = /^goroutine (\d+) \[([^\],]*)/.exec(head);
  const by = /^created by (.*) in goroutine \d+$/m.exec(full)?.[1] ?? "";
  const functions = lines.filter((line) => line.endsWith("(...)")).map((line) => line.slice(0, -"(...)".length));
  return {
    id: Number(m?.[1] ?? 0),
    state: m?.[2] ?? "running",
    topFunction: functions[0] ?? "",
    functions,
    createdBy: by,
    full,
  };
}

function onOtherThreads(): GoroutineStack[] {
  return others
    .dump()
    .flatMap((text) => text.split("\n\n"))
    .filter((text) => text !== "")
    .map(parsed);
}

/** All goroutines but `me`, of all threads, in the order of their creation; in a bubble, those of the bubble. */
export function stacksBut(me: G | null): GoroutineStack[] {
  const bubble = me === null ? null : bubbleOf(me);
  const here = allGoroutines()
    .filter((g) => g !== me && (bubble === null || bubbleOf(g) === bubble))
    .map(stackOf);
  return [...here, ...(bubble === null ? onOtherThreads() : [])].sort((a, b) => a.id - b.id);
}

/** The goroutines alive now, by number; the running one is among them. */
export function idsNow(): ReadonlySet<number> {
  return new Set([...allGoroutines(), ...onOtherThreads()].map((g) => g.id));
}

/** The running goroutine. */
export function me(): G | null {
  return R.g;
}
