/**
 * What a program under the loader is told that exports `main`, as programs for `gort run` do, and comes to its end without having started a
 * goroutine: it would end in silence. `gort run` starts main, and has its own word for programs without one.
 */
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";
import { loaded } from "./loader.ts";

/** For `register`. Under `gort run`, too, which has started main by then. */
export function tellUnstarted(): void {
  const program = process.argv[1];
  if (!isMainThread || program === undefined) return;
  // Node loads what a symbolic link leads to.
  const { href } = pathToFileURL(existsSync(program) ? realpathSync(program) : program);
  process.once("beforeExit", () => {
    if (process.exitCode === undefined && loaded.compiled.has(href)) void look(href);
  });
}

async function look(program: string): Promise<void> {
  // All of them have been loaded: what they export is given, and nothing runs.
  for (const [name, { url }] of loaded.own)
    if (name.startsWith("gort/internal ") && ((await import(url)) as { hasStarted(): boolean }).hasStarted()) return;
  const { main } = (await import(program)) as { main?: unknown };
  if (typeof main !== "function") return;
  process.stderr.write(
    `gort: ${fileURLToPath(program)} exports main, which nothing has started. ` +
      'Run it with `npx gort run`, or call `run(main)` in it: import { run } from "gort"\n',
  );
  process.exitCode = 1;
}
