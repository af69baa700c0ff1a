/**
 * The end of the process for a reason: an uncaught exception (Go's panic), or a fatal error of the runtime, which
 * nothing can recover. Go's text on standard error, exit status 2. How much of it: traceback.ts.
 */
import { asText, ChannelError, isA, SyncError, type FatalCode } from "../errors/catalogue.ts";
import { host } from "../internal/host.ts";
import { dumpAll, goStack, header } from "./dump.ts";
import { filePath } from "./frames.ts";
import type { G } from "./g.ts";
import { S } from "./p.ts";
import { bareLines, throwerOf } from "./stack.ts";
import { cleanStack } from "./native-stack.ts";
import { thrownStack } from "./thrown.ts";
import { traceback } from "./traceback.ts";

/** Prints, ends the process. With a test's `host.exit` it throws instead of going on. */
function die(text: string): never {
  S.stopped = 2;
  host.stderr(text);
  if (traceback.crash) host.abort();
  host.exit(2);
  throw new Error("gort: fatal error, but the process was not ended");
}

/** Errors of an AggregateError that are shown, and exceptions that nobody has asked for. */
export const SHOWN = 10;

/** Exceptions that wait for somebody to ask: how many, and the text of the first. */
export interface Unheard {
  readonly count: number;
  readonly texts: readonly string[];
}

/**
 * Those of this thread, of which unjoined.ts tells, none before the first; and what the others have told with their goroutines, when these were
 * last asked for (shared/dumps.ts).
 */
export const unheard: { own: () => Unheard; report: () => void; others: readonly Unheard[] } = {
  own: () => ({ count: 0, texts: [] }),
  report: () => {},
  others: [],
};

/** What nobody has heard of, all threads together. There may be very many. */
function unheardTexts(): string[] {
  const all = [unheard.own(), ...unheard.others];
  const texts = all.flatMap((one) => one.texts).slice(0, SHOWN);
  const more = all.reduce((n, one) => n + one.count, 0) - texts.length;
  return more === 0 ? texts : [...texts, `...${more} more have failed, and nobody has joined them...`];
}

/** `message` and, unless there is to be none, every goroutine; and what nobody has heard of, which may be why the others wait. */
function withAll(message: string): string {
  if (traceback.level === 0) return `${message}\n`;
  return [message, dumpAll(), ...unheardTexts()].filter((text) => text !== "").join("\n\n") + "\n";
}

/**
 * The last line of a report, under what Go prints, where a terminal still shows it. Ours have a page, others' a code. GOTRACEBACK=none
 * wants the message alone.
 */
function codeLine(code: string | null): string {
  if (code === null || traceback.level === 0) return "";
  return `\ncode ${code}${code.startsWith("GORT_") ? `: npx gort explain ${code}` : ""}\n`;
}

/** "fatal error: …" with all goroutines, the running one first. Unrecoverable. */
export function fatal(message: string, code: FatalCode | null): never {
  elsewhere.dying?.(1);
  die(withAll(`fatal error: ${message}`) + codeLine(code));
}

/** SIGQUIT. */
export function quit(): never {
  die(withAll("SIGQUIT: quit"));
}

/** A goroutine's stack, the running one's, has become larger than it may. */
export function stackOverflow(limit: number): never {
  elsewhere.dying?.(1);
  const text = withAll(`runtime: goroutine stack exceeds ${limit}-byte limit\nfatal error: stack overflow`);
  die(text + codeLine("GORT_STACK_OVERFLOW" satisfies FatalCode));
}

/**
 * What Go prints after "panic: ". Errors that Go has words for are those words. Under it what lies inside: what was thrown on the way
 * (Go's lines), causes, and the errors of an AggregateError, each with the place it was made at. `within`: what has been said.
 */
function valueText(e: unknown, within: Set<unknown>, inside: boolean = false): string {
  if (!(e instanceof Error)) return plainText(e);
  if (within.has(e)) return `${headText(e)} (see above)`;
  within.add(e);
  if (isSuppressed(e))
    return `${valueText(e.suppressed, within, inside)}\n\tpanic: ${valueText(e.error, within, inside)}`;
  const lines = [headText(e) + (inside ? placeText(e) : "")];
  if (e instanceof AggregateError) {
    for (const inner of e.errors.slice(0, SHOWN)) lines.push(`error: ${valueText(inner, within, true)}`);
    if (e.errors.length > SHOWN) lines.push(`...${e.errors.length - SHOWN} more errors...`);
  }
  if (e.cause !== undefined) lines.push(`caused by: ${valueText(e.cause, within, true)}`);
  // The message itself stays as it is: one may hold stacks of its own (a LeakError's).
  return lines.map((line, i) => (i === 0 ? line : line.replaceAll(/\n\t/g, "\n\t\t"))).join("\n\t");
}

function headText(e: Error): string {
  if (e instanceof ChannelError || e instanceof SyncError) return e.message;
  if (e instanceof RangeError && e.message.startsWith("makechan: ")) return e.message;
  return e.message === "" ? e.name : `${e.name}: ${e.message}`;
}

const UNPRINTABLE = "(a value that cannot be printed)";

function plainText(e: unknown): string {
  return safely(() => (typeof e === "object" && e !== null ? JSON.stringify(e) : String(e)), UNPRINTABLE);
}

/** What is thrown is anybody's, and so are its getters: a dying process prints the rest of its report. */
function safely<T>(f: () => T, otherwise: T): T {
  try {
    return f();
  } catch {
    return otherwise;
  }
}

/** The innermost place in the user's code where `e` was made: " (load app.ts:3:9)"; "" if its stack says none. */
function placeText(e: Error): string {
  const place = placesIn(cleanStack(String(e.stack))).find((line) => /:\d+\)?$/.test(line) && !line.includes("node:"));
  const m = /^\s+at (?:(.*) \((.*)\)|(.*))$/.exec(place ?? "");
  return m === null ? "" : ` (${m[1] === undefined ? "" : `${m[1]} `}${filePath(m[2] ?? m[3] ?? "")})`;
}

/** The code of `e`, or of the first error inside it that has one, if the report does not show it yet. */
function codeIn(e: unknown, text: string, seen: Set<unknown> = new Set()): string | null {
  if (!(e instanceof Error) || seen.has(e)) return null;
  seen.add(e);
  const { code } = e as { code?: unknown };
  if (typeof code === "string" && code !== "" && !text.includes(code)) return code;
  const inside = isSuppressed(e) ? [e.suppressed, e.error] : e instanceof AggregateError ? e.errors : [];
  for (const inner of [...inside, e.cause]) {
    const found = codeIn(inner, text, seen);
    if (found !== null) return found;
  }
  return null;
}

/** A `using` threw while an exception was under way: Go's panic in a deferred function. */
function isSuppressed(e: unknown): e is { error: unknown; suppressed: unknown } {
  return e instanceof Error && e.name === "SuppressedError" && "error" in e && "suppressed" in e;
}

/** The lines of a stack that say where. */
function placesIn(stack: string): string[] {
  return stack.split("\n").filter((line) => /^\s+(?:at |created by |\.\.\.)/.test(line));
}

/** Where goroutine `g`, which `e` has left, stood. */
function placesOf(g: G, e: unknown): string[] {
  const places = safely(() => {
    const own = placesIn(typeof e === "object" && e !== null && "stack" in e ? cleanStack(String(e.stack)) : "");
    // A context's error is everybody's: it knows to whom it was thrown.
    return own.length === 0 && e instanceof Error ? placesIn(thrownStack(e, g)) : own;
  }, []);
  return places.length > 0 ? places : bareLines(e, g);
}

function lines(places: readonly string[]): string {
  const trace = goStack(places);
  return trace === "" ? "" : `${trace}\n`;
}

/** The whole report of an exception that left goroutine `g`; `all`: with the other goroutines. */
export function panicText(g: G, e: unknown, all: boolean = traceback.all): string {
  let text = `panic: ${safely(() => valueText(e, new Set()), UNPRINTABLE)}\n`;
  const code = safely(() => codeIn(e, text), null);
  if (traceback.level > 0) {
    const thrower = throwerOf(e);
    const joined = thrower !== 0 && thrower !== g.id;
    text += `\n${header(g, "running")}\n${lines(joined ? bareLines(e, g) : placesOf(g, e))}`;
    if (joined) text += `\nthrown by goroutine ${thrower}:\n${lines(placesOf(g, e))}`;
    const others = all ? dumpAll() : "";
    if (others !== "") text += `\n${others}\n`;
  }
  return text + codeLine(code);
}

/** The report of an exception that no goroutine has thrown, on thread `m`, which is not main: a timer, a listener. */
export function threadText(m: number, state: string, e: unknown): string {
  const text = safely(() => (isA(e, Error) ? cleanStack(e.stack ?? e.message) : asText(e)), asText(e));
  return `panic: ${text}\n\nthread M${m} [${state}]\n`;
}

/** On a thread that is not main: `report` hands it to main, which ends the process, and does not before while something is `dying`. */
export const elsewhere: {
  report: ((e: unknown, text: string) => void) | null;
  dying: ((n: 1 | -1) => void) | null;
} = { report: null, dying: null };

/** Hands an exception to process's listeners, who then own it; without one prints `text` and ends the process. */
export function reportUncaught(e: unknown, text: string): void {
  if (S.stopped === 2) return;
  if (elsewhere.report !== null) {
    elsewhere.report(e, text);
    return;
  }
  const emitter = process as NodeJS.EventEmitter;
  emitter.emit("uncaughtExceptionMonitor", e, "uncaughtException");
  if (emitter.emit("uncaughtException", e, "uncaughtException")) return;
  die(text);
}

/** An exception nobody waits for left goroutine `g`. */
export function uncaught(g: G, e: unknown): void {
  elsewhere.dying?.(1);
  reportUncaught(e, panicText(g, e));
  elsewhere.dying?.(-1);
}
