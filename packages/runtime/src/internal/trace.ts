/** The native stack as data: which of its frames a suspension may pass through, and where compiled code was entered. */
import { ASK, BASE, LEAVE, OWN } from "./own.ts";
import { AWAITED, CHECKED, UNKNOWN, hasTable, siteOf } from "./sites.ts";

const runtimeFolder = import.meta.url.replace(/[^/]*$/, "").replace(/internal\/$/, "");

/** The innermost `limit` frames of the native stack, this function's own first. */
export function structuredTrace(limit: number): NodeJS.CallSite[] {
  const before = Error.stackTraceLimit;
  const prepare = Error.prepareStackTrace;
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = (_, callSites) => callSites;
    return new Error().stack as unknown as NodeJS.CallSite[];
  } finally {
    Error.stackTraceLimit = before;
    Error.prepareStackTrace = prepare;
  }
}

/** It would lose its activation. */
export const LOST = 0;
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

/** What a suspension means to a frame. */
export function kindOf(frame: NodeJS.CallSite): number {
  const name = frame.getFunctionName() ?? "";
  if (name === BASE) return BOTTOM;
  if (name === LEAVE) return EXIT;
  if (name.startsWith(OWN)) return RUNTIME;
  const site = siteOf(frame);
  return site === CHECKED ? COMPILED : site === AWAITED ? ASYNC : LOST;
}

/**
 * The same for the frames of one trace: in a recursion most stand where another has stood, and where a frame stands is told in a
 * tenth of the time that its name, line and column take.
 */
export class Kinds {
  private readonly known: Map<number, { script: string | null | undefined; kind: number }> = new Map();

  of(frame: NodeJS.CallSite): number {
    const position = (frame as { getPosition?: () => number }).getPosition?.() ?? -1;
    const script = frame.getScriptNameOrSourceURL();
    const known = this.known.get(position);
    if (known !== undefined && known.script === script) return known.kind;
    const kind = kindOf(frame);
    if (position > 0 && kind === COMPILED) this.known.set(position, { script, kind });
    return kind;
  }
}

/** The frame of the compiled function that asked whether it may be suspended; -1 when there is none. */
export function askedFrom(trace: NodeJS.CallSite[]): number {
  const ask = trace.slice(0, 6).findLastIndex((frame) => frame.getFunctionName() === ASK);
  return ask < 0 ? -1 : ask + 1;
}

/** What stands under the compiled code that is about to be suspended. */
export interface Ground {
  /** ASYNC, BOTTOM, or LOST when something native or foreign called it. */
  kind: number;
  /** Activations of compiled code above it. */
  frames: number;
  /** LOST: who called, undefined when nobody did: a microtask. */
  caller: NodeJS.CallSite | undefined;
}

/** Looks down the stack from the runtime's function that called this one; `leaf`: from the compiled function that called that. */
export function ground(leaf: boolean): Ground {
  const trace = structuredTrace(Infinity);
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
    if (i + 1 >= trace.length || isAsync(trace[i + 1]!)) {
      if (frame.getFunctionName() === null && !frame.getScriptNameOrSourceURL()) break;
    }
    const kind = kindOf(frame);
    if (kind === COMPILED) frames++;
    else if (kind === EXIT) i++;
    else if (kind !== RUNTIME) return { kind, frames, caller: kind === LOST ? frame : undefined };
  }
  return { kind: LOST, frames, caller: undefined };
}

/** Frames behind an `await` are no longer on the stack. */
function isAsync(frame: NodeJS.CallSite): boolean {
  return (frame as { isAsync?: () => boolean }).isAsync?.() === true;
}

/** A function of the runtime; bundled, one may stand in the same file as compiled code. */
function isOwn(frame: NodeJS.CallSite): boolean {
  const script = frame.getScriptNameOrSourceURL() ?? "";
  if (!script.startsWith(runtimeFolder) || hasTable(script)) return false;
  return frame.getFunctionName() !== BASE && siteOf(frame) === UNKNOWN;
}
