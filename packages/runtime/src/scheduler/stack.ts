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
import { R, type Frame } from "../internal/state.ts";
import { WHOLE } from "../internal/trace.ts";
import { Callers } from "./callers.ts";
import { bodyLine, framePosition, frameName, isHidden } from "./frames.ts";
import type { G } from "./g.ts";
import { cleanStack, isFrame, nativeLines } from "./native-stack.ts";

/** Errors that have their callers already, and the goroutine whose those are. */
const seen: WeakMap<object, number> = new WeakMap();
/** Errors that are one value for all who throw them, and what their stack is then (thrown.ts): no goroutine's callers are written into these. */
export const shared: WeakMap<object, () => string> = new WeakMap();

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
function caught(thrown: unknown): unknown {
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
