/** The native stack as data: which of its frames a suspension may pass through, and where compiled code was entered. */
import { cppTrace } from "./cpp.ts";
import { here } from "./here.ts";
import { ASK, BASE, LEAVE, OWN } from "./own.ts";
import { AWAITED, CHECKED, MAKES, UNKNOWN, hasTable, isForeign, siteOf } from "./sites.ts";
import { begins } from "./text.ts";

const { apply } = Reflect;
const { isArray } = Array;
const { Map, Error } = globalThis;
const { get: mapGet, set: mapSet } = Map.prototype;

/** Without `file://`: an evaluator may name scripts by their paths. */
const runtimeFolder = pathOf(here)
  .replace(/[^/]*$/, "")
  .replace(/internal\/$/, "");

function pathOf(script: string): string {
  return script.replace(/^file:\/\//, "");
}

/**
 * A limit no stack reaches. From 2 ** 31 / 6 on, Infinity too, Node.js 26 aborts where it keeps the stacks of errors for somebody else: a
 * debugger that is attached, `--trace-uncaught` (nodejs/node#66074).
 */
export const WHOLE = 0xff_ffff;

/** The innermost `limit` frames of the native stack, this function's own first, native functions of all kinds among them. */
// No method of an array is called here or by who reads the trace: a program may have its own.
export function structuredTrace(limit: number): NodeJS.CallSite[] {
  const before = Error.stackTraceLimit;
  const prepare = Error.prepareStackTrace;
  try {
    Error.prepareStackTrace = (_, callSites) => callSites;
    const trace: unknown = cppTrace(limit);
    // Below a program's own `prepareStackTrace`, which calls no other.
    return isArray(trace) ? trace : [];
  } finally {
    Error.stackTraceLimit = before;
    Error.prepareStackTrace = prepare;
  }
}

/** It would lose its activation. */
const LOST = 0;
/** Compiled code at one of its checked calls. */
export const COMPILED = 1;
/** A function of the runtime that survives the suspension of what it calls. */
export const RUNTIME = 2;
/** A compiled async body, which waits by `await`. */
export const ASYNC = 3;
/** The scheduler's own frame: below it there is nothing to lose. */
export const BOTTOM = 4;
/** The exit of a fast copy that goes on in its clone: the frame below it, the fast copy, counts with the clone. */
export const EXIT = 5;

/** What a suspension means to a frame, which called `called`. */
export function kindOf(frame: NodeJS.CallSite, called: NodeJS.CallSite | undefined): number {
  return settled(anyKindOf(frame), called);
}

/** A checked `new`. */
const NEW = 6;

/**
 * `new` of a proxy: the engine looks at what its trap returns. A constructor called in other ways (`const { construct } = Reflect`):
 * the engine gives the object as the value.
 */
function settled(kind: number, called: NodeJS.CallSite | undefined): number {
  if (kind === COMPILED) return called?.isConstructor() === true ? LOST : COMPILED;
  if (kind === NEW) return called?.isConstructor() === false ? LOST : COMPILED;
  return kind;
}

/** The same, whoever was called. */
function anyKindOf(frame: NodeJS.CallSite): number {
  const name = frame.getFunctionName() ?? "";
  if (name === BASE) return BOTTOM;
  if (name === LEAVE) return EXIT;
  if (begins(name, OWN)) return RUNTIME;
  const site = siteOf(frame);
  return site === CHECKED ? COMPILED : site === MAKES ? NEW : site === AWAITED ? ASYNC : LOST;
}

/**
 * The same for the frames of one trace: in a recursion most stand where another has stood, and where a frame stands is told in a
 * tenth of the time that its name, line and column take.
 */
export class Kinds {
  private readonly known: Map<number, { script: string | null | undefined; kind: number }> = new Map();

  of(frame: NodeJS.CallSite, called: NodeJS.CallSite | undefined): number {
    const position = (frame as { getPosition?: () => number }).getPosition?.() ?? -1;
    const script = frame.getScriptNameOrSourceURL();
    let known = apply(mapGet, this.known, [position]) as { script: unknown; kind: number } | undefined;
    if (known === undefined || known.script !== script) {
      known = { script, kind: anyKindOf(frame) };
      if (position > 0 && (known.kind === COMPILED || known.kind === NEW)) apply(mapSet, this.known, [position, known]);
    }
    return settled(known.kind, called);
  }
}

/**
 * Whether a frame certainly is one that would lose its activation: native code, a text without the check around this call. One
 * whose text cannot be read gets the benefit of the doubt.
 */
export function isBarrier(frame: NodeJS.CallSite, called: NodeJS.CallSite): boolean {
  if (kindOf(frame, called) !== LOST) return false;
  const script = frame.getScriptNameOrSourceURL() ?? "";
  return frame.isNative() || frame.isEval() || script === "" || begins(script, "node:") || isForeign(frame);
}

/** A frame as an error names it: `Array.map`, `Bus.emit (file:///…/bus.js:3:5)`. */
function who(frame: NodeJS.CallSite): string {
  return frame.toString().replace(/ \((?:<anonymous>|native|index 0|node:[^)]*)\)$/, "");
}

/** The same of what called compiled code, to make an object of it or not: in the middle of compiled code it is `super()`, or the engine itself. */
export function whoCalled(frame: NodeJS.CallSite, makes: boolean): string {
  if (!hasTable(frame.getScriptNameOrSourceURL() ?? "")) return who(frame);
  return initialisers.get(frame.getFunctionName() ?? "") ?? derived(frame, makes) ?? "the engine";
}

/** A constructor of compiled code that made its object by another: it cannot be left before that has returned. */
function derived(frame: NodeJS.CallSite, makes: boolean): string | undefined {
  if (!makes || !frame.isConstructor()) return undefined;
  const name = frame.getFunctionName() ?? "";
  return `\`super()\` in the constructor of ${name === "" ? "a class" : name}`;
}

/** What the engine calls the code of a class that runs by itself. */
const initialisers: ReadonlyMap<string, string> = new Map([
  ["<static_initializer>", "a static block or field"],
  ["<instance_members_initializer>", "a field of a class"],
]);

/** The same of what entered compiled code: one in compiled code by its name alone, because its place is the compiled text's. */
export function whoEntered(frame: NodeJS.CallSite, makes: boolean): string {
  if (!hasTable(frame.getScriptNameOrSourceURL() ?? "")) return who(frame);
  const by = derived(frame, makes);
  if (by !== undefined) return by;
  const name = frame.getFunctionName() ?? "";
  if (name === "") return "the top of a module, a generator without a name, or the engine";
  return initialisers.get(name) ?? frame.toString().replace(/ \([^()]*\)$/, "");
}

/** The frame of the compiled function that asked whether it may be suspended; -1 when there is none. */
export function askedFrom(trace: NodeJS.CallSite[]): number {
  for (let i = Math.min(trace.length, 6) - 1; i >= 0; i--) if (trace[i]!.getFunctionName() === ASK) return i + 1;
  return -1;
}

/** What stands under the compiled code that is about to be suspended. */
export interface Ground {
  /** ASYNC, BOTTOM, or LOST when something native or foreign called it. */
  kind: number;
  /** Activations of compiled code above it. */
  frames: number;
  /** ASYNC: the body. LOST: who called, undefined when nobody did: a microtask. */
  caller: NodeJS.CallSite | undefined;
  /** LOST: it made an object. */
  makes: boolean;
}

/** Looks down the stack from the runtime's function that called this one; `leaf`: from the compiled function that called that. */
export function ground(leaf: boolean): Ground {
  const trace = structuredTrace(WHOLE);
  let i = 2;
  let frames = 0;
  if (leaf) {
    i = askedFrom(trace) + 1;
    frames = 1;
  } else {
    // The blocking operation itself.
    while (i < trace.length && isOwn(trace[i]!)) i++;
  }
  for (; i < trace.length; i++) {
    const frame = trace[i]!;
    if (isAsync(frame)) break;
    // A promise's `finally` calls through a function of the engine's that has neither name nor file.
    if (i + 1 >= trace.length || isAsync(trace[i + 1]!) || isTicks(trace[i + 1]!)) {
      if (frame.getFunctionName() === null && !frame.getScriptNameOrSourceURL()) break;
    }
    const kind = kindOf(frame, trace[i - 1]);
    if (kind === COMPILED) frames++;
    else if (kind === EXIT) i++;
    else if (kind !== RUNTIME) {
      const makes = trace[i - 1]!.isConstructor();
      const caller = kind === LOST ? asker(trace, i) : kind === ASYNC ? frame : undefined;
      return { kind, frames, caller, makes };
    }
  }
  return { kind: LOST, frames, caller: undefined, makes: false };
}

/** Who looks at what the function that called compiled code gives back: below those that only enter a context. */
function asker(trace: NodeJS.CallSite[], i: number): NodeJS.CallSite | undefined {
  const frame = trace[i]!;
  if (!isPassing(frame)) return frame;
  while (i < trace.length && isPassing(trace[i]!)) i++;
  if (i === trace.length || isAsync(trace[i]!) || isTicks(trace[i]!)) return undefined;
  return begins(trace[i]!.getScriptNameOrSourceURL() ?? "", "node:") ? trace[i] : frame;
}

/** `runInAsyncScope`, `AsyncLocalStorage.run`, functions bound to a context: they give back what they were given. */
function isPassing(frame: NodeJS.CallSite): boolean {
  return /^node:(?:async_hooks$|internal\/async_)/.test(frame.getScriptNameOrSourceURL() ?? "");
}

/** Node's queue of ticks, below which microtasks run too, and what runs those. */
export function isTicks(frame: NodeJS.CallSite): boolean {
  const script = frame.getScriptNameOrSourceURL();
  return script ? script === "node:internal/process/task_queues" : frame.getFunctionName() === "runMicrotasks";
}

/** Frames behind an `await` are no longer on the stack. */
function isAsync(frame: NodeJS.CallSite): boolean {
  return (frame as { isAsync?: () => boolean }).isAsync?.() === true;
}

/** A function of the runtime; bundled, one may stand in the same file as compiled code. */
function isOwn(frame: NodeJS.CallSite): boolean {
  const script = frame.getScriptNameOrSourceURL() ?? "";
  if (!begins(pathOf(script), runtimeFolder) || hasTable(script)) return false;
  return frame.getFunctionName() !== BASE && siteOf(frame) === UNKNOWN;
}
