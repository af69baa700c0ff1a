/**
 * The end of the process for a reason: an uncaught exception (Go's panic), or a fatal error of the runtime, which
 * nothing can recover. Go's text on standard error, exit status 2.
 *
 * GOTRACEBACK: `none` prints no goroutines, `single` (the default) the one that failed, `all` every one.
 */
import { ChannelError, SyncError } from "../errors/catalogue.ts";
import { host } from "../internal/host.ts";
import { R } from "../internal/state.ts";
import { dump, dumpAll, goStack } from "./dump.ts";
import type { G } from "./g.ts";
import { S } from "./p.ts";
import { Callers, cleanStack } from "./stack.ts";

const traceback = (): string => process.env["GOTRACEBACK"] ?? "single";

/** Prints, ends the process. With a test's `host.exit` it throws instead of going on. */
function die(text: string): never {
  S.stopped = 2;
  host.stderr(text);
  host.exit(2);
  throw new Error("gort: fatal error, but the process was not ended");
}

/** "fatal error: …" with the running goroutine, or all of them. Unrecoverable. */
export function fatal(message: string, all: boolean = false): never {
  const level = traceback();
  const goroutines = level === "none" ? "" : all || level === "all" ? dumpAll() : R.g === null ? "" : dump(R.g);
  die(`fatal error: ${message}\n${goroutines === "" ? "" : `\n${goroutines}\n`}`);
}

/** A goroutine's stack has become larger than it may. */
export function stackOverflow(g: G, limit: number): never {
  const text = `runtime: goroutine stack exceeds ${limit}-byte limit\nfatal error: stack overflow\n`;
  die(traceback() === "none" ? text : `${text}\n${dump(g)}\n`);
}

/** What Go prints after "panic: ". Errors that Go has words for are those words. */
function valueText(e: unknown): string {
  if (e instanceof ChannelError || e instanceof SyncError) return e.message;
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

/** The whole report of an exception that left goroutine `g`. */
export function panicText(g: G, e: unknown): string {
  const level = traceback();
  let text = `panic: ${valueText(e)}\n`;
  if (level === "none") return text;
  const own = typeof e === "object" && e !== null && "stack" in e ? cleanStack(String(e.stack)) : "";
  const lines = own.split("\n").filter((line) => /^\s+(?:at |created by |\.\.\.)/.test(line));
  const trace = goStack(lines.length > 0 ? lines : new Callers(null, g).lines());
  text += `\ngoroutine ${g.id} [running]:\n${trace}${trace === "" ? "" : "\n"}`;
  const others = level === "all" ? dumpAll() : "";
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
