/**
 * Frames as the engine's profilers report them, in the user's terms: positions through source maps, the compiler's clones by the
 * name of their function, the scheduler's own frames at the bottom of a goroutine's stack taken off.
 */
import { findSourceMap } from "node:module";
import { inspect, type Location } from "../inspect.ts";

/** What CPU and heap profiles of the inspector have in common. */
export interface CallFrame {
  functionName: string;
  url: string;
  /** From 0 on. */
  lineNumber: number;
  columnNumber: number;
}

/** The user's name of a function: of a clone its function's, which the compiler spells as no identifier may be; ours as ours. */
function userName(frame: CallFrame): string {
  const { functionName, url, lineNumber, columnNumber } = frame;
  const m = /^(.*?)\$r\d*$/.exec(functionName);
  const name = m === null ? functionName : m[1]!.replaceAll("$_", ".").replaceAll("$s", " ").replaceAll("$p", "#");
  if (isOwn(frame)) return name === "" ? "gort.func" : `gort.${name}`;
  if (name !== "" || url === "") return name;
  const [, file = "", line = ""] = /([^/]*):(\d+):\d+$/.exec(userPosition(url, lineNumber + 1, columnNumber)) ?? [];
  return `func@${file}:${line}`;
}

/** The bottom of a goroutine's native stack. */
export function isBase(frame: CallFrame): boolean {
  const { bottom } = inspect();
  return frame.functionName === bottom.name && frame.url === bottom.url;
}

/**
 * The loop under it. Code that was optimised before the profiler ran does not tell what is inlined into it: the bottom itself may be
 * missing then, and is known by this one if there is a frame of the program's above.
 */
export function isLoop(frame: CallFrame): boolean {
  return frame.functionName === "runContext" && isOwn(frame);
}

/** The runtime's own. */
export function isOwn(frame: CallFrame): boolean {
  const { home } = inspect();
  return home !== "" && frame.url.startsWith(home) && /^(?:dist|src)\//.test(frame.url.slice(home.length));
}

/** Where a thread sleeps that has nothing to do (shared/sleep.ts): the engine takes samples of it as of one that computes. */
export function isAsleep(frame: CallFrame): boolean {
  const { home } = inspect();
  return frame.functionName === "emptied" && home !== "" && frame.url.startsWith(home);
}

/** What is known of a place of compiled text; Node's types know no place without one. */
interface Entry {
  generatedLine?: number;
  originalSource?: string;
  originalLine?: number;
  originalColumn?: number;
}

/** `"file:line:col"` in the user's file, lines from 1 on. `column` may be Infinity: no place of the line in particular. */
function userPosition(url: string, line: number, column: number): string {
  const map = url.startsWith("file:") ? findSourceMap(url) : undefined;
  if (map !== undefined) {
    // The compiler begins a line for each of the source's that has code: its first place says which.
    let entry = map.findEntry(line - 1, Number.isFinite(column) ? column : 0) as Entry;
    if (entry.generatedLine !== line - 1 || entry.originalSource === undefined)
      entry = map.findEntry(line - 1, 0x7fff_ffff) as Entry;
    if (entry.originalSource !== undefined && entry.originalLine !== undefined)
      return `${absolute(entry.originalSource, url)}:${entry.originalLine + 1}:${(entry.originalColumn ?? 0) + 1}`;
  }
  return `${url}:${line}:${Number.isFinite(column) ? column + 1 : 0}`;
}

function absolute(source: string, url: string): string {
  try {
    return new URL(source, url).href;
  } catch {
    return source;
  }
}

/** Where a frame's function begins, or the line of it, from 1 on, that was seen. */
export function engineLocation(frame: CallFrame, line: number = 0): Location {
  const name = userName(frame);
  // `(program)`, `(garbage collector)`: the engine itself.
  if (frame.url === "") return inspect().location(name === "" ? "<anonymous>" : name, "");
  const position =
    line > 0
      ? userPosition(frame.url, line, Number.POSITIVE_INFINITY)
      : userPosition(frame.url, frame.lineNumber + 1, frame.columnNumber);
  return inspect().location(name, position);
}

/**
 * The callers of a goroutine's native stack that were on the heap. Its outermost native frame is the clone that was resumed last: what
 * stands behind it in the frames it was resumed with has not run since.
 */
export function heapCallers(outermost: Location | undefined, frames: readonly Location[]): readonly Location[] {
  if (outermost === undefined) return [];
  const i = frames.findIndex((f) => f.name === outermost.name && f.file === outermost.file);
  return i < 0 ? [] : frames.slice(i + 1);
}
