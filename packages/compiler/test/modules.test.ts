/** Modules of every kind, in real processes: CommonJS and ECMAScript modules, each from the other, JSX, JSON, cycles. */
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const commonjs = '{ "name": "users-project", "private": true }';

/** What `app.ts`, or another file, prints: compiled, and the same with suspensions forced. */
async function printed(files: Record<string, string>, entry = "app.ts"): Promise<string> {
  using project = new UserProject(files);
  const outputs: string[] = [];
  for (const GORT_FORCE of ["0", "1"]) {
    const done = await project.type("node", ["--import", "@gort/compiler/register", entry], { GORT_FORCE });
    expect(done).toMatchObject({ stderr: "", status: 0 });
    outputs.push(done.stdout);
  }
  expect(outputs[1]).toBe(outputs[0]);
  return outputs[0]!;
}

test("every kind of file, each kind from the others", async () => {
  expect(
    await printed(
      {
        "package.json": commonjs,
        "app.mts": `import { createRequire } from "node:module";
        import ts from "./a.ts"; import { b } from "./b.mjs"; import c from "./c.cjs"; import d from "./d.cts"; import { e } from "./e.js";
        import { f } from "./f.tsx"; import { g } from "./g.jsx"; import json from "./h.json" with { type: "json" };
        const require = createRequire(import.meta.url);
        const { main } = require("./i.cjs");
        console.log(ts(), b(), c.c(), d.d(), e(), f, g, json.h, main(), require("./h.json").h, (await import("./h.json", { with: { type: "json" } })).default.h);`,
        "a.ts": `export default function a(): string { return "a"; }`,
        "b.mjs": `export const b = () => "b";`,
        "c.cjs": `exports.c = function () { return "c" + (this === exports) + (require.main === module); };`,
        "d.cts": `import { b } from "./b.mjs"; export function d(): string { return "d" + b(); }`,
        "e.js": `exports.e = () => "e";`,
        "f.tsx": `const h = (name: string, props: { of: number }): string => name + props.of; /** @jsxRuntime classic @jsx h */ export const f: string = <f of={1} />;`,
        "g.jsx": `/** @jsxRuntime classic @jsx h */ const h = (...x) => x.length; export const g = <g>text{1}</g>;`,
        "h.json": `{ "h": "h" }`,
        "i.cjs": `const { b } = require("./b.mjs"); const a = require("./a.ts"); exports.main = () => b() + a.default();`,
      },
      "app.mts",
    ),
  ).toBe("a b ctruefalse db e f1 4 h ba h h\n");
});

test("what TypeScript takes for CommonJS, though written with import and export, knows __filename, __dirname and require", async () => {
  const files = {
    "package.json": '{ "name": "users-project", "private": true, "type": "commonjs" }',
    "app.ts": `import { sep } from "node:path"; import { below } from "./lib/below";
    const old = require("./lib/old.cjs") as { old(): string };
    const end = (path: string) => path.split(sep).slice(-2).join("/");
    console.log(end(__filename).replace(/.*\\//, ""), __filename.startsWith(__dirname), below(), old.old(), typeof require.resolve);
    const own = (__dirname: string) => __dirname; console.log(own("own"));`,
    "lib/below.ts": `const first = early(); export function below(): string { return __dirname.slice(-3) + first; } function early() { return typeof __filename; }`,
    "lib/old.cjs": `exports.old = () => __dirname.slice(-3);`,
  };
  expect(await printed(files)).toBe("app.ts true libstring lib function\nown\n");
  const guarded = `export {}; console.log(typeof require === "undefined" || require.main === module, typeof __dirname);`;
  expect(await printed({ ...files, "app.ts": guarded })).toBe("true string\n");
  const both = `import path = require("node:path"); export {}; console.log(typeof require.resolve, path.basename(require.resolve("./lib/old.cjs")));`;
  expect(await printed({ ...files, "app.ts": both })).toBe("function old.cjs\n");
  const asks = `import { asked } from "./lib/asks"; if (require.main === module) console.log("main", asked);
    if (module != require.main) console.log("not main"); const inner = (module: unknown) => typeof module; console.log(inner(1));`;
  const asked = `export const asked = require.main === module ? "main" : "imported";`;
  expect(await printed({ ...files, "app.ts": asks, "lib/asks.ts": asked })).toBe("main imported\nnumber\n");
  using project = new UserProject({ ...files, "app.ts": asks, "lib/asks.ts": asked });
  expect(await project.gort("run", "app.ts")).toMatchObject({ stdout: "main imported\nnumber\n" });
  // An ECMAScript module for TypeScript too.
  expect(await printed({ "app.ts": "export {}; console.log(typeof __dirname, typeof require);" })).toBe(
    "undefined undefined\n",
  );
});

test("CommonJS is sloppy: this, arguments, functions in blocks, mapped nothing, the wrapper's names", async () => {
  expect(
    await printed(
      {
        "app.cjs": `console.log(this === module.exports, arguments.length, arguments[1] === require, typeof __filename, typeof __dirname);
        exports.x = 1; module.exports.y = 2; console.log(Object.keys(this).join());
        function self() { return this === globalThis; } console.log(self(), (() => this === exports)());
        console.log(typeof inBlock); if (true) { function inBlock() { return "in block"; } } console.log(inBlock());
        undeclared = 5; console.log(globalThis.undeclared, delete globalThis.undeclared);
        function octal() { return 017 + arguments.callee.length; } console.log(octal());
        function strict() { "use strict"; return this === undefined; } console.log(strict());
        if (arguments.length > 0) return; console.log("not reached");`,
      },
      "app.cjs",
    ),
  ).toBe("true 5 true string string\nx,y\ntrue true\nundefined\nin block\n5 true\n15\ntrue\n");
});

test("CommonJS: goroutines are known by where they are started, however gort is required", async () => {
  expect(
    await printed(
      {
        "package.json": commonjs,
        "app.cjs": `const { go, chan, run } = require("gort"); const gort = require("gort"); const { kinds } = require("./b.cts");
        run(() => {
          const c = chan(); go(() => c.send(1)); gort.go(() => c.send(2)); kinds(c);
          console.log(c.recv() + c.recv() + c.recv());
        });`,
        "b.cts": `import { go, type Chan } from "gort"; export function kinds(c: Chan<number>): void { go(() => c.send(3)); }`,
      },
      "app.cjs",
    ),
  ).toBe("6\n");
});

test("TypeScript's own words for CommonJS: import x = require(), export =", async () => {
  expect(
    await printed({
      "package.json": commonjs,
      "app.ts": `import b = require("./b.ts"); import path = require("node:path"); import type T = require("./c.cts");
        import D = b.Inner; const c: typeof T = require("./c.cts");
        console.log(b(2), path.basename("/x/y"), D.z, c.name);`,
      "b.ts": `function b(n: number): number { return n * 2; } namespace b { export namespace Inner { export const z = 3; } } export = b;`,
      "c.cts": `class C { static made = 1; } export = C;`,
    }),
  ).toBe("4 y 3 C\n");
  expect(
    await printed({
      "app.ts": `import fs = require("node:fs"); import { x } from "./x.ts"; console.log(typeof fs.readFileSync, x);`,
      "x.ts": `export import path = require("node:path"); export const x: string = path.basename("/a/x");`,
    }),
  ).toBe("function x\n");
});

test("a module of TypeScript's that is CommonJS is strict, and its `exports` are the module's", async () => {
  const strict = `(function (this: unknown) { return this === undefined; })()`;
  expect(
    await printed(
      {
        "app.cts": `import { a, f, strict } from "./es.cts"; import req = require("./req.cts"); const types = require("./types.cts");
        console.log(a, f(), strict, req, types, ${strict});`,
        "es.cts": `export const a = 1, strict = ${strict}; exports.more = 2; export function f() { return exports.a + module.exports.more; }`,
        "req.cts": `import path = require("node:path"); export = path.basename("/x/y") + ${strict};`,
        "types.cts": `import type { X } from "./none.cts"; module.exports = ${strict} satisfies X;`,
      },
      "app.cts",
    ),
  ).toBe("1 3 true ytrue true true\n");
});

test("live bindings: reassigned exports, defaults, re-exports, namespaces", async () => {
  expect(
    await printed({
      "app.ts": `import def, { count, up, other as renamed, Klass, star } from "./a.ts"; import * as all from "./a.ts"; import named from "./b.ts";
        console.log(count, def(), renamed); up(); up();
        console.log(count, all.count, def.name, renamed, new Klass().v, star, Object.keys(all).join(), named, all.nested.b);
        const later = (await import("./a.ts")).count; console.log(later, all === (await import("./a.ts")));`,
      "a.ts": `export let count: number = 0; let hidden = "one"; export { hidden as other };
        export function up(): void { count++; hidden += "+"; ({ count } = { count: count * 10 }); for (Klass.n of [1]) ; }
        export default function () { return count; } export class Klass { static n = 0; v = Klass.n; }
        export * from "./b.ts"; export * as nested from "./b.ts"; export { default as fromDefault } from "./b.ts";`,
      "b.ts": `export const star = "star", b = 1; let value = "default"; export default value; value = "changed";`,
    }),
  ).toBe(
    "0 0 one\n110 110 default one++ 1 star Klass,b,count,default,fromDefault,nested,other,star,up default 1\n110 true\n",
  );
});

test("cycles: functions of a module are called before its body ran", async () => {
  expect(
    await printed({
      "app.ts": `import { a } from "./a.ts"; console.log(a(3));`,
      "a.ts": `import { b, early } from "./b.ts"; export function a(n: number): number { return n <= 0 ? 0 : 1 + b(n - 1); }
        export function looped(f: () => number): number { let s = 0; for (let i = 0; i < 3; i++) s += f(); return s; }
        export class Later {} export default function (): string { return "default " + looped(() => 1); }
        console.log("a", early, looped(() => 2));`,
      "b.ts": `import { a, looped } from "./a.ts"; import def, * as all from "./a.ts";
        export function b(n: number): number { return a(n) * 2; }
        export const early = looped(() => 1) + a(2); console.log("b", early, def());
        try { void all.Later; } catch (e) { console.log((e as Error).name); }`,
    }),
  ).toBe("b 6 default 3\nReferenceError\na 6 6\n7\n");
});

test("cycles in CommonJS: what is exported so far is there", async () => {
  expect(
    await printed(
      {
        "app.cjs": `exports.early = function (f) { let s = 0; for (let i = 0; i < 2; i++) s += f(); return s; }; hoisted.tag = 1;
        module.exports.hoisted = hoisted; const b = require("./b.cjs"); function hoisted(n) { return n === 0 ? 0 : 1 + hoisted(n - 1); }
        console.log(b.done);`,
        "b.cjs": `const a = require("./app.cjs"); exports.done = a.early(() => 2) + a.hoisted(3);`,
      },
      "app.cjs",
    ),
  ).toBe("7\n");
});

test("dynamic imports: the argument suspends, what is not there is rejected; import.meta", async () => {
  expect(
    await printed({
      "app.ts": `import { run, wait, go, chan } from "gort";
        const names = chan<string>();
        await run(() => {
          go(() => { names.send("./a"); names.send("./missing"); });
          const a = wait(import(names.recv() + ".ts")); console.log((a as { a: number }).a);
          try { wait(import(names.recv() + ".ts")); } catch (e) { console.log((e as NodeJS.ErrnoException).code); }
          console.log(import.meta.url.endsWith("/app.ts"), import.meta.filename?.endsWith("app.ts"), import.meta.resolve("./a.ts").endsWith("/a.ts"), import.meta.dirname === process.cwd());
        });`,
      "a.ts": `export const a: number = await Promise.resolve(1);`,
    }),
  ).toBe("1\nERR_MODULE_NOT_FOUND\ntrue true true true\n");
});

test("hashbang, byte order mark, CRLF, line separators: lines and columns stay the user's", async () => {
  const text = (eol: string): string =>
    [
      "function f(g: () => void): void {",
      '  const s = "\u2028", t = `a',
      "b`;",
      "  g();",
      "  throw new Error(JSON.stringify([s, t]));",
      "}",
      "try { f(() => {}); } catch (e) {",
      "  console.log((e as Error).message, /app\\w*\\.ts:(\\d+:\\d+)/.exec((e as Error).stack!)![1]);",
      "}",
      "",
    ].join(eol);
  for (const [start, eol, place] of [
    ["#!/usr/bin/env gort\n", "\n", "6:9"],
    ["\uFEFF", "\n", "5:9"],
    ["#!/usr/bin/env gort\r\n", "\r\n", "6:9"],
    ["enum E { A }\r\n", "\r\n", "6:9"],
    ["\uFEFFenum E { A }\n", "\n", "6:9"],
  ] as const)
    expect(await printed({ "app.ts": start + text(eol) })).toBe(`["\u2028","a\\nb"] ${place}\n`);
});

test('"use no gort" leaves files of every kind as they are, and single functions', async () => {
  expect(
    await printed({
      "app.ts": `import { E, text } from "./a.ts"; import { b } from "./b.tsx"; import c from "./c.cjs"; import { d } from "./d.ts";
        console.log(E.A, text, b, c.c(), d());`,
      "a.ts": `"use no gort"; export enum E { A = 1 } export const text = /\\$R/.test(String(f)); function f(g: () => void) { g(); }`,
      "b.tsx": `// @jsxRuntime classic\n"use no gort"; /** @jsxRuntime classic @jsx h */ const h = (n: string): string => n; export const b = <b />;`,
      "c.cjs": `"use no gort"; with ({ v: "c" }) exports.c = () => v;`,
      "d.ts": `function one(g: () => void): void { "use no gort"; g(); } function two(g: () => void): void { g(); }
        export const d = (): string => [one, two].map((f) => /leave/.test(String(f))).join();`,
    }),
  ).toBe("1 false b c false,true\n");
});

test("stacks and thrown errors of rewritten files are in the user's lines", async () => {
  using project = new UserProject({
    "app.tsx": `enum Color {\n  Red,\n}\n\nfunction f(n: number): never {\n  throw new Error("boom " + Color[n]);\n}\n\nf(Color.Red);\n`,
    "plain.ts": `"use no gort";\nenum Color {\n  Red,\n}\nthrow new Error(Color[0]);\n`,
  });
  const done = await project.type("node", ["--import", "@gort/compiler/register", "app.tsx"]);
  expect(done.stderr).toMatch(/at f \(.*app\.tsx:6:9\)/);
  expect(done.stderr).toMatch(/app\.tsx:9:1\)?\n/);
  const plain = await project.type("node", ["--import", "@gort/compiler/register", "plain.ts"]);
  expect(plain.stderr).toMatch(/plain\.ts:5:7\)?\n/);
});

test("export default beside type imports, and of a value that shares its name with a type", async () => {
  expect(
    await printed({
      "app.ts": `import a from "./a.ts"; import b from "./b.ts"; import c from "./c.ts"; import d from "./d.ts";
        console.log(a(), b(), c, new d().x);`,
      "a.ts": `import type { T } from "./t.ts"; export default function (): T { return "a"; }`,
      "b.ts": `import type * as t from "./t.ts"; export default (): t.T => "b";`,
      "c.ts": `import type { T } from "./t.ts"; interface C { x: T } const C: C = { x: "c" }; export default C;`,
      "d.ts": `interface D { y: number } class D { x = "d"; } export default D;`,
      "t.ts": `export type T = string; interface Only { x: 1 } export default Only;`,
    }),
  ).toBe("a b { x: 'c' } d\n");
});

/** What other compilers and bundlers make of exports; Node.js reads the names off the text. */
const exporters = {
  "dep.cjs": `exports.dep = function () { return 1; }; exports.dep2 = 2;`,
  "umd.cjs": `(function (global, factory) { typeof exports === "object" && typeof module !== "undefined" ? factory(exports) : factory(global.X = {}); })(this, (function (exports) {
    function g(x) { return x ? h(x - 1) : 1; } function h(x) { return g(x); } var q = require("./dep.cjs"); exports.g = g; exports.h = h;
    Object.defineProperty(exports, "q", { enumerable: true, get: function () { return q.dep; } }); Object.defineProperty(exports, "__esModule", { value: true }); }));`,
  "star.cjs": `Object.defineProperty(exports, "__esModule", { value: true }); var _dep = require("./dep.cjs");
    Object.keys(_dep).forEach(function (key) { if (key === "default" || key === "__esModule") return; if (key in exports && exports[key] === _dep[key]) return;
      Object.defineProperty(exports, key, { enumerable: true, get: function () { return _dep[key]; } }); });`,
  "shadow.cjs": `var g = typeof exports; (function (exports) { exports.s = function () { return exports.s; }; (function () { exports.default = g; })(); })(exports);`,
  "bundle.cjs": `(() => { var modules = { 1: (module, exports, load) => { exports.one = () => load(2).two; exports.early = 1; }, 2: (module, exports, load) => { exports.two = () => load(1); } };
    var made = {}; function load(i) { var m = made[i]; if (m) return m.exports; m = made[i] = { exports: {} }; modules[i](m, m.exports, load); return m.exports; } module.exports = load(1); })();`,
};

test("names that CommonJS exports by way of other compilers can be imported", async () => {
  const names = Object.keys(exporters).map((file) => file.replace(".cjs", ""));
  const app = `${names.map((n) => `import * as ${n} from "./${n}.cjs";`).join("\n")}\n${names.map((n) => `console.log("${n}", Object.keys(${n}).join());`).join("\n")}`;
  const files = { "package.json": commonjs, "app.mjs": app, ...exporters };
  using project = new UserProject(files);
  const { stdout } = await project.type("node", ["app.mjs"]);
  expect(stdout).toContain("star __esModule,default,dep,dep2");
  expect(await printed(files, "app.mjs")).toBe(stdout);
});

test("what is exported under the names of the compiler's own variables", async () => {
  expect(
    await printed(
      {
        "package.json": commonjs,
        "app.mjs": `import $F, { $e, $p as $M, $R, $0 } from "./short.mjs"; import * as $U from "./short.mjs"; import { $v } from "./short.cjs";
        export function run(x) { try { throw $e(x); } catch { return $M + x + $R.name + $0; } }
        console.log(run(1), $F(), Object.keys($U).join(), $v());`,
        "short.mjs": `let $v = 1; const $o = { $v }; export const $e = (x) => x + $v, { $p } = { $p: 2 }; export class $R {} export function $d() { return $v++; } export { $o as $0 }; export default function $F() { $d(); return $F.name + $v; }`,
        "short.cjs": `const $R = 3; function $U(x) { return x ? $U(x - 1) : $R; } exports.$v = () => $U(2);`,
      },
      "app.mjs",
    ),
  ).toBe("3$R[object Object] $F2 $0,$R,$d,$e,$p,default 3\n");
});

test("types passed on as if they were values, as TypeScript does that sees the whole program", async () => {
  const files = {
    "package.json": '{ "name": "users-project", "private": true, "type": "module" }',
    "app.ts": `import * as all from "./all.ts"; import { row, table, type Row, Size } from "./all.ts"; import { Kind } from "./kinds.ts";
    const r: Row = row(2); const k: Kind = "a";
    console.log(JSON.stringify(table(r)), k, Size.of(1), Object.keys(all).join());`,
    // Of a module that is named for types alone nothing is loaded.
    "all.ts": `// export { row } from "./nowhere": no export, but a comment
    import { Made, made, Shape as Form } from "./made.ts";
    const text = \`export { Row } from "./row.ts"\`; if (text.length !== 30) throw new Error(text);
    export { Made, made, Form };
    export { type Column, Row, row,
      Table as Sheet, table, } from "./row.ts"; export { Only, Other as Another } from "./types.ts"; export { Size } from "./row.ts";
    export { Deep, deep } from "./stars.ts"; export { Row as Line } from "./stars.ts";`,
    "row.ts": `export interface Row { n: number } export type Column = string; interface Table { rows: Row[] }
    export { Table }; export const row = (n: number): Row => ({ n }); export function table(r: Row): Table { return { rows: [r] }; }
    export interface Size { n: number } export const Size = { of: (n: number): Size => ({ n }) };`,
    "types.ts": `console.log("loaded"); export interface Only { a: 1 } export type Other = 2;`,
    "made.ts": `export class Made {} export const made = new Made(); export type Shape = { a: number };`,
    "stars.ts": `export * from "./stars.ts"; export * from "./deep"; export type * from "./row.ts";`,
    "deep/index.ts": `export { Deep } from "./type"; export let deep = 1; deep = 2;`,
    "deep/type.ts": `export default class {} type Deep = number; export { Deep };`,
    "kinds.ts": `import { Kind } from "./types-of.ts"; export { Kind };`,
    "types-of.ts": `type Kind = "a" | "b"; export type { Kind };`,
  };
  expect(await printed(files)).toBe('{"rows":[{"n":2}]} a { n: 1 } Made,Size,deep,made,row,table\n');
  // Where imports stand as written, the mistake is the program's.
  using project = new UserProject({
    ...files,
    "tsconfig.json": `{ "compilerOptions": { "verbatimModuleSyntax": true } }`,
  });
  const done = await project.type("node", ["--import", "@gort/compiler/register", "app.ts"]);
  expect(done.stderr).toMatch(/does not provide an export named '\w+'/);
});
