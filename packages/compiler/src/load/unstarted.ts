/**
 * What a program under the loader is told that exports `main`, as programs for `gort run` do, and comes to its end without having started a
 * goroutine: it would end in silence. `gort run` starts main, and has its own word for programs without one.
 */
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";
import { loaded } from "./loader.ts";

/** The program's URL: Node loads what a symbolic link leads to. Null on other threads. */
function programUrl(): string | null {
  const program = process.argv[1];
  if (!isMainThread || program === undefined) return null;
  return pathToFileURL(existsSync(program) ? realpathSync(program) : program).href;
}

/** For `register`. Under `gort run`, too, which has started main by then. */
export function tellUnstarted(): void {
  const href = programUrl();
  if (href === null) return;
  process.once("beforeExit", () => {
    if (process.exitCode === undefined && loaded.compiled.has(href)) void look(href);
  });
}

/** For `register` in a program that a program under `gort run` has forked: it is run as that one is, its `main` started. */
export function startForked(): void {
  const href = programUrl();
  // By then Node has begun to load it: this is told when it has been.
  if (href !== null) setImmediate(() => void start(href));
}

async function start(program: string): Promise<void> {
  if (!loaded.compiled.has(program)) return;
  const main = await mainOf(program);
  const internal = await runtime();
  if (internal !== null && typeof main === "function" && !internal.hasRun()) internal.runMain(main);
}

/** What a program that has been loaded exports as `main`. Where loading has thrown, nothing: Node has said it, and who listens has heard it. */
async function mainOf(program: string): Promise<unknown> {
  try {
    return ((await import(program)) as { main?: unknown }).main;
  } catch {
    return undefined;
  }
}

/** What this file uses of `gort/internal`, from the copy that the program uses. */
interface Internal {
  runMain(main: unknown): void;
  hasRun(): boolean;
  hasStarted(): boolean;
}

async function runtime(): Promise<Internal | null> {
  for (const [name, { url }] of loaded.own)
    if (name.startsWith("gort/internal ")) return (await import(url)) as Internal;
  return null;
}

async function look(program: string): Promise<void> {
  // All of them have been loaded: what they export is given, and nothing runs.
  for (const [name, { url }] of loaded.own)
    if (name.startsWith("gort/internal ") && ((await import(url)) as Internal).hasStarted()) return;
  if (typeof (await mainOf(program)) !== "function") return;
  process.stderr.write(
    `gort: ${fileURLToPath(program)} exports main, which nothing has started. ` +
      'Run it with `npx gort run`, or call `run(main)` in it: import { run } from "gort"\n',
  );
  process.exitCode = 1;
}
