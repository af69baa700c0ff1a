/**
 * Errors with logical stacks. A native stack ends at the frame that was resumed last: its callers are on the heap. So the
 * first time an exception leaves that frame, or a compiled catch clause sees it, they are appended:
 *
 *     Error: boom
 *         at leaf (app.ts:3:9)               native, `$r` of clone names taken off
 *         at handle (app.ts:20:5)            from the heap
 *         created by main in goroutine 1 (app.ts:31:3)
 *
 * and the scheduler's own frames go. Positions are taken at once (frames move on), the text is made when somebody
 * reads `stack`, where the engine lets its own accessor be wrapped; else at once. Error.prepareStackTrace is never touched.
 */
import { types } from "node:util";
import { here, onDisk } from "../internal/here.ts";
import { R, type Frame } from "../internal/state.ts";
import { WHOLE } from "../internal/trace.ts";
import { bodyLine, framePosition, frameName, isHidden } from "./frames.ts";
import type { G } from "./g.ts";
import { traceback } from "./traceback.ts";

/** Callers shown at the top of a stack, and at its bottom. */
const SHOWN = 50;

/** The runtime's own package folder, whose dist and src (by source maps) are not shown; "" when a bundler has mixed all. */
export const home: string = (onDisk() && /^(.*\/(?:gort|runtime)\/)(?:dist|src)\//.exec(here)?.[1]) || "";
const homePath: string = home.startsWith("file:///") ? decodeURIComponent(home.slice(7)) : home;

/** A clone in a stack line: `at Object.name$r12 (…`, since it is called as a method of its frame. */
const CLONE = /^(\s+at )(?:[\w$]+\.)?([^\s(.]*?)\$r\d*(?: \[as r\])?(?=[\s.(]|$)/;

/** A clone's name as the user's: the compiler spells what no identifier may hold. */
function readable(name: string): string {
  return name.replaceAll("$_", ".").replaceAll("$s", " ").replaceAll("$p", "#");
}

/** The runtime's own functions that have a name of their own, wherever a bundler has put them. */
const BOTTOM = /^\s+at (?:[^(]*[. ])?gort:execute(?: |$)/;
const LEFT = /^\s+at (?:[^(]*[. ])?gort:leave(?: |$)/;
const OWN_NAME = /^\s+at (?:[^(]*[. ])?gort:/;
/** … and where it has taken their names, and Node's source maps tell the places. */
const MAPPED = /[\\/]node_modules[\\/]gort[\\/](?:dist|src)[\\/]/;
/** Some bundlers read the maps of what they bundle, and some do not: those tell the name, of what is in dist. */
const MAPPED_BOTTOM =
  /[\\/]node_modules[\\/]gort[\\/]src[\\/]scheduler[\\/]execute\.ts:|^\s+at execute \(.*[\\/]node_modules[\\/]gort[\\/]dist[\\/]/;

/** Errors that have their callers already, and the goroutine whose those are. */
const seen: WeakMap<object, number> = new WeakMap();
/** Errors that are one value for all who throw them, and what their stack is then (thrown.ts): no goroutine's callers are written into these. */
export const shared: WeakMap<object, () => string> = new WeakMap();

/** The name and position of each caller, and of the creation; positions are frozen now. */
export class Callers {
  readonly frames: Frame[] = [];
  readonly pcs: number[] = [];
  /** Frames left out between the first SHOWN and the last. */
  elided: number = 0;
  readonly parent: number;
  readonly site: string | null;
  /** The function that was resumed last. */
  readonly resumed: string;
  constructor(f: Frame | null, g: G) {
    this.resumed = g.frame === null ? "" : frameName(g.frame);
    let n = 0;
    for (; f !== null; f = f.next) {
      if (isHidden(f)) continue;
      // The last ones go round in the second half.
      const i = n < SHOWN ? n : SHOWN + ((n - SHOWN) % SHOWN);
      this.frames[i] = f;
      this.pcs[i] = f.pc;
      n++;
    }
    if (n > 2 * SHOWN) {
      this.elided = n - 2 * SHOWN;
      const first = (n - SHOWN) % SHOWN;
      for (const list of [this.frames, this.pcs] as unknown[][]) list.push(...list.splice(SHOWN, first));
    }
    this.parent = g.parent;
    this.site = g.site;
  }

  lines(): string[] {
    const lines = this.frames.map((f, i) => `    at ${frameName(f)} (${framePosition(f, this.pcs[i])})`);
    if (this.elided > 0) lines.splice(SHOWN, 0, `    ...${this.elided} frames elided...`);
    if (this.parent !== 0) {
      const [by, at] = createdBy(this.site);
      lines.push(`    created by ${by} in goroutine ${this.parent}${at === "" ? "" : ` (${at})`}`);
    }
    return lines;
  }
}

/**
 * A site's parts: the creator, where, and what dumps call the function started there, where it has no name of its own; "" where the compiler did
 * not know.
 */
export function createdBy(site: string | null): [name: string, position: string, started: string] {
  if (site === null) return ["(unknown)", "", ""];
  const [name = "", position = "", started = ""] = site.split("\n");
  return [name, position, started];
}

/** True for a line of a native stack that belongs to the runtime itself. */
function isOwn(line: string): boolean {
  // In webpack's bundles `import.meta.url` says where the file was, which may still be there.
  if (MAPPED.test(line)) return true;
  return home !== "" && (line.includes(homePath) || line.includes(home)) && /\/(?:dist|src)\/[^/]/.test(line);
}

/** A native stack (with or without its message) as the user should see it: own frames out, clones by their function's name. */
export function cleanStack(stack: string): string {
  const lines = stack.split("\n");
  const out: string[] = [];
  // A fast copy that goes on in its clone: it stands below its exit, at no place of the user's.
  let left = false;
  for (const line of lines) {
    if (/^\s+at /.test(line)) {
      if (BOTTOM.test(line) || MAPPED_BOTTOM.test(line)) break;
      if (left && traceback.level < 2) {
        left = false;
        continue;
      }
      left = LEFT.test(line);
      if (traceback.level < 2 && (OWN_NAME.test(line) || isOwn(line))) continue;
      out.push(line.includes("$r") ? line.replace(CLONE, (_, at: string, name: string) => at + readable(name)) : line);
    } else {
      out.push(line);
    }
  }
  return out.join("\n");
}

/** The place in a stack line. */
const PLACE = /\(?([^\s(]+:\d+:\d+)\)?$/;
const PLACE_IN_FILE = /:\d+:\d+(?=\)?$)/;
const placeOf = (line: string): string => PLACE.exec(line)?.[1] ?? "";

function textOf(stack: string, callers: Callers, waiting: boolean): string {
  const lines = cleanStack(stack).split("\n");
  const more = callers.lines();
  if (waiting) {
    // Made under the very call that the goroutine waits in: from there on the frames are the same.
    const place = placeOf(more[0] ?? "");
    const same = lines.findIndex((line) => isFrame(line) && placeOf(line) === place);
    return [...(same < 0 ? lines : lines.slice(0, same)), ...more].join("\n");
  }
  return [...lines, ...more.slice(alreadyIn(lines, more.filter(isFrame), callers.resumed))].join("\n");
}

/** Two lines of the same activation, perhaps at another call: the place is the same, or the function's name and file. */
function isSame(a: string, b: string): boolean {
  if (!isFrame(a)) return false;
  const [one = "", other = ""] = [a, b].map((line) => line.replace(/^\s+at (?:async )?/, ""));
  return (
    placeOf(a) === placeOf(b) ||
    (one.includes(" (") && one.replace(PLACE_IN_FILE, "") === other.replace(PLACE_IN_FILE, ""))
  );
}

const isFrame = (line: string): boolean => /^\s+at /.test(line);

/**
 * How many of the callers an error's own stack shows: it was made before the goroutine parked, and thrown after (by a `finally` that waited), and they
 * were on the native stack then. An error that `resumed` has made since ends in that function, and shows none.
 */
function alreadyIn(lines: readonly string[], callers: readonly string[], resumed: string): number {
  const own = lines.filter(isFrame);
  const isAt = (from: number, n: number): boolean => callers.slice(0, n).every((line, i) => line === own[from + i]);
  const all = callers.length;
  if (all === 0 || isAt(own.length - all, all)) return all;
  if (own.length === 0 || own.length >= Error.stackTraceLimit || own.at(-1)!.includes(`at ${resumed} (`)) return 0;
  for (let n = Math.min(all, own.length); n > 0; n--) if (isAt(own.length - n, n)) return n;
  // Below an async body, which waits for the goroutine its callees have become.
  return own.some((_, from) => isAt(from, all)) ? all : 0;
}

/** A native stack, cleaned, and the callers that were on the heap. */
export function fullStack(stack: string, callers: Callers): string {
  return textOf(stack, callers, false);
}

/**
 * Appends the callers from `f` on to an error's stack, once. False if it has none that could be written to. `waiting`: `f` is no
 * caller, but the frame that waits.
 */
function annotate(e: unknown, f: Frame | null, g: G, waiting: boolean = false): boolean {
  if (typeof e !== "object" || e === null || shared.has(e)) return false;
  if (seen.has(e)) return true;
  const own = ownStack(e);
  if (own === undefined || own.configurable !== true) return false;
  seen.set(e, g.id);
  const callers = new Callers(f, g);
  rewrite(e, own, (stack) => textOf(stack, callers, waiting));
  return true;
}

/** The property `stack` of `e`. A proxy has none: asked, it would run code of the program while a goroutine ends, and might throw. */
function ownStack(e: object): PropertyDescriptor | undefined {
  return types.isProxy(e) ? undefined : Object.getOwnPropertyDescriptor(e, "stack");
}

/** The stack of `e`, whose property is `own`, becomes `made` of what it is, when somebody reads it. */
function rewrite(e: object, own: PropertyDescriptor, made: (stack: string) => string): void {
  const set = (value: unknown): void => {
    Object.defineProperty(e, "stack", { value, writable: true, enumerable: false, configurable: true });
  };
  const { get } = own;
  if (get === undefined) {
    if (typeof own.value === "string" && own.writable === true) set(made(own.value));
    return;
  }
  Object.defineProperty(e, "stack", {
    get(): unknown {
      const stack: unknown = Reflect.apply(get, e, []);
      const text = typeof stack === "string" ? made(stack) : stack;
      set(text);
      return text;
    },
    set,
    enumerable: false,
    configurable: true,
  });
}

/** How many async bodies an error has passed that have added to its stack. One that is thrown again and again does not grow for ever. */
const passed: WeakMap<object, number> = new WeakMap();
const MOST_BODIES = 8;

/**
 * `e`, thrown by `g`, goes on in the async body that awaited `g`: the body and who awaits that, on the native stack `at`, are added, behind the
 * frames of `g` where another goroutine threw first.
 */
export function passing(e: unknown, g: G, at: { readonly stack: string }): void {
  if (typeof e !== "object" || e === null || shared.has(e)) return;
  const times = passed.get(e) ?? 0;
  const own = ownStack(e);
  if (times === MOST_BODIES || own === undefined || own.configurable !== true) return;
  passed.set(e, times + 1);
  const known = seen.get(e);
  const frames = known !== undefined && known !== g.id ? bareLines(e, g) : [];
  const body = g.ext?.body ?? null;
  rewrite(e, own, (stack) => {
    const lines = stack.split("\n");
    const more = cleanStack(at.stack).split("\n").filter(isFrame);
    if (more.length === 0) return stack;
    // The native stack says where the awaiting is, which the compiler wrote.
    if (body !== null) more[0] = more[0]!.replace(PLACE_IN_FILE, PLACE_IN_FILE.exec(bodyLine(body))![0]);
    // It was made before the goroutine parked, in the body or under it.
    return lines.some((line) => isSame(line, more[0]!)) ? stack : [...lines, ...frames, ...more].join("\n");
  });
}

/**
 * What was thrown last that carries no stack of the goroutine (a string, a context's error, another one's error), and the frame it left
 * first; `at`, made where that was, if the runtime threw it.
 */
const bare = {
  e: undefined as unknown,
  g: null as G | null,
  frame: null as Frame | null,
  at: null as Error | null,
};

/**
 * `g`, which is parked, is about to be resumed with `e`, made by somebody who knows nothing of it (a promise's reason: node:fs gives errors
 * without a single frame): where it waits is added to what the error says.
 */
export function arriving(e: unknown, g: G): void {
  annotate(e, g.frame, g, true);
}

/** The goroutine an error's stack is of, which may have been joined since; 0 where it is not known. */
export function throwerOf(e: unknown): number {
  return (typeof e === "object" && e !== null && seen.get(e)) || 0;
}

/** The stack of `e`, which comes from another thread, is that of goroutine `id`, whole: whoever throws it here adds nothing to it. */
export function thrownBy(e: object, id: number): void {
  seen.set(e, id);
}

/** `join` is about to throw what another goroutine has thrown, in `g`, which runs. */
export function throwing(e: unknown, g: G): void {
  bare.e = e;
  bare.g = g;
  bare.frame = g.frame?.next ?? null;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = WHOLE;
  bare.at = new Error("here");
  Error.stackTraceLimit = limit;
}

/** execute: the exception `e` leaves the frame whose caller is `f`. */
export function leaving(e: unknown, f: Frame | null, g: G): void {
  if ((annotate(e, f, g) && throwerOf(e) === g.id) || (bare.g === g && bare.e === e)) return;
  bare.e = e;
  bare.g = g;
  bare.frame = g.frame;
  bare.at = null;
}

/** The stack of `g`, which `e` has left, where `e` itself carries none of it: where it was joined, or its frames as they were when they were captured last. */
export function bareLines(e: unknown, g: G): string[] {
  const known = bare.g === g && bare.e === e;
  const callers = new Callers(known ? bare.frame : null, g);
  const stack = known ? bare.at?.stack : undefined;
  bare.e = bare.g = bare.frame = bare.at = null;
  return stack === undefined ? callers.lines() : fullStack(stack, callers).split("\n").slice(1);
}

/** What a compiled catch clause does first: `goexit` passes unseen, an error gets its callers. */
export function caught(thrown: unknown): unknown {
  if (thrown === R.exit) throw thrown;
  const e = R.u === 0 ? thrown : R.over(thrown);
  const g = R.g;
  const callers = g?.frame?.next;
  if (g !== null && callers) annotate(e, callers, g);
  return e;
}
R.caught = caught;

/** Gives `e` the stack of a goroutine that is parked, or that has ended in `name`: for errors made by another one. */
export function stackOf<E extends Error>(e: E, g: G, name: string = ""): E {
  seen.set(e, g.id);
  const callers = new Callers(g.frame, g);
  const lines = name === "" ? callers.lines() : [`    at ${name} ()`, ...callers.lines()];
  Object.defineProperty(e, "stack", {
    value: [`${e.name}: ${e.message}`, ...lines].join("\n"),
    writable: true,
    enumerable: false,
    configurable: true,
  });
  return e;
}

/**
 * Gives `e`, made by the runtime, the stack of the code it is thrown in: the captured frames from `f` on, then what is on the native
 * stack: not the outermost captured one, which is still there, at its exit.
 */
export function capturedStack(e: Error, f: Frame | null): void {
  const lines: string[] = [];
  for (let now: Frame | null = f; now !== null; now = now.next)
    if (!isHidden(now)) lines.push(`    at ${frameName(now)} (${framePosition(now)})`);
  const stack = [`${e.name}: ${e.message}`, ...lines, ...nativeLines()].join("\n");
  Object.defineProperty(e, "stack", { value: stack, writable: true, enumerable: false, configurable: true });
}

/** The native stack here, without the runtime's own frames, as `    at …` lines. */
export function nativeLines(): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = WHOLE;
  const stack = new Error("here").stack ?? "";
  Error.stackTraceLimit = limit;
  return cleanStack(stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
}
