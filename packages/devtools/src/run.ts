/**
 * `gort run`: installs the compiler's hooks in this process, imports the program, and runs its exported `main` as the main
 * goroutine, whose end is the end of the process. A program that calls `run` itself while loading has chosen its own main.
 */
import { readFileSync } from "node:fs";
import module, { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Failure, showFailure, useColor } from "./failure.ts";
import { type Inspect, useInspect } from "./inspect.ts";
import { parseAddress } from "./pprof/address.ts";
import { findProgram } from "./program.ts";

export interface RunOptions {
  procs?: unknown;
  seed?: unknown;
  include?: unknown;
  trace?: unknown;
  pprof?: unknown;
}

/** What the command uses of `gort/internal`, from the copy the program uses. */
interface Internal {
  /** Runs `main` as the main goroutine and ends the process when it returns. */
  runMain(main: () => unknown): void;
  /** Whether `run` has been called. */
  hasRun(): boolean;
  /** Whether any goroutine has started. */
  hasStarted?(): boolean;
  /** The thread that ends slices. */
  startSysmon?(): void;
}

export async function runProgram(named: string, args: readonly string[], options: RunOptions): Promise<void> {
  applyOptions(options);
  const program = findProgram(named);
  process.argv = [process.execPath, program, ...args];
  const internal = await loadRuntime<Internal>(program, "gort/internal");
  // First of all, so that it is up when main begins. A runtime of another version: compiled modules tell.
  internal.startSysmon?.();
  await installHooks(list(options.include));
  await startTools(program, options);
  let exported: { main?: unknown };
  try {
    exported = await load(program);
  } catch (error) {
    if (!(error instanceof SyntaxError)) return throwUncaught(error);
    const { CompileError, showCompileError } = await import("@gort/compiler");
    if (!(error instanceof CompileError)) {
      tellOfTypes(error);
      return throwUncaught(error);
    }
    process.stderr.write(`${showCompileError(error, { color: useColor() })}\n`);
    process.exit(1);
  }
  if (internal.hasRun()) return;
  const { main } = exported;
  if (main === undefined) return explainMissingMain(named, internal, "default" in exported);
  if (typeof main !== "function")
    throw new Failure(`${named} exports main, but it is ${describe(main)}, not a function.`);
  internal.runMain(main as () => unknown);
}

/** Of files the compiler knows which names are types (passed-on.ts), of packages nobody does. Node's report shows the stack as it is. */
function tellOfTypes(error: SyntaxError): void {
  const { message, stack = "" } = error;
  const name = /does not provide an export named '(.+)'$/.exec(message)?.[1];
  if (name === undefined || !/^\S.*\.[cm]?tsx?:\d+\n/.test(stack)) return;
  // What is imported by default has a name of the importer's choice.
  const [from, on] = name === "default" ? ["type X from …", "type default as X"] : [`{ type ${name} }`, `type ${name}`];
  const hint = `if ${name} is a type, write \`import ${from}\`, and \`export { ${on} }\` where it is passed on. "isolatedModules": true in tsconfig.json finds such places.`;
  error.stack = `${stack}\n\ngort: ${hint}`;
}

/** Loads the program as the one that runs: `import.meta.main` (the loader sees to that) and `require.main === module` are true in it. */
async function load(program: string): Promise<{ main?: unknown }> {
  (globalThis as { [key: symbol]: unknown })[Symbol.for("gort.program")] = program;
  const text = readFileSync(program, "utf8");
  if (/\brequire\.main\b/.test(text) && (await import("@gort/compiler")).formatOf(program, text) === "commonjs") {
    const exported: unknown = (module as unknown as MainLoader)._load(program, null, true);
    return Object(exported) as { main?: unknown };
  }
  return (await import(pathToFileURL(program).href)) as { main?: unknown };
}

/** What Node itself starts a CommonJS program with; there is no other way to be `require.main`. */
interface MainLoader {
  _load(file: string, parent: null, isMain: boolean): unknown;
}

/** Those of `node --import`; not through the compiler's index, which loads all of it. */
async function installHooks(include: readonly string[]): Promise<void> {
  const url = new URL(import.meta.resolve("@gort/compiler/register"));
  if (include.length > 0) url.searchParams.set("include", include.join(","));
  await import(url.href);
  // What `fork` and cluster give to the programs they start, which are run as this one is.
  url.searchParams.set("main", "1");
  process.execArgv.push("--import", url.href);
}

/** Before the runtime is loaded, which reads these when it starts. */
function applyOptions(options: RunOptions): void {
  if (options.procs !== undefined) process.env["GOMAXPROCS"] = String(integer("procs", options.procs, 1));
  if (options.seed !== undefined) process.env["GORT_SEED"] = String(integer("seed", options.seed, 0));
}

/** --pprof and --trace. */
async function startTools(program: string, options: RunOptions): Promise<void> {
  if (options.pprof === undefined && options.trace === undefined) return;
  useInspect(await loadRuntime<Inspect>(program, "gort/inspect"));
  if (options.pprof !== undefined) await startPprof(options.pprof);
  if (options.trace !== undefined) await writeTrace(options.trace);
}

async function startPprof(value: unknown): Promise<void> {
  const address = parseAddress(String(value));
  if (address === null) throw new Failure(`--pprof takes [HOST:]PORT; it was given ${describe(value)}.`);
  const { listenPprof } = await import("./pprof/server.ts");
  try {
    const url = await listenPprof(address.host, address.port, tokenOptions());
    process.stderr.write(`gort: profiles at ${url}\ngort: live page at ${new URL("../gort/", url).href}\n`);
  } catch (error) {
    throw new Failure(`--pprof cannot listen at ${address.host}:${address.port}: ${(error as Error).message}`);
  }
}

/** A token in the environment lets others than this machine's programs look. */
function tokenOptions(): { token?: string } {
  const token = process.env["GORT_PPROF_TOKEN"];
  return token === undefined || token === "" ? {} : { token };
}

async function writeTrace(value: unknown): Promise<void> {
  if (typeof value !== "string" && typeof value !== "number") throw new Failure("--trace takes the name of a file.");
  const { startTrace } = await import("./trace/start.ts");
  try {
    const trace = startTrace(String(value));
    process.on("exit", () => trace.stop());
    stopAtSignals(trace);
  } catch (error) {
    throw new Failure(`--trace cannot write ${value}: ${(error as Error).message}`);
  }
}

/** How a server usually ends: without an `exit` event, and so without the tables at the end of a trace. */
function stopAtSignals(trace: { stop(): void }): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
      // A program that listens itself decides when it ends.
      if (process.listenerCount(signal) > 0) return;
      trace.stop();
      process.kill(process.pid, signal);
    });
}

function integer(name: string, value: unknown, least: number): number {
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Failure(`--${name} takes a whole number from ${least} on; it was given ${describe(value)}.`);
}

function list(value: unknown): string[] {
  const given = value === undefined ? [] : Array.isArray(value) ? value : [value];
  const named = [...given, process.env["GORT_INCLUDE"] ?? ""].flatMap((v) => String(v).split(","));
  return named.filter((name) => name !== "");
}

/** The program's own copy of the runtime; where it has none, the one beside this command. */
async function loadRuntime<T>(program: string, entry: string): Promise<T> {
  for (const from of [program, import.meta.filename]) {
    let path: string;
    try {
      path = createRequire(from).resolve(entry);
    } catch {
      continue;
    }
    return (await import(pathToFileURL(path).href)) as T;
  }
  throw new Failure("The package gort is not installed. In the program's folder: npm install gort");
}

/** An exception of the program while it loads is Node's to show, and the process's listeners' to see. */
function throwUncaught(error: unknown): void {
  if (error instanceof Error && error.name === "GortError" && !isHeard()) return showMisuse(error);
  // As an unhandled rejection: Node then shows the user's line, not the one of a `throw` here.
  void Promise.reject(error);
}

/** Whether the program wants to see for itself what nobody catches. */
function isHeard(): boolean {
  return (
    process.listenerCount("uncaughtException") > 0 ||
    process.listenerCount("uncaughtExceptionMonitor") > 0 ||
    process.listenerCount("unhandledRejection") > 0 ||
    process.hasUncaughtExceptionCaptureCallback()
  );
}

/** A blocking call at the top of a module, and its like: Node would head it with the line of the runtime that made the error. */
function showMisuse(error: Error): never {
  const own = new URL("..", import.meta.url);
  const lines = (error.stack ?? String(error)).split("\n").filter((line) => {
    const isFrame = /^\s+at /.test(line);
    return (
      !isFrame || ![own.href, fileURLToPath(own), "(node:internal/", " node:internal/"].some((s) => line.includes(s))
    );
  });
  const { code } = error as { code?: string };
  process.stderr.write(`${lines.join("\n")}\n\ncode ${code}: npx gort explain ${code}\n`);
  process.exit(1);
}

/** A program may have set up timers or a server that will start goroutines: what it is told waits until nothing is left to do. */
function explainMissingMain(named: string, internal: Internal, byDefault: boolean): void {
  process.once("beforeExit", () => {
    if (internal.hasRun() || internal.hasStarted?.() === true) return;
    showFailure(
      `${named} has been loaded, but it exports no main and never called run(), so no goroutine was started. ` +
        (byDefault ? "What it exports by default is not started. " : "") +
        "Write `export function main(): void { … }`, or call run(f) from gort.",
    );
    process.exitCode = 1;
  });
}

function describe(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  if (value === null || typeof value !== "object") return String(value);
  return Array.isArray(value) ? "an array" : "an object";
}
