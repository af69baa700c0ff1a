/**
 * Goroutines as text, in Go's format:
 *
 *     goroutine 7 [chan receive]:
 *     handle(...)
 *     	/app/server.ts:18:7
 *     created by main in goroutine 1
 *     	/app/server.ts:25:3
 */
import { host } from "../internal/host.ts";
import { R } from "../internal/state.ts";
import { allGoroutines } from "./all.ts";
import { bubbleOf } from "./bubble.ts";
import { FRESH, REASON_SHIFT, RUNNABLE, STATUS, WAITING } from "./status.ts";
import type { G } from "./g.ts";
import { bodyLine, filePath } from "./frames.ts";
import { reasonText } from "./reason.ts";
import { Callers, createdBy } from "./callers.ts";
import { nativeLines } from "./native-stack.ts";

/** By status. */
const states = ["idle", "runnable", "running", "syscall", "waiting", "", "dead"];

/** "running", "chan receive", …: what stands in a dump's brackets. */
export function stateText(g: G): string {
  const reason = g.status >> REASON_SHIFT;
  if (g === R.g && reason === 0) return "running";
  return reason > 0 ? reasonText(reason) : (states[g.status & STATUS] ?? "");
}

/** `    at name (file:line:col)` as Go's two lines. */
function goLines(at: string): string {
  const m = /^\s+at (?:(.*) \((.*)\)|(.*))$/.exec(at);
  if (m === null) return at.trim();
  const position = filePath(m[2] ?? m[3] ?? "");
  return `${m[1] ?? "<anonymous>"}(...)\n\t${position}`;
}

/** "goroutine 7 [chan receive, 2 minutes]:", and its name and labels if it has any. */
export function header(g: G, state: string = stateText(g)): string {
  let text = state + (bubbleOf(g)?.note(g) ?? "");
  if ((g.status & STATUS) === WAITING) {
    const minutes = Math.floor((host.now() - g.since) / 60_000);
    if (minutes >= 1) text += `, ${minutes} minutes`;
  }
  if (g.ext !== null && g.ext.locked > 0) text += ", locked to thread";
  const labels: Record<string, string> = {};
  if (g.ext !== null && g.ext.name !== "") labels["name"] = g.ext.name;
  return `goroutine ${g.id} [${text}]${labelText(Object.assign(labels, g.ext?.labels))}:`;
}

/** ` {"k":"v", …}`, sorted, as Go prints labels; "" where there are none. */
export function labelText(labels: Readonly<Record<string, string>> | null): string {
  const keys = Object.keys(labels ?? {}).sort();
  const shown = keys.map((k) => `${JSON.stringify(k)}:${JSON.stringify(labels?.[k])}`).join(", ");
  return keys.length > 0 ? ` {${shown}}` : "";
}

/** The `at` lines of a goroutine's stack, innermost first; the async body that awaits it is the last. */
export function stackLines(g: G): string[] {
  const running = g === R.g;
  const lines = running ? nativeLines() : [];
  lines.push(...new Callers(running ? (g.frame?.next ?? null) : g.frame, g).lines());
  if ((g.status & STATUS) === RUNNABLE && g.x >= FRESH && typeof g.v === "function")
    lines.unshift(`    at ${g.v.name || createdBy(g.site)[2] || "<anonymous>"} ()`);
  const body = g.ext?.body ?? null;
  return body === null ? lines : [...lines, bodyLine(body)];
}

/** A stack of `at` and `created by` lines in Go's format. */
export function goStack(lines: readonly string[]): string {
  return lines
    .map((line) => {
      const m = /^\s+created by (.*) in goroutine (\d+)(?: \((.*)\))?$/.exec(line);
      if (m === null) return goLines(line);
      return `created by ${m[1]} in goroutine ${m[2]}${m[3] === undefined ? "" : `\n\t${filePath(m[3])}`}`;
    })
    .join("\n")
    .replace(/\(\.\.\.\)\n\t(?=\n|$)/g, "(...)");
}

/** One goroutine, without a newline at the end. */
export function dump(g: G): string {
  const stack = goStack(stackLines(g));
  return stack === "" ? header(g) : `${header(g)}\n${stack}`;
}

/** What the other threads run, once there are any: shared/dumps.ts. */
export const others: { dump: () => string[] } = { dump: () => [] };

/** All goroutines: the running one first, then in the order of creation; then those of other threads. */
export function dumpAll(): string {
  return [dumpOwn(), ...others.dump()].filter((text) => text !== "").join("\n\n");
}

/** Those of this thread. */
export function dumpOwn(): string {
  const parts: string[] = [];
  if (R.g !== null) parts.push(dump(R.g));
  for (const g of allGoroutines()) if (g !== R.g) parts.push(dump(g));
  return parts.join("\n\n");
}

/**
 * The stack of the running goroutine as Go prints it; with `all`, of every goroutine, the running one first. Outside
 * goroutines: "" or all of them. Go: runtime.Stack.
 */
export function stack(all: boolean = false): string {
  if (all) return dumpAll();
  return R.g === null ? "" : dump(R.g);
}
