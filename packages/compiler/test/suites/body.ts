/** Files that are tests themselves: their text is the body of a function. */
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { add, asserted } from "./harness.ts";

/** The function a CommonJS file has become. */
export type Main = (require: NodeJS.Require, module: { exports: object }, exports: object) => unknown;

/** What a file calls `process.exit` with is no end of ours. */
class Exit extends Error {}

export function bodyTest(suite: string, file: string, main: Main): void {
  const require = createRequire(file);
  const module = { exports: {} };
  if (suite === "events")
    add(basename(file), () =>
      eventsTest(require(join(dirname(file), "common.js")), () => main(require, module, module.exports)),
    );
  else add(basename(file), () => countedTest(() => main(require, module, module.exports)));
}

/** A file that says how many tests it has run, and ends the process. */
function countedTest(body: () => unknown): void {
  const { exit } = process;
  const { log, error } = console;
  let said = "";
  const say = (...xs: unknown[]): void => void (said += xs.join(" "));
  process.exit = (code) => {
    throw new Exit(String(code));
  };
  Object.assign(console, { log: say, error: say });
  try {
    body();
  } catch (e) {
    if (!(e instanceof Exit) || e.message !== "0") throw new Error(`${said} ${String(e)}`, { cause: e });
  } finally {
    process.exit = exit;
    Object.assign(console, { log, error });
  }
  // "675 tests. 0 failures. 63 ms"
  const found = /^(\d+) tests\. (\d+) failures/.exec(said);
  for (let i = 0; i < Number(found?.[1] ?? 0); i++) asserted("passed");
}

/** The files share a module, which wants to be told of the end; what they assert, node:assert does. */
function eventsTest(common: { test: object }, body: () => unknown): void {
  const ends: (() => void)[] = [];
  const end = (f: () => void): void => void ends.push(f);
  common.test = { on: (_event: string, f: () => void) => end(f), onFinish: end };
  body();
  for (const f of ends) f();
  asserted("passed");
}
