/** `node --import @gort/compiler/register`, as a user types it. */
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const register = ["--import", "@gort/compiler/register"];

test.each(["named by GORT_INCLUDE", "asks for it"])(
  "stacks show the lines of a package that is compiled: it is %s",
  async (how) => {
    const asks = how === "asks for it";
    using project = new UserProject({
      "app.ts": `import p from "p";\ntry { p.call((x: number) => x, 2); } catch (e) { console.log((e as Error).stack); }`,
      "node_modules/p/package.json": JSON.stringify({ name: "p", main: "p.js", gort: asks ? { compile: true } : {} }),
      "node_modules/p/p.js": `// One.\n\n\nfunction inner(x) {\n  if (x > 1) {\n    throw new Error("boom");\n  }\n  return x;\n}\nexports.call = (f, x) => {\n  const a = f(x);\n  return inner(a);\n};\n`,
    });
    const done = await project.type("node", [...register, "app.ts"], asks ? {} : { GORT_INCLUDE: "p" });
    expect(done).toMatchObject({ stderr: "", status: 0 });
    expect(done.stdout).toMatch(/at inner \(.*p\.js:6:11\)\n.*p\.js:12:10\)\n.*app\.ts:2:\d/);
  },
);

test("compiles what is loaded: TypeScript, JavaScript, both module kinds, dynamic imports", async () => {
  using project = new UserProject({
    "app.ts": `import { run, gosched } from "gort";
      import { a } from "./a.ts";
      import { b } from "./b.mts";
      import { c } from "./c.js";
      import { d } from "./d.mjs";
      import e from "./e.cts";
      import f from "./f.cjs";
      interface Names { all: string[] }
      const names: Names = { all: [a(), b(), c(), d(), e.e(), f.f()] };
      await run(() => { gosched(); console.log(names.all.join(" ")); });
      const { g } = await import("./g.ts");
      console.log(g as string);`,
    "a.ts": `export const a = (): string => "a";`,
    "b.mts": `export const b = (): string => "b";`,
    "c.js": `export const c = () => "c";`,
    "d.mjs": `export const d = () => "d";`,
    "e.cts": `const e = (): string => "e"; module.exports = { e };`,
    "f.cjs": `const { e } = require("./e.cts"); module.exports = { f: () => e() + "f" };`,
    "g.ts": `export const g: string = "g";`,
  });
  const done = await project.type("node", [...register, "app.ts"]);
  expect(done).toMatchObject({ stderr: "", stdout: "a b c d e ef\ng\n", status: 0 });
});

test("who listens for uncaught exceptions hears of one while loading once", async () => {
  const app = `process.on("uncaughtException", (e) => console.log(e.message));\nexport function main(): void {}\nthrow new Error("x");\n`;
  using project = new UserProject({ "app.ts": app });
  expect(await project.type("node", [...register, "app.ts"])).toMatchObject({ stderr: "", stdout: "x\n" });
  expect(await project.gort("run", "app.ts")).toMatchObject({ stderr: "", stdout: "x\n" });
});

test("blocking works across modules, in ECMAScript modules and CommonJS", async () => {
  using project = new UserProject({
    "app.ts": `import { chan, go, run } from "gort";
      import { add } from "./add.ts";
      import { twice } from "./twice.cjs";
      await run(() => {
        const c = chan<number>();
        go(() => c.send(20));
        console.log(add(() => twice(() => c.recv()!), 1) + 1);
      });`,
    "add.ts": `export function add(f: () => number, n: number): number { return f() + n; }`,
    "twice.cjs": `module.exports.twice = function twice(f) { return f() * 2; };`,
  });
  expect(await project.type("node", [...register, "app.ts"])).toMatchObject({ stderr: "", stdout: "42\n", status: 0 });
});

test("TypeScript's ./x.js for ./x.ts is found; what is missing is named as written", async () => {
  using project = new UserProject({
    "app.ts": `import { x } from "./x.js";\nconsole.log(x);`,
    "x.ts": `export const x = 1;`,
    "missing.ts": `import { y } from "./y.js";\nconsole.log(y);`,
  });
  expect(await project.type("node", [...register, "app.ts"])).toMatchObject({ stderr: "", stdout: "1\n" });
  const missing = await project.type("node", [...register, "missing.ts"]);
  expect(missing.status).toBe(1);
  expect(missing.stderr).toMatch(/Cannot find module '.*y\.js'/);
});

test("stacks show the user's own TypeScript lines", async () => {
  using project = new UserProject({
    "app.ts": `interface A {\n  a: number;\n}\n\nfunction f(a: A): never {\n  throw new Error("boom " + a.a);\n}\n\nf({ a: 1 });\n`,
  });
  const done = await project.type("node", [...register, "app.ts"]);
  expect(done.status).toBe(1);
  expect(done.stderr).toMatch(/at f \(.*app\.ts:6:9\)/);
  expect(done.stderr).toMatch(/app\.ts:9:1\)?\n/);
});

test('"use no gort" keeps a file as it is, without its types', async () => {
  using project = new UserProject({
    "app.ts": `import { plain } from "./plain.ts";
      import { compiled } from "./compiled.ts";
      console.log(/\\$/.test(plain.toString()), /\\$/.test(compiled.toString()));`,
    "plain.ts": `// a comment\n"use no gort";\nexport function plain(f: () => number): number { return f(); }`,
    "compiled.ts": `export function compiled(f: () => number): number { return f(); }`,
  });
  expect(await project.type("node", [...register, "app.ts"])).toMatchObject({
    stderr: "",
    stdout: "false true\n",
    status: 0,
  });
});

test("packages are compiled when they are named or ask for it, and left alone otherwise", async () => {
  const text = "export function f(g) { return g(); }";
  const lib = (name: string, extra = ""): Record<string, string> => ({
    [`node_modules/${name}/package.json`]: `{ "name": "${name}", "type": "module", "exports": "./index.js"${extra} }`,
    [`node_modules/${name}/index.js`]: text,
  });
  using project = new UserProject({
    ...lib("left-alone"),
    ...lib("asks", ', "gort": { "compile": true }'),
    ...lib("@scope/named"),
    "app.ts": `import * as a from "left-alone"; import * as b from "asks"; import * as c from "@scope/named";
      console.log([a, b, c].map((m) => m.f.toString() !== ${JSON.stringify(text.replace("export ", ""))}).join());`,
  });
  const done = await project.type("node", [...register, "app.ts"], { GORT_INCLUDE: "@scope/named" });
  expect(done).toMatchObject({ stderr: "", stdout: "false,true,true\n", status: 0 });
});

test("a program that is in the cache starts without the compiler, also where only their syntax tells what its packages' files are", async () => {
  using project = new UserProject({
    "node_modules/older/package.json": `{ "name": "older" }`,
    "node_modules/older/index.js": "// What it exports: import and export it.\nexports.f = function f() { return 1; };",
    "node_modules/newer/package.json": `{ "name": "newer" }`,
    "node_modules/newer/index.js": "export function f() { return 2; }",
    "app.ts": `import { createRequire } from "node:module";
      import older from "older";
      import { f } from "newer";
      const loaded = Object.keys(createRequire(import.meta.url).cache).some((file) => /[/\\\\]whole\\.[jt]s$/.test(file));
      console.log(older.f(), f(), loaded as boolean);`,
  });
  const named = { GORT_INCLUDE: "older,newer" };
  const first = await project.type("node", [...register, "app.ts"], named);
  expect(first).toMatchObject({ stderr: "", stdout: "1 2 true\n", status: 0 });
  const second = await project.type("node", [...register, "app.ts"], named);
  expect(second).toMatchObject({ stderr: "", stdout: "1 2 false\n", status: 0 });
});

test("threads of a program that is in the cache start without it too, where only their syntax tells what its files are", async () => {
  using project = new UserProject({
    "app.ts": `import { blocking, parallel, run } from "gort";
      import { createRequire } from "node:module";
      const has = parallel((): boolean =>
        Object.keys(createRequire(import.meta.url).cache).some((file) => /[/\\\\]whole\\.[jt]s$/.test(file)));
      run(() => console.log(blocking(has)));`,
  });
  const first = await project.type("node", [...register, "app.ts"]);
  expect(first).toMatchObject({ stderr: "", stdout: "true\n", status: 0 });
  const second = await project.type("node", [...register, "app.ts"]);
  expect(second).toMatchObject({ stderr: "", stdout: "false\n", status: 0 });
});

test("packages the compiler itself is made of can be named", async () => {
  using project = new UserProject({ "app.ts": `console.log("runs" as string);` });
  const named = { GORT_INCLUDE: "@jridgewell/sourcemap-codec,oxc-parser", GORT_CACHE: "0" };
  const done = await project.type("node", [...register, "app.ts"], named);
  expect(done).toMatchObject({ stderr: "", stdout: "runs\n", status: 0 });
});

test("a file that cannot be compiled: code, place, frame and cure; exit status 1", async () => {
  using project = new UserProject({
    "app.ts": `console.log("ran");\nimport "./b.ts";\n`,
    "b.ts": "export const f = 1 + $R;\n",
  });
  const done = await project.type("node", [...register, "app.ts"]);
  expect(done).toMatchObject({ stdout: "", status: 1 });
  expect(done.stderr).toContain("GORT_UNSUPPORTED");
  expect(done.stderr).toMatch(/b\.ts:1:22/);
  expect(done.stderr).toContain("> 1 | export const f = 1 + $R;\n    |                      ^\n");
  expect(done.stderr).toContain("Instead:");
});

test("a file whose name has spaces and signs, and an import with a query", async () => {
  using project = new UserProject({});
  project.write({ "sub folder/b.ts": "export const x: number = 2;" });
  project.write({
    "sub folder/ä #1.ts": `import { parallel } from "gort";\nimport { x } from "./b.ts?query";
const same = parallel((n: number) => n);
console.log(x as number, same.name);`,
  });
  const done = await project.type("node", [...register, "sub folder/ä #1.ts"]);
  expect(done).toMatchObject({ stderr: "", stdout: "2 same\n", status: 0 });
});

test("a file with a byte order mark: before a hashbang too, and columns are Node's", async () => {
  using project = new UserProject({
    "a.ts": '\uFEFF#!/usr/bin/env node\nimport { y } from "./b.mjs";\nconsole.log("a", y as number);',
    "b.mjs": '\uFEFF#!/usr/bin/env node\n"use no gort";\nexport const y = (() => 1).toString().length;',
    "c.mjs": '\uFEFFconsole.log(new Error("here").stack.split("\\n")[1]);',
    "bad.mts": "\uFEFFlet x = ;",
  });
  expect(await project.type("node", [...register, "a.ts"])).toMatchObject({ stderr: "", stdout: "a 7\n", status: 0 });
  expect((await project.type("node", [...register, "c.mjs"])).stdout).toMatch(/c\.mjs:1:13\)?\n/);
  const { stderr } = await project.type("node", [...register, "bad.mts"]);
  expect(stderr).toContain("> 1 | let x = ;\n    |         ^\n");
  const checked = await project.type("npx", ["gort", "check", "a.ts"]);
  expect(checked.stdout).toContain("1 file: ");
});

test("node:test: a body that blocks, plain and by goTest", async () => {
  using project = new UserProject({
    "app.test.ts": `import test from "node:test";
      import assert from "node:assert/strict";
      import { after, chan, go, sleep } from "gort";
      import { goTest } from "gort/testing";
      const ch = chan<number>();
      const seen: number[] = [];
      test("plain", () => { go(() => { sleep(1); ch.send(1); }); seen.push(ch.recv()!); assert.deepEqual(seen, [1]); });
      test("goTest", goTest(() => { go(() => ch.send(2)); seen.push(ch.recv()!); assert.deepEqual(seen, [1, 2]); }));
      test("async", async () => { sleep(1); go(() => ch.send(3)); seen.push(ch.recv()!); assert.deepEqual(seen, [1, 2, 3]); });
      test("fails after it blocked", () => { sleep(1); throw new Error("late"); });`,
  });
  const { stdout, status } = await project.type("node", [...register, "--test-reporter=tap", "--test", "app.test.ts"]);
  expect(stdout).toContain("# pass 3\n# fail 1");
  expect(stdout).toContain("late");
  expect(status).toBe(1);
});

test("node:test: a test started in a goroutine is part of the one around it", async () => {
  using project = new UserProject({
    "app.test.ts": `import test from "node:test";
      import { run, sleep } from "gort";
      import { goTest } from "gort/testing";
      const inner = async () => { await test("first", () => {}); sleep(1); await test("second", () => sleep(1)); };
      test("plain", inner);
      test("run", () => run(inner));
      test("goTest", goTest(inner));
      test("blocks", () => { sleep(1); test("inside", () => {}); sleep(5); });`,
  });
  const { stdout } = await project.type("node", [...register, "--test-reporter=tap", "--test", "app.test.ts"]);
  const results = stdout.match(/^ *(?:not )?ok .*$/gm);
  const two = ["    ok 1 - first", "    ok 2 - second"];
  expect(results).toEqual([
    ...two,
    "ok 1 - plain",
    ...two,
    "ok 2 - run",
    ...two,
    "ok 3 - goTest",
    "    ok 1 - inside",
    "ok 4 - blocks",
  ]);
});

test("blocking where a native function or a library waits for the result is loud, and names it", async () => {
  using project = new UserProject({
    "app.ts": `import { chan } from "gort";
      import assert from "node:assert";
      import { each } from "lib";
      const ch = chan<number>();
      const next = (): number => ch.recv()!;
      const attempt = (f: () => unknown): void => {
        try { f(); console.log("nothing"); } catch (e) { console.log((e as { code: string }).code, (e as Error).message.split(";")[0]); }
      };
      setTimeout(() => {
        attempt(() => JSON.stringify({ toJSON: () => next() }));
        new Promise(() => next()).catch((e: Error) => console.log(e.message.split(";")[0]));
        attempt(() => each([1], () => next()));
        attempt(() => assert.throws(() => next(), RangeError));
        attempt(() => [3, 1].map(String).toString.call({ join: () => next() }));
        console.log(ch.len, "still here");
      });`,
    "node_modules/lib/package.json": `{ "name": "lib", "type": "module", "exports": "./index.js" }`,
    "node_modules/lib/index.js": `export function each(list, f) { for (const x of list) f(x); }`,
  });
  const { stdout, status } = await project.type("node", [...register, "app.ts"]);
  expect(stdout.replaceAll(/\(file:\S+\)/g, "(FILE)")).toMatchInlineSnapshot(`
    "GORT_NO_GOROUTINE gort: a blocking operation was called with no goroutine under it: called by JSON.stringify
    GORT_NO_GOROUTINE gort: a blocking operation was called with no goroutine under it: called by each (FILE)
    ERR_ASSERTION The error is expected to be an instance of "RangeError". Received "GortError"

    Error message:

    gort: a blocking operation was called with no goroutine under it: called by getActual
    GORT_NO_GOROUTINE gort: a blocking operation was called with no goroutine under it: called by Object.toString
    0 still here
    gort: a blocking operation was called with no goroutine under it: called by new Promise
    "
  `);
  expect(status).toBe(0);
});

test("a module that awaits at its top waits there for what blocks, too", async () => {
  using project = new UserProject({
    "app.ts": `import { chan, go, sleep, type Chan } from "gort";
      import { value, Late } from "./dep.ts";
      const ch: Chan<number> = chan<number>();
      go(() => { for (let i = 0; i < 6; i++) { sleep(1); ch.send(i); } });
      await null;
      const take = (): number => ch.recv()!;
      class Box { readonly v: number; constructor() { this.v = take(); } }
      console.log(value, new Late().v, take() + take(), [ch.recv(), await Promise.resolve(9)], new Box().v);
      if (take() === 4) console.log(\`last \${take()}\`);
      for (const x of [1]) { sleep(1); console.log("slept", x); }
      const boom = (): never => { sleep(1); throw new Error("after it slept"); };
      try { boom(); } catch (e) { console.log((e as Error).message); }
      const chained = { f: (): (() => string) => () => (sleep(1), "chained") };
      console.log(chained.f()());
      const own = { m<T>(x: T): T { sleep(1); return x; }, tag(s: TemplateStringsArray, n: number): unknown { sleep(1); return [this === own, s.raw[0], n]; } };
      console.log(own.tag\`a\${own.m(7)}\`, own.m(own)?.m.name, own.m(null as typeof own | null)?.[own.m("m")], own?.[own.m("m")].length);`,
    "dep.ts": `import { sleep } from "gort";
      const late = (): string => { sleep(2); return "from dep"; };
      export const value = (await null, late());
      export class Late { v = "late"; }`,
  });
  const done = await project.type("node", [...register, "app.ts"]);
  expect(done).toMatchObject({
    stderr: "",
    stdout: "from dep late 1 [ 2, 9 ] 3\nlast 5\nslept 1\nafter it slept\nchained\n[ true, 'a', 7 ] m undefined 1\n",
    status: 0,
  });
});

test("a module that blocks while a goroutine requires it is told so, also in what a bundler puts around it", async () => {
  const blocks = `const ch = chan(1); go(() => { sleep(1); ch.send(1); }); exports.v = ch.recv();`;
  using project = new UserProject({
    "app.cjs": `const { run } = require("gort");
      run(() => {
        for (const file of ["./plain.cjs", "./around.cjs", "./given.cjs", "./later.mjs"])
          try { console.log(require(file)); } catch (e) { console.log(e.code, /\\w+ receive at .*?\\/(\\w+\\.[cm]js:\\d+)/.exec(e.message)[1], /below [a-z ]+module/.exec(e.message)[0]); }
      });`,
    "later.mjs": `import { chan, go, sleep } from "gort";\nconst exports = {}; ${blocks}\nexport const { v } = exports;`,
    "plain.cjs": `const { chan, go, sleep } = require("gort");\n${blocks}`,
    "around.cjs": `const { chan, go, sleep } = require("gort");\n\n(function () { ${blocks} })();`,
    "given.cjs": `(function (root, factory) { factory(exports, require("gort")); })(this, function (exports, { chan, go, sleep }) {});
      (function (root, factory) { factory(exports, require("gort")); })(this, function (exports, gort) { var { chan, go, sleep } = gort;\n ${blocks} });`,
  });
  const done = await project.type("node", [...register, "app.cjs"]);
  const where = "below the top level of a module";
  const expected = ["plain.cjs:2", "around.cjs:3", "given.cjs:3", "later.mjs:2"].map(
    (at) => `GORT_NATIVE_FRAME ${at} ${where}\n`,
  );
  expect(done).toMatchObject({ stderr: "", stdout: expected.join(""), status: 0 });
});

test("without it, the top of a module is no place to block", async () => {
  using project = new UserProject({
    "app.ts": `import { sleep } from "gort";
      const late = (): void => sleep(1);
      try { late(); } catch (e) { console.log((e as { code: string }).code, (e as Error).message.includes("the top level of a module")); }`,
  });
  const done = await project.type("node", [...register, "app.ts"]);
  expect(done).toMatchObject({ stdout: "GORT_NO_GOROUTINE true\n", status: 0 });
});

test("a program that exports main and starts nothing is told so; one that starts something itself, or fails, is not", async () => {
  using project = new UserProject({
    "silent.ts": `import { sleep } from "gort";\nexport function main(): void { sleep(1); console.log("ran"); }`,
    "plain.ts": `export const main = (): void => console.log("ran");`,
    "later.ts": `import { run } from "gort";\nexport function main(): void { console.log("ran"); }\nsetTimeout(() => void run(main), 5);`,
    "goes.ts": `import { go } from "gort";\nexport function main(): void { console.log("ran"); }\ngo(main);`,
    "none.ts": `import "gort";\nimport { main } from "./plain.ts";\nmain();`,
    "fails.ts": `export function main(): void {}\nprocess.exitCode = 3;`,
    "silent.cts": `exports.main = function main(): void {};`,
  });
  for (const name of ["silent.ts", "plain.ts"]) {
    const done = await project.type("node", [...register, name]);
    expect(done).toMatchObject({ stdout: "", status: 1 });
    expect(done.stderr).toMatch(
      new RegExp(
        `^gort: /.*/${name} exports main, which nothing has started\\. Run it with .npx gort run., or call .run\\(main\\). in it`,
      ),
    );
  }
  for (const name of ["later.ts", "goes.ts", "none.ts"])
    expect(await project.type("node", [...register, name])).toMatchObject({ stdout: "ran\n", stderr: "", status: 0 });
  expect(await project.type("node", [...register, "fails.ts"])).toMatchObject({ stdout: "", stderr: "", status: 3 });
  expect((await project.type("node", [...register, "silent.cts"])).status).toBe(1);
});
