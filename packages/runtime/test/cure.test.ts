/** What an error advises where a package called: its name, wherever it was installed, and what it can be given. */
import { expect, test } from "vitest";
import { cureFor } from "../src/errors/cure.ts";
import { claimThread } from "../src/internal/version.ts";
import "../src/index.ts";

test("the innermost package is named, with its scope", () => {
  const cure = (where: string): string | undefined => cureFor("GORT_NATIVE_FRAME", where);
  expect(cure("called by arrayMap (/app/node_modules/lodash/lodash.js:654:23)")).toContain("--include lodash`");
  expect(cure("called by f (file:///app/node_modules/@a/b/dist/x.mjs:1:2)")).toContain("--include @a/b`");
  expect(cure("called by f (/app/node_modules/.pnpm/x@1.0.0/node_modules/x/i.js:1:2)")).toContain("--include x`");
  expect(cure("called by f (/app/node_modules/a/node_modules/b/i.js:1:2)")).toContain("--include b`");
  expect(cure(String.raw`called by f (C:\app\node_modules\@a\b\i.js:1:2)`)).toContain("--include @a/b`");
});

test("the function to write `async` is named where it is known", () => {
  const where = "called by each (/app/node_modules/mapper/i.js:1:2)";
  expect(cureFor("GORT_NATIVE_FRAME", where, "take")).toContain("write `take` as an `async` function");
  expect(cureFor("GORT_NATIVE_FRAME", where)).toContain("write the function that is called as an `async` function");
});

test("what the language and Node.js call has a cure of its own", () => {
  const cures = {
    "called by EventEmitter.emit": "goroutine in the listener",
    "called by Server.emit": "goroutine in the listener",
    "called by EventTarget.dispatchEvent": "goroutine in the listener",
    "called by [nodejs.internal.kHybridDispatch]": "goroutine in the listener",
    "called by AbortSignal.[nodejs.internal.kHybridDispatch]": "goroutine in the listener",
    "called by Transform._write": "`async transform(",
    "called by doWrite": "stream's method",
    "called by Readable.read": "stream's method",
    "called by JSON.stringify": "before",
    "called by new Promise": "asPromise",
    "below the getter x": "a method",
    "below the generator g": "a channel",
    "below the class field or static block": "constructor",
    "below the function with direct `eval` f": "(0, eval)",
    "called by `super()` in the constructor of Derived": "a function that makes the object",
    "called by the engine": "toString",
    "below the engine": "a spread",
  };
  for (const [where, cure] of Object.entries(cures))
    for (const code of ["GORT_NATIVE_FRAME", "GORT_NO_GOROUTINE"] as const)
      expect(cureFor(code, where)).toContain(cure);
});

test("a function of the program that is not compiled hands over one that is", () => {
  for (const place of [
    "f (/app/src/bus.js:3:5)",
    "eval (/app/src/routes/+page.svelte:15:47)",
    "GET (/app/src/routes/(shop)/page.js:15:47)",
    "file:///app/dist/server/chunks/front 2.mjs:29:12",
    String.raw`f (C:\app\a.js:1:2)`,
  ])
    for (const code of ["GORT_NATIVE_FRAME", "GORT_NO_GOROUTINE"] as const)
      expect(cureFor(code, `called by ${place}`)).toContain("`await run(f, x)`");
});

test("where no package called, the catalogue's cure stands", () => {
  expect(cureFor("GORT_NATIVE_FRAME", "called by Array.from")).toBeUndefined();
  expect(cureFor("GORT_NO_GOROUTINE", "called by listOnTimeout (node:internal/timers:3:5)")).toBeUndefined();
  expect(cureFor("GORT_NO_GOROUTINE", "called by the top of a module, or the engine")).toBeUndefined();
  expect(cureFor("GORT_NATIVE_FRAME", "called by next (/app/node_modules/gort/dist/runtime.js:1:2)")).toBeUndefined();
});

test("a function that a package uses at once may be async, a handler, or start a goroutine", () => {
  const cure = cureFor("GORT_NO_GOROUTINE", "called by handleRequest (/app/node_modules/router/lib/layer.js:1:2)");
  for (const part of ["`async`", "`handler(f)`", "`go(() => …)`", "--include router`"]) expect(cure).toContain(part);
});

test("what is called in the scope of an async resource may be async, or start a goroutine", () => {
  for (const code of ["GORT_NO_GOROUTINE", "GORT_NATIVE_FRAME"] as const)
    expect(cureFor(code, "called by AsyncResource.runInAsyncScope")).toContain("`handler(f)`");
});

test("a test's body belongs in goTest", () => {
  for (const runner of ["vitest/dist/chunks/run.js", "@vitest/runner/dist/i.js", "mocha/lib/runnable.js"])
    expect(cureFor("GORT_NO_GOROUTINE", `called by f (/app/node_modules/${runner}:1:2)`)).toContain("goTest");
});

test("a mock, and what asserts that something throws, goes on at once", () => {
  for (const code of ["GORT_NO_GOROUTINE", "GORT_NATIVE_FRAME"] as const) {
    for (const file of ["vitest/dist/chunks/spy.BO0hTE3G.js", "@vitest/spy/dist/index.js", "sinon/pkg/sinon-esm.js"])
      expect(cureFor(code, `called by Mock (file:///app/node_modules/${file}:377:25)`)).toContain("a mock goes on");
    for (const where of ["getActual", "strict.throws", "f (/app/node_modules/chai/index.js:1:2)"])
      expect(cureFor(code, `called by ${where}`)).toContain("assert.rejects(async");
  }
});

test("a second runtime: two copies, or one file that was evaluated again", () => {
  const { url } = (globalThis as { [key: symbol]: unknown })[Symbol.for("gort.runtime")] as { url: string };
  expect(() => claimThread(`${url}/../other.js`)).toThrow("npm dedupe");
  expect(() => claimThread(url)).toThrow("ssrLoadModule");
});
