/**
 * Every fixture three ways: plain (Node strips the types), compiled, and compiled with a suspension forced at every
 * safepoint. The logs must be the same: a suspension never changes a result. The folders:
 *
 *     fixtures/*.ts           calls between their own functions only
 *     fixtures/typescript/    what is more than types; "plain" is what TypeScript's own compiler makes of it, by the
 *                             folder's tsconfig.json
 *     fixtures/barriers/*.ts  calls under native frames, getters, constructors: places that cannot suspend
 *     fixtures/sloppy/*.c[jt]s  CommonJS, so not strict
 *     fixtures/gort/*.ts      programs that really park; NAME.out is what they log
 *     fixtures/refused/*.ts   refused when compiling; the first line says `// expect: CODE line:column`
 */
import { createRequire, stripTypeScriptTypes } from "node:module";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, CompileError } from "@gort/compiler";
import { run } from "gort";
import { R } from "gort/internal";

type Log = (...xs: unknown[]) => void;
type Main = (log: Log) => void;

const fixtures = join(import.meta.dirname, "fixtures");
// Inside the package, so that the output finds `gort` the way a user's file does.
const out = join(import.meta.dirname, ".out", String(process.pid));

beforeAll(() => mkdirSync(out, { recursive: true }));
afterAll(() => rmSync(out, { recursive: true, force: true }));

function names(folder: string): string[] {
  return readdirSync(join(fixtures, folder))
    .filter((name) => /\.(?:tsx?|c[jt]s)$/.test(name))
    .sort();
}

function text(x: unknown): string {
  // A stack shows the compiled text's own frames and places, which the stack tests look at.
  if (x instanceof Error) return `${x.name}: ${x.message}`;
  return typeof x === "string" ? x : inspect(x, { depth: 10, breakLength: Infinity });
}

let loads = 0;

/** Loads a module anew, because a fixture may change its own module's state. */
async function load(file: string): Promise<Main> {
  delete createRequire(import.meta.url).cache[file];
  return ((await import(`${pathToFileURL(file).href}?${++loads}`)) as { main: Main }).main;
}

/** The lines a fixture logs; an exception that leaves it is the last of them. */
async function linesOf(start: (log: Log) => unknown): Promise<string[]> {
  const lines: string[] = [];
  try {
    await start((...xs) => void lines.push(xs.map(text).join(" ")));
  } catch (e) {
    lines.push(`threw ${String(e)}`);
  }
  return lines;
}

async function plain(file: string): Promise<string[]> {
  const main = await load(file);
  return linesOf((log) => main(log));
}

async function compiled(file: string, force: boolean): Promise<string[]> {
  const { code } = compile(readFileSync(file, "utf8"), { filename: file, force });
  const extension = /\.c[jt]s$/.test(file) ? ".cjs" : ".mjs";
  const target = join(out, `${basename(dirname(file))}-${basename(file)}${force ? ".force" : ""}${extension}`);
  writeFileSync(target, code);
  const main = await load(target);
  // Not through an arrow of this file: it would be a native frame, and nothing would be forced.
  return linesOf((log) => run(main, log));
}

describe("typescript", () => {
  for (const folder of ["typescript", "typescript/legacy", "typescript/assigned", "typescript/metadata"]) {
    const emitted = join(out, "tsc", folder);
    const tsc = join(import.meta.dirname, "../../../node_modules/typescript/bin/tsc");
    beforeAll(() => {
      execFileSync(process.execPath, [tsc, "-p", join(fixtures, folder), "--outDir", emitted]);
    });
    for (const name of names(folder)) {
      const file = join(fixtures, folder, name);
      const oracle = join(emitted, name.replace(/\.ts$/, ".js"));
      test(`${folder}/${name}, compiled`, async () => expect(await compiled(file, false)).toEqual(await plain(oracle)));
      test(`${folder}/${name}, forced`, async () => expect(await compiled(file, true)).toEqual(await plain(oracle)));
    }
  }
});

for (const folder of ["", "barriers", "sloppy"]) {
  describe(folder || "fixtures", () => {
    for (const name of names(folder)) {
      const file = join(fixtures, folder, name);
      test(`${name}, compiled`, async () => {
        expect(await compiled(file, false)).toEqual(await plain(file));
      });
      test(`${name}, forced`, async () => {
        expect(await compiled(file, true)).toEqual(await plain(file));
      });
    }
  });
}

describe("gort", () => {
  for (const name of names("gort")) {
    const file = join(fixtures, "gort", name);
    const expected = readFileSync(file.replace(/\.ts$/, ".out"), "utf8").trimEnd().split("\n");
    test(`${name}, compiled`, async () => expect(await compiled(file, false)).toEqual(expected));
    test(`${name}, forced`, async () => expect(await compiled(file, true)).toEqual(expected));
  }
});

/** As bundlers write them: in a function that is run once, and in one that it is given. */
const wrapped = {
  "a function around": (text: string) =>
    `(function (exports) { "use strict";\n${text}\nexports.main = main; })(exports);`,
  "a factory": (text: string) =>
    `(function (global, factory) { factory(exports); })(this, (exports) => {\n"use strict";\n${text}\nexports.main = main;\n});`,
  "a list of modules": (text: string) =>
    `var all = function (modules) { var exports = {}; modules[0].call(exports, exports); return exports; }([function (e) { "use strict";\n${text}\ne.main = main }]);
module.exports = all;`,
};
describe("wrapped", () => {
  for (const name of names("")) {
    const file = join(fixtures, name);
    const source = stripTypeScriptTypes(readFileSync(file, "utf8"));
    if (/^import\b|import\.meta|^await\b|^export (?!function |class |const |let )/m.test(source)) continue;
    const bare = source.replace(/^export /gm, "");
    for (const [how, wrap] of Object.entries(wrapped))
      for (const force of [false, true])
        test(`${name}, in ${how}, ${force ? "forced" : "compiled"}`, async () => {
          const written = join(out, `${name}-${how.replaceAll(" ", "-")}.cjs`);
          writeFileSync(written, wrap(bare));
          expect(await compiled(written, force)).toEqual(await plain(written));
        });
  }
});

/** Also where no goroutine runs: in async bodies, which wait by `await`, and in what promises call. */
for (const name of ["async-positions.ts", "async-beside.ts", "generators-calls.ts"])
  test(`${name}, forced in async bodies`, async () => {
    const file = join(fixtures, name);
    const before = R.forcings;
    R.forcesEntries = true;
    try {
      const upTo = (lines: string[]): string[] => lines.slice(0, [...lines, "interleaved"].indexOf("interleaved"));
      expect(upTo(await compiled(file, true))).toEqual(upTo(await plain(file)));
    } finally {
      R.forcesEntries = false;
    }
    expect(R.forcings).toBeGreaterThan(before);
  });

test("forcing suspends at calls and at polls", async () => {
  const before = R.forcings;
  await compiled(join(fixtures, "recursion.ts"), true);
  expect(R.forcings - before).toBeGreaterThan(100);
  const between = R.forcings;
  await compiled(join(fixtures, "loops-while.ts"), true);
  expect(R.forcings - between).toBeGreaterThan(10);
});

describe("refused", () => {
  for (const name of names("refused")) {
    test(name, () => {
      const file = join(fixtures, "refused", name);
      const source = readFileSync(file, "utf8");
      const [, code, line, column] = /^\/\/ expect: (\w+) (\d+):(\d+)/.exec(source) ?? [];
      let error: unknown;
      try {
        compile(source, { filename: file });
      } catch (e) {
        error = e;
      }
      expect(error).toBeInstanceOf(CompileError);
      const { code: got, line: l, column: c, hint } = error as CompileError;
      expect(`${got} ${l}:${c}`).toBe(`${code} ${line}:${column}`);
      expect(hint).not.toBe("");
    });
  }
});
