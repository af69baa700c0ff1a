/**
 * Every error of Gort's own: a code, what happened, what to do. One page each in docs/errors.
 *
 * Misuse that Go has words for keeps Go's words (channels, sync) and carries a code beside them. `gort explain CODE` shows the page.
 */
export interface Entry {
  readonly text: string;
  /** What to do about it. */
  readonly cure: string;
}

/** The code of an error of Gort's own. */
export type GortErrorCode =
  | "GORT_NOT_COMPILED"
  | "GORT_NO_GOROUTINE"
  | "GORT_NATIVE_FRAME"
  | "GORT_NO_PREEMPT"
  | "GORT_SELECT_CASE"
  | "GORT_VERSION"
  | "GORT_TWO_RUNTIMES"
  | "GORT_PARALLEL_LOST"
  | "GORT_PARALLEL_PLACE"
  | "GORT_SHARE"
  | "GORT_SHARED_MEMORY"
  | "GORT_THREAD_ENDED";

export const catalogue: Readonly<Record<GortErrorCode, Entry>> = {
  GORT_NOT_COMPILED: {
    text: "gort: this program was not compiled, so its functions cannot be suspended",
    cure: "run it with `npx gort run app.ts`, with `node --import @gort/compiler/register app.ts`, or build it with the plugin of your bundler (`@gort/compiler/vite`, `/rollup`, `/rolldown`, `/esbuild`, `/webpack`); a worker of your own takes `{ execArgv: process.execArgv }` under `gort run`",
  },
  GORT_NO_GOROUTINE: {
    text: "gort: a blocking operation was called with no goroutine under it",
    cure: "export a function `main`, which `gort run` starts as one, or start one with `go(f)`, with `await run(f)` from ordinary code, with `goTest(f)` in a test; at the top level of a module, in generators, getters and coercions nothing can block",
  },
  GORT_NATIVE_FRAME: {
    text: "gort: a blocking operation was called below a function that cannot be suspended",
    cure: "call it outside: a loop in place of a callback, a method in place of a getter, a channel and a goroutine in place of a generator",
  },
  GORT_NO_PREEMPT: {
    text: "gort: a blocking operation inside noPreempt or syscall",
    cure: "move it out of the function given to them, which must run from beginning to end in one go",
  },
  GORT_SELECT_CASE: {
    text: "gort: select was given something that is not a case",
    cure: "a case is a channel, `sending(ch, v)`, `timeout(ms)` or `otherwise`; in the expression form `onRecv`, `onSend`, `onDefault` or `onTimeout`",
  },
  GORT_VERSION: {
    text: "gort: a module was compiled for another version of gort",
    cure: "install the same version of gort and @gort/compiler, then compile it again: a bundle by building it, a package by its publisher",
  },
  GORT_TWO_RUNTIMES: {
    text: "gort: there are two copies of the runtime in one thread, and goroutines of one cannot wait for the other's",
    cure: "make it one: `npm ls gort` shows who brings the second, `npm dedupe` removes it where the versions agree; a bundle and what it loads share one where gort is external in the bundle",
  },
  GORT_PARALLEL_LOST: {
    text: "gort: a thread has loaded a module and did not find the parallel function in it",
    cure: "the module has changed since the program began, or the build left it out: start the program again, or build it again",
  },
  GORT_PARALLEL_PLACE: {
    text: "gort: parallel was called where the compiler does not see it",
    cure: "write it as `const f = parallel((…) => …)` at the top level of a compiled module, so that other threads can find the function",
  },
  GORT_SHARE: {
    text: "gort: this cannot go to another thread",
    cure: "pass plain data, typed arrays, channels and what is in gort's sync and context; a function or a class instance stays where it is: send what it is made of",
  },
  GORT_SHARED_MEMORY: {
    text: "gort: the memory that threads share is used up",
    cure: "send less at a time: values stay in it until they are received, so bound the channels, or send large data in pieces",
  },
  GORT_THREAD_ENDED: {
    text: "gort: the thread that ran this goroutine has ended",
    cure: "the goroutine did its work in part, or not at all: start it again if that may be done twice. Out of memory: give it less at a time. `process.exit` on a thread ends that thread alone: return an error, and let main end the program",
  },
};

/** What ends the process without being thrown: Go's words for it, a code beside them. */
export type FatalCode =
  | "GORT_DEADLOCK"
  | "GORT_GO_NIL"
  | "GORT_STACK_OVERFLOW"
  | "GORT_THREADS_EXHAUSTED"
  | "GORT_THREAD_ENDED"
  | "GORT_UNLOCK";

/** An error in the use of Gort. Its `code` is stable and has a page in docs/errors. */
export class GortError extends Error {
  readonly code: GortErrorCode;
  constructor(code: GortErrorCode, detail: string = "", cure: string = catalogue[code].cure) {
    const { text } = catalogue[code];
    super(`${text}${detail === "" ? "" : `: ${detail}`}; ${cure}`);
    this.name = "GortError";
    this.code = code;
  }
}

/** The code of a misuse of a channel. */
export type ChannelErrorCode = "GORT_SEND_CLOSED" | "GORT_CLOSE_CLOSED" | "GORT_CLOSE_NIL";

/** A misuse of a channel, in Go's words: "send on closed channel", "close of closed channel", "close of nil channel". */
export class ChannelError extends Error {
  readonly code: ChannelErrorCode;
  constructor(code: ChannelErrorCode, message: string) {
    super(message);
    this.name = "ChannelError";
    this.code = code;
  }
}

/** A misuse of something in sync that Go panics on, in Go's words ("sync: negative WaitGroup counter"). */
export class SyncError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "SyncError";
    this.code = code;
  }
}

/** JavaScript's own kind of error with a code, which is not enumerable: it equals and prints like any other of its kind. */
function coded<E extends Error, C extends string>(e: E, code: C): E & { readonly code: C } {
  return Object.defineProperty(e, "code", { value: code, writable: true, configurable: true }) as E & { code: C };
}

/** An argument of a wrong type: what the operation wants, and what it got. */
export const argument = (message: string): TypeError & { readonly code: "GORT_ARGUMENT" } =>
  coded(new TypeError(message), "GORT_ARGUMENT");
/** A number that is out of range. */
export const range = (message: string): RangeError & { readonly code: "GORT_RANGE" } =>
  coded(new RangeError(message), "GORT_RANGE");

/** Milliseconds are numbers; text would be appended to the time, and NaN is never over. */
export function milliseconds(ms: number, of: string): number {
  if (typeof ms === "number" && ms === ms) return ms;
  throw wants(of, "milliseconds", ms);
}

/** "sleep: wants milliseconds, not "5"": the operation, what it takes, what it was given. */
export const wants = (of: string, what: string, given: unknown): TypeError & { readonly code: "GORT_ARGUMENT" } =>
  argument(`${of}: wants ${what}, not ${shown(given)}`);

/** The same for a number that is none it takes. */
export const wantsRange = (of: string, what: string, given: unknown): RangeError & { readonly code: "GORT_RANGE" } =>
  range(`${of}: wants ${what}, not ${shown(given)}`);

/** `value instanceof kind`, also for what does not let itself be looked at: it is nothing. */
export function isA<T>(value: unknown, kind: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof kind;
  } catch {
    return false;
  }
}

/** Throws unless `options` are an object. */
export function mustBeOptions(options: unknown, of: string): void {
  if (typeof options !== "object" || options === null) throw wants(of, "an object of options", options);
}

/** A value in a message, short. Says so of what does not let itself be looked at, such as a revoked proxy. */
export function shown(value: unknown): string {
  try {
    return described(value);
  } catch {
    return `${typeof value === "function" ? "a function" : "an object"} that cannot be looked at`;
  }
}

/** What `String` gives, also for what throws then. */
export function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return shown(value);
  }
}

function described(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`;
  if (typeof value !== "object" || value === null || value instanceof Date) return String(value);
  const maker = (value as { constructor?: unknown }).constructor;
  return typeof maker === "function" && maker.name !== "" ? `a value of ${maker.name}` : "an object";
}

export const sendClosed = (): ChannelError => new ChannelError("GORT_SEND_CLOSED", "send on closed channel");
export const closeClosed = (): ChannelError => new ChannelError("GORT_CLOSE_CLOSED", "close of closed channel");
export const closeNil = (): ChannelError => new ChannelError("GORT_CLOSE_NIL", "close of nil channel");
