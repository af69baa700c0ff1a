/**
 * Blocking where no goroutine runs: compiled code that a promise, a timer, an event or an async body entered becomes a
 * goroutine at the moment it blocks. Who entered is read from the stack (some 20 microseconds, once for each time it blocks).
 *
 *     under an async body        the frames above it become a goroutine; the body awaits it         became()
 *     under Node's own code      the frames become a goroutine, its caller gets `undefined`, …      unwound()
 *     under a microtask          … or, as a promise's reaction, a promise of the result              Answer
 *     under anything else        GORT_NO_GOROUTINE: it would go on with a value that is not there yet
 *
 * The last frame to be captured must end the unwinding, because nobody below looks at the flag: they are counted.
 */
import { GortError, type GortErrorCode } from "../errors/catalogue.ts";
import type { G } from "../scheduler/g.ts";
import { cureFor } from "../errors/cure.ts";
import { ASYNC, BOTTOM, ground, isTicks, whoEntered, type Ground } from "./trace.ts";
import { R, type Frame } from "./state.ts";
import { begins } from "./text.ts";

/** What the scheduler does for this file; it knows goroutines, which this file does not. */
export interface Adopter {
  /** Makes a goroutine for frames that are being captured. `kept`: a promise will hold what it throws. `body`: the async one that will await it. */
  adopt(kept: boolean, body?: NodeJS.CallSite): G;
  /** It never was: its wait has been undone. */
  disown(g: G): void;
  /** Its frames are complete. Makes it runnable if nothing else will. */
  complete(g: G): void;
  promise(g: G): Promise<unknown>;
  /** The same for the engine, of which nobody can tell whether it looks at what a microtask's function gives back. */
  answer(g: G): Promise<unknown>;
  /** The same, its value in a box: `await` would take a promise apart that is the value itself. */
  boxed(g: G): Promise<{ v: unknown }>;
  /** Where a frame and its callers stand, `name (file:line:column)`: the first that is the user's; "" where none is. */
  place(frame: Frame): string;
  /** The same of the innermost function on the native stack. */
  here(): string;
  /** Gives an error the stack of the code it is thrown in: captured frames, then the native ones. */
  stack(error: Error, frame: Frame | null): void;
}

interface Outside {
  adopter: Adopter | null;
  answer: number;
  leaver: ((frame: Frame) => void) | null;
}
const outside: Outside = { adopter: null, answer: 0, leaver: null };

export function setAdopter(adopter: Adopter): void {
  outside.adopter = adopter;
}

/** What takes back, for the code below, what captured frames have changed natively (see natives/storage.ts). */
export function setLeaver(leaver: (frame: Frame) => void): void {
  outside.leaver = leaver;
}

/** Node's own code that calls back and looks at nothing: events, timers, callbacks of I/O. What stands in no list asks. */
const ignoring =
  /^node:(?:(?:events|timers|net|dgram|dns|fs|https?|http2|zlib|child_process|readline|worker_threads|cluster|stream)$|_http_(?!agent|client)|_stream_|internal\/(?:event_target|timers|dns\/|dgram|fs\/(?!cp|glob|watchers|recursive_watch)|http2\/|crypto\/|child_process|cluster\/|worker|per_context\/|readline\/|stream_base_commons|streams\/(?!iter)|abort_controller|perf\/observe|net$))/;
/** Functions of files that ask, or of files that look at nothing, which are the exceptions there. */
const ignoringFunctions = /(?:^|\.)(?:publish|loadSNI)$/;
/**
 * What is asked there: a completer; the connection of an HTTP/2 session, and whether it sends a file; whether `onread` goes on; whether a
 * request is an upgrade; whether a pipe waits; how large a chunk is; and an iterator, which only gives promises where it is asynchronous.
 */
const askingFunctions =
  /tabComplete|completer$|^(?:connect|doSend(?:FD|FileFD)|next|nextSync\w*|ondata|onStreamRead|parserOnIncoming|\w+(?:GetChunkSize|ControllerEnqueue))$/i;
/** … and those that take a promise for an answer. */
const taking =
  /^node:internal\/(?:test_runner\/(?!mock)|webstreams\/|streams\/(?:operators|pipeline|compose|duplexify|from)$)/;

/** The goroutine for code that blocks where none runs. Throws GORT_NO_GOROUTINE where it cannot be one. */
export function enter(): G {
  const at = ground(false);
  const g = adopted(at);
  if (g !== null) return g;
  const by = whoCalled(at);
  const e = new GortError("GORT_NO_GOROUTINE", by, cureFor("GORT_NO_GOROUTINE", by));
  outside.adopter?.stack(e, null);
  throw e;
}

/** The same for a forced suspension, which can be left out. */
export function tryEnter(): G | null {
  return adopted(ground(true));
}

/** The same in an async body itself: a goroutine without a frame. */
export function adoptHere(): void {
  R.own = R.g = outside.adopter!.adopt(true);
}

function adopted(at: Ground): G | null {
  const a = outside.adopter;
  if (a === null || at.kind === BOTTOM) return null;
  if (at.kind !== ASYNC) {
    const answer = answerTo(at);
    if (answer === NOTHING || at.frames === 0) return null;
    outside.answer = answer;
    R.left = at.frames;
    return (R.own = R.g = a.adopt(answer !== UNDEFINED));
  }
  outside.answer = PROMISE;
  return (R.own = R.g = a.adopt(true, at.caller));
}

const NOTHING = 0;
const UNDEFINED = 1;
const PROMISE = 2;
const MAYBE = 3;

/** What may be answered to the native function that called compiled code. */
function answerTo(at: Ground): number {
  const { caller } = at;
  if (caller === undefined || isTicks(caller)) return MAYBE;
  const script = caller.getScriptNameOrSourceURL() ?? "";
  const name = caller.getFunctionName() ?? "";
  if (taking.test(script)) return askingFunctions.test(name) ? NOTHING : PROMISE;
  // Who makes an object uses it.
  if (ignoring.test(script)) return askingFunctions.test(name) || at.makes ? NOTHING : UNDEFINED;
  return begins(script, "node:") && ignoringFunctions.test(name) ? UNDEFINED : NOTHING;
}

function whoCalled(at: Ground): string {
  return at.caller === undefined ? "" : `called by ${whoEntered(at.caller, at.makes)}`;
}

/** Hands over the captured frames. */
function take(g: G): void {
  const { head } = R;
  const forced = R.u === 3;
  g.frame = head.next;
  head.next = null;
  R.tail = head;
  R.u = 0;
  R.own = null;
  R.g = null;
  if (outside.leaver !== null && g.frame !== null) outside.leaver(g.frame);
  if (forced) {
    g.v = R.fv;
    R.fv = undefined;
    outside.adopter!.complete(g);
  }
}

/** A frame of code that nobody below will look at has been captured: the last one ends the unwinding. */
export function unwound(): unknown {
  if (--R.left > 0) return undefined;
  const g = R.own as G;
  take(g);
  const { answer, adopter } = outside;
  return answer === UNDEFINED ? undefined : answer === MAYBE ? adopter!.answer(g) : adopter!.promise(g);
}

/** In an async body, behind a call that suspended: the goroutine it became, as a promise. `outer` runs again meanwhile. */
export function became(outer: G | null, _cleared?: null): Promise<{ v: unknown }> {
  const g = R.own;
  if (g === null) R.nativeFrame("an async function");
  take(g);
  R.g = outer;
  return outside.adopter!.boxed(g);
}

/** Entering an async body: what blocks in it is not the goroutine that called it. */
export function enterAsync(): G | null {
  const { g } = R;
  R.g = null;
  return g;
}

/** An async body gives way to its caller: at an `await`, where it passes `v` through, and at its end. */
export function away<V>(outer: G | null, v?: V, _cleared?: null): V {
  if (R.u !== 0) R.nativeFrame("an async function");
  R.g = outer;
  return v as V;
}

/** A wait is undone: no trace remains of a goroutine that was made for it. Returns what it waited for. */
export function undo(g: G | null): string {
  R.u = 0;
  R.tail = R.head;
  R.head.next = null;
  R.left = 0;
  if (g === null) return "";
  const what = R.cancelPark(g);
  if (g === R.own) {
    R.own = null;
    R.g = null;
    outside.adopter!.disown(g);
  }
  return what;
}

/**
 * The error for a goroutine that blocked where it could not: `what` it waited for, in `frame`, the innermost one, and `where`.
 * `last`: the outermost one, when its fast copy is on the native stack still.
 */
export function tellError(
  code: GortErrorCode,
  where: string | undefined,
  what: string,
  frame: Frame | null,
  last: Frame | null,
): GortError {
  const a = outside.adopter;
  const place = a === null ? "" : frame === null ? a.here() : a.place(frame);
  const outermost = a === null || last === null ? "" : a.place(last);
  const over = outermost === "" || last === frame ? "" : `below ${outermost},`;
  const parts = [what, place === "" ? "" : `at ${place},`, over, where ?? ""];
  const error = new GortError(
    code,
    parts
      .filter((part) => part !== "")
      .join(" ")
      .replace(/,$/, ""),
    cureFor(code, where ?? "", outermost.replace(/ \(.*/, "")),
  );
  if (a !== null) a.stack(error, frame);
  return error;
}
