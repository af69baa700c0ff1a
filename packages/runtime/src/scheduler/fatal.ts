/**
 * The end of the process for a reason: an uncaught exception (Go's panic), or a fatal error of the runtime, which
 * nothing can recover. Go's text on standard error, exit status 2. How much of it: traceback.ts.
 */
import { ChannelError, SyncError } from "../errors/catalogue.ts";
import { host } from "../internal/host.ts";
import { dumpAll, goStack, header } from "./dump.ts";
import type { G } from "./g.ts";
import { S } from "./p.ts";
import { bareLines, cleanStack } from "./stack.ts";
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

/** `message` and, unless there is to be none, every goroutine. */
function withAll(message: string): string {
  const goroutines = traceback.level === 0 ? "" : dumpAll();
  return goroutines === "" ? `${message}\n` : `${message}\n\n${goroutines}\n`;
}

/** "fatal error: …" with all goroutines, the running one first. Unrecoverable. */
export function fatal(message: string): never {
  die(withAll(`fatal error: ${message}`));
}

/** SIGQUIT. */
export function quit(): never {
  die(withAll("SIGQUIT: quit"));
}

/** A goroutine's stack, the running one's, has become larger than it may. */
export function stackOverflow(limit: number): never {
  die(withAll(`runtime: goroutine stack exceeds ${limit}-byte limit\nfatal error: stack overflow`));
}

/** What Go prints after "panic: ". Errors that Go has words for are those words. */
function valueText(e: unknown): string {
  if (e instanceof ChannelError || e instanceof SyncError) return e.message;
  if (e instanceof RangeError && e.message.startsWith("makechan: ")) return e.message;
  if (isSuppressed(e)) return `${valueText(e.suppressed)}\n\tpanic: ${valueText(e.error)}`;
  if (e instanceof Error) {
    const text = e.message === "" ? e.name : `${e.name}: ${e.message}`;
    return e.cause === undefined ? text : `${text}\n\tcaused by: ${valueText(e.cause)}`;
  }
  try {
    return typeof e === "object" && e !== null ? JSON.stringify(e) : String(e);
  } catch {
    return "(a value that cannot be printed)";
  }
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
  const own = placesIn(typeof e === "object" && e !== null && "stack" in e ? cleanStack(String(e.stack)) : "");
  if (own.length > 0) return own;
  // A context's error is everybody's: it knows to whom it was thrown.
  const thrown = e instanceof Error ? placesIn(thrownStack(e, g)) : [];
  return thrown.length > 0 ? thrown : bareLines(e, g);
}

/** The whole report of an exception that left goroutine `g`. */
export function panicText(g: G, e: unknown): string {
  let text = `panic: ${valueText(e)}\n`;
  if (traceback.level === 0) return text;
  const trace = goStack(placesOf(g, e));
  text += `\n${header(g, "running")}\n${trace}${trace === "" ? "" : "\n"}`;
  const others = traceback.all ? dumpAll() : "";
  return others === "" ? text : `${text}\n${others}\n`;
}

/** On a thread that is not main: hands it to main, which ends the process. */
export const elsewhere: { report: ((e: unknown, text: string) => void) | null } = { report: null };

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
  reportUncaught(e, panicText(g, e));
}
