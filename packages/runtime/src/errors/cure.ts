/**
 * What to do where compiled code was called by a package that is not: it can be compiled too, which is more use than to be told to write
 * loops. Who called is known by its place in the stack. Only the errors of code that blocks where it cannot ask here (entry.ts).
 */
import type { GortErrorCode } from "./catalogue.ts";

/** The package whose file `place` names, as `name (file:line:column)`: the innermost one. */
const IN_PACKAGE = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/@.][^\\/]*)[\\/]/s;
/** Packages that run tests. */
const RUNNERS = /^(?:@vitest\/.*|vitest|mocha|ava|tap|@tapjs\/.*|jasmine-core|jasmine|uvu|jest-circus|@jest\/.*)$/;

/** The cure for `code` where `where` called; undefined: the catalogue's. */
export function cureFor(code: GortErrorCode, where: string): string | undefined {
  const name = IN_PACKAGE.exec(where)?.[1]?.replace("\\", "/");
  if (name === undefined || /^(?:gort$|@gort\/)/.test(name)) return undefined;
  if (RUNNERS.test(name)) return "in a test, give the runner `goTest(() => …)` of gort/testing, or an `async` function";
  const compiled = `compile the package too: \`gort run --include ${name}\`, GORT_INCLUDE=${name}, or \`gort({ include: ["${name}"] })\` in a bundler`;
  if (code === "GORT_NATIVE_FRAME") return `${compiled}; or call it outside: a loop in place of the callback`;
  return (
    "this package uses at once what the function gives back: make that function `async` where a promise is welcome (it may block, and awaits), " +
    `wrap a (req, res) handler in \`handler(f)\` of gort/http, start a goroutine in it with \`go(() => …)\`, or ${compiled}`
  );
}
