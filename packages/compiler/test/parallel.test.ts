/** Parallel functions: ids, slices, and what they may not do. */
import { expect, test } from "vitest";
import { compile } from "../src/compile.ts";
import { CompileError } from "../src/errors.ts";

const head = 'import { chan, go, parallel, perThread, Mutex, type Chan } from "gort";\n';

function sliced(text: string, slice: string): string {
  const { code } = compile(head + text, { filename: "/app/main.ts", slice, positions: false });
  return code;
}

/** Code and text of the refusal. */
function refusal(text: string): string {
  try {
    compile(head + text, { filename: "/app/main.ts" });
  } catch (e) {
    if (e instanceof CompileError) return `${e.line}:${e.column} ${e.message}`;
    throw e;
  }
  return "nothing";
}

test("a parallel function gets an id, and the URL of its slice", () => {
  const { code } = compile(`${head}export const f = parallel((n: number) => n);`, { filename: "/app/main.ts" });
  expect(code).toMatch(
    /parallel\(.*,\s*"\/app\/main\.ts#f#[0-9a-f]{12}",\s*"file:\/\/\/app\/main\.ts\?gort-slice=f"\)/,
  );
});

test("a slice has what the function reaches, and no statement", () => {
  const code = sliced(
    `import { used, unused } from "./other.ts";
import * as all from "./all.ts";
import fs from "node:fs";
const table = [1, 2, 3];
let count = 0;
function helper(n: number): number { return used(n) + table.length; }
function other(): void { count++; listen(); }
export const f = parallel((n: number) => helper(n) + fs.readFileSync.length);
export class Server { port = unused(); all = all; }
listen();
export function main(): void { go(f, 1); other(); }`,
    "f",
  );
  expect(code).toMatch(/from ?"\.\/other\.ts\?gort-slice=used"/);
  expect(code).toMatch(/from ?"\.\/main\.ts\?gort-slice=table"/);
  expect(code).toMatch(/from ?"node:fs"/);
  for (const absent of ["listen", "unused", "Server", "main()", "count", "all.ts", "const table"])
    expect(code).not.toContain(absent);
});

test("a variable's slice is the variable", () => {
  const text = "export const a = 1, b = a + 1;\nconst f = parallel(() => b);";
  const code = sliced(text, "b");
  expect(code).toMatch(/b ?=/);
  expect(code).toMatch(/from ?"\.\/main\.ts\?gort-slice=a"/);
  expect(code).not.toContain("parallel(");
});

test("names that are exported under another, passed on, or default", () => {
  expect(sliced("function inner(): void {}\nexport { inner as outer };", "outer")).toMatch(
    /export ?\{ ?inner as outer ?\}/,
  );
  expect(sliced('export { x as y } from "./x.ts";', "y")).toMatch(
    /export ?\{ ?x as y ?\} ?from ?"\.\/x\.ts\?gort-slice=x"/,
  );
  expect(sliced('export * from "./x.ts";', "y")).toMatch(/export ?\* ?from ?"\.\/x\.ts\?gort-slice=y"/);
  expect(sliced('export * as ns from "./x.ts";', "ns")).toContain('"./x.ts?gort-slice=*"');
  expect(sliced("export default function () { return 1; }", "default")).toContain("export default function");
  for (const named of ["function named() { return 1; }", "class named {}", "async function named() {}"]) {
    const code = sliced(`export default ${named}\nexport const f = parallel(() => named);`, "default");
    expect(code).not.toContain("export default");
    expect(code).toMatch(/export ?\{ ?named as default ?\}/);
    expect(sliced(`export default ${named}\nexport const f = parallel(() => named.name);`, "f")).not.toContain(
      "default",
    );
  }
});

test("state of the module is refused, by its name", () => {
  const state = "GORT_PARALLEL_STATE";
  expect(refusal("let n = 0;\nconst f = parallel(() => { n = 1; });")).toMatch(new RegExp(`3:28 .*${state}.*\`n\``));
  expect(refusal("let n = 0;\nn = 2;\nconst f = parallel(() => n);")).toContain(state);
  expect(refusal("const m = new Map();\nconst f = parallel(() => { m.set(1, 2); });")).toContain("perThread");
  expect(refusal("const o = { a: 1 };\nconst f = parallel(() => { o.a++; });")).toContain("`o`");
  expect(refusal("const o = { a: { b: 1 } };\nconst f = parallel(() => { delete o.a.b; });")).toContain("`o`");
  expect(refusal("const ch = chan<number>();\nconst f = parallel(() => ch.recv());")).toContain(
    "Pass it as an argument",
  );
  expect(refusal("const mu = new Mutex();\nconst f = parallel(() => { using _ = mu.lock(); });")).toContain("`mu`");
});

test("static fields and properties of functions are state, too", () => {
  expect(refusal("class A { static sum = 0; }\nconst f = parallel(() => { A.sum++; });")).toContain("`A`");
  expect(
    refusal(
      "class A { static sum = 0; static add(n: number) { this.sum += n; } }\nconst f = parallel(() => A.add(1));",
    ),
  ).toContain("`A`");
  expect(refusal("class A { static next = 0; id = A.next++; }\nconst f = parallel(() => new A().id);")).toContain(
    "`A`",
  );
  expect(refusal("function g() {}\ng.n = 0;\nconst f = parallel(() => { g.n++; });")).toContain("`g`");
  expect(
    refusal(
      "class A { n = 0; static of() { const a = new A(); a.n = 1; return a; } add() { this.n++; } }\nconst f = parallel(() => A.of().add());",
    ),
  ).toBe("nothing");
});

test("an object that others change is state: what they do is not done on other threads", () => {
  const changed = (text: string): string => refusal(`${text}\nconst f = parallel(() => x);`);
  expect(changed("const x: number[] = [];\nfor (const n of [1, 2]) x[n] = n;")).toMatch(
    /4:26 .*`x`.*changed in line 3/,
  );
  expect(changed("const x = new Map();\nexport function put(k: string) { x.set(k, 1); }")).toContain(
    "changed in line 3",
  );
  expect(changed("const x: any = {};\nObject.assign(x, { a: 1 });")).toContain("changed in line 3");
  expect(changed("const x: any = {};\n[x.a, x.b] = [1, 2];")).toContain("changed in line 3");
  expect(changed("class x { static n = 0; }\nexport const next = () => x.n++;")).toContain("changed in line 3");
  expect(changed("function x() {}\nx.server = listen();")).toContain("changed in line 3");
  expect(changed("const x = (() => { const t = [1]; t.push(2); return t; })();")).toBe("nothing");
  expect(changed("const x = perThread(() => new Map());\nexport function put() { x.set(1, 2); }")).toBe("nothing");
  expect(changed("function x() {}\nx.limit = 5; x.prototype.run = function () { return listen(); };")).toBe("nothing");
  expect(changed("var x = [1];")).toBe("nothing");
  expect(changed("var x = [1];\nvar x = [2];")).toContain("assigned");
  expect(changed("enum x { A, B }")).toBe("nothing");
  expect(changed("namespace x { export const a = 1; }")).toBe("nothing");
});

test("under whatever name it is changed", () => {
  const changed = (text: string): string => refusal(`const x = { list: [1], n: 0, rows: [{ n: 0 }] };\n${text}`);
  for (const body of [
    "const l = x.list; l.push(1);",
    "let l = x.list; l.push(1);",
    "const { list } = x; list.push(1);",
    "const { list: [...l], rows: [r] } = x; r.n++;",
    "for (const r of x.rows) r.n++;",
    "for (x.n of [1, 2]);",
    "x.rows.forEach((r) => { r.n++; });",
    "x.rows.at(0)!.n = 1;",
    "for (const r of Object.values(x)) r.n = 1;",
    "(x.n > 0 ? x.list : x.list).push(1);",
    "x.list.push.apply(x.list, [2]);",
    "Array.prototype.push.call(x.list, 1);",
    'x.list["push"](1);',
    "add(x.list); function add(l: number[]): void { l.push(1); }",
    "add(); function add(l = x.list): void { l.push(1); }",
  ])
    expect(changed(`const f = parallel(() => { ${body} });`)).toMatch(/GORT_PARALLEL_STATE.*`x`/);
  for (const body of [
    "const l = [...x.list]; l.push(1);",
    "const { ...copy } = x; copy.n = 1;",
    "x.list.map((n) => n + 1).sort();",
    "Object.values(x).push(1);",
    "const l = x.list.slice(); l.push(1);",
    "let l = x.list; l = []; l.push(1);",
  ])
    expect(changed(`const f = parallel(() => { ${body} });`)).toBe("nothing");
  const own = "const x = { n: 0 }; function add(o: { n: number }): void { o.n++; }\n";
  expect(refusal(`${own}add(x); const f = parallel(() => { const mine = { n: 1 }; add(mine); });`)).toBe("nothing");
});

test("what is changed by way of the language's own", () => {
  const changed = (text: string): string =>
    refusal(`const x = { n: 0, list: [0] };\n${text}\nconst f = parallel(() => x);`);
  for (const text of [
    "const { assign } = Object; assign(x, { n: 1 });",
    "const assign = Object.assign; assign(x, { n: 1 });",
    'const { set: put } = Reflect; function late(): void { put(x, "n", 1); }',
    "function add(): void { arguments[0].list.push(1); }\nadd(x);",
    "function add(): void { const here = () => { arguments[1].n++; }; here(); }\nadd(0, x);",
  ])
    expect(changed(text)).toMatch(/GORT_PARALLEL_STATE.*`x`/);
  for (const text of [
    "const { assign } = Object; const y = assign({}, x);",
    "const { keys } = Object; keys(x);",
    "let { assign } = Object; assign = () => 1; assign(x, { n: 1 });",
    "const mine = { assign: (a: object, b: object) => [a, b] }; const { assign } = mine; assign(x, {});",
    "function add(): void { arguments[1].n++; }\nadd(x, { n: 1 });",
    "function add(): void { arguments[0].n++; }\nconst rest = [{ n: 1 }, x]; add(...rest);",
    "function add(): number { return arguments[0].n; }\nadd(x);",
  ])
    expect(changed(text)).toBe("nothing");
});

test("a class that its instances change", () => {
  const made = (body: string): string =>
    refusal(`class C { static n = 0; ${body} }\nconst f = parallel(() => new C());`);
  for (const body of [
    "constructor() { this.constructor.n++; }",
    "inc() { (this.constructor as typeof C).n += 1; }",
    "inc = () => { this.constructor.n = 1; };",
    "inc() { [1].forEach(() => { this.constructor.n++; }); }",
  ])
    expect(made(body)).toMatch(/GORT_PARALLEL_STATE.*`C`/);
  for (const body of [
    "inc() { return this.constructor.n; }",
    "m = 0; constructor() { this.m++; }",
    "inc(): void { (function (this: any) { this.constructor.n++; }).call({ constructor: {} }); }",
  ])
    expect(made(body)).toBe("nothing");
});

test("a regular expression that keeps where it stopped", () => {
  const used = (re: string, body: string): string =>
    refusal(`const x = ${re};\nconst f = parallel((s: string) => { ${body} });`);
  for (const re of ["/a/g", "/a/y", 'new RegExp("a", "gi")'])
    for (const body of [
      "for (const t of [s, s]) if (x.exec(t)) return t;",
      "return x.test(s);",
      "return x.exec(s);",
      "if (x.test(s)) return 1;",
    ])
      expect(used(re, body)).toMatch(/GORT_PARALLEL_STATE.*`x`/);
  for (const body of [
    "let m; while ((m = x.exec(s)) !== null) s += m[0];",
    "for (let m = null; (m = x.exec(s)); ) s += m[0];",
    "return s.replace(x, '') + s.match(x);",
    "return [...s.matchAll(x)];",
    "while (x.test(s)) s += 'a';",
    "let m; do { m = x.exec(s); } while (m);",
    "for (;;) { const m = x.exec(s); if (!m) break; s += m[0]; }",
    "let m = x.exec(s); while (m) { s += m[0]; m = x.exec(s); }",
  ])
    expect(used("/a/g", body)).toBe("nothing");
  // Elsewhere in the module it is nobody's business.
  expect(used("/a/g; function has(s: string): boolean { return x.test(s); }", "return s.replace(x, '');")).toBe(
    "nothing",
  );
  expect(used("/a/g; function has(s: string): boolean { return x.test(s); }", "return has(s);")).toContain("`x`");
  expect(used("/a/iu", "return x.test(s) || x.exec(s);")).toBe("nothing");
});

test("what the text of a direct eval names of the module", () => {
  const evaluated = (text: string): string =>
    refusal(`let n = 0; const table = [1]; function helper(): void {}\nconst f = parallel((s: string) => ${text});`);
  for (const text of [
    'eval("++n")',
    "eval(`table.length`)",
    'eval("helper()")',
    '{ const g = () => eval("[table[0]]"); return g(); }',
  ])
    expect(evaluated(text)).toMatch(/GORT_PARALLEL_STATE.*`(?:n|table|helper)`.*text of `eval`/s);
  for (const text of [
    'eval("1 + 1")',
    "eval(s)",
    'eval("({ n: s.n })")',
    'eval("var n = 1; n")',
    '(0, eval)("globalThis.n")',
  ])
    expect(evaluated(text)).toBe("nothing");
});

test("methods of objects and classes of the module that change them", () => {
  const calls = (text: string): string => refusal(`${text}\nconst f = parallel(() => x.inc());`);
  for (const text of [
    "const x = { n: 0, inc() { this.n++; } };",
    "const x = { n: 0, inc() { x.n++; } };",
    "class C { n = 0; inc() { this.n++; } }\nconst x = new C();",
    "class x { static n = 0; static inc = () => { this.n++; }; }",
    "class x { static list = [0]; static inc() { this.list.push(1); } }",
    "const x = class { static n = 0; static inc() { this.n++; } };",
    "const x = class D { static n = 0; static inc() { D.n++; } };",
    "namespace x { export let n = 0; export function inc() { n++; } }",
    "namespace x { const list = [0]; export function inc() { list.push(1); } }",
  ])
    expect(calls(text)).toContain("GORT_PARALLEL_STATE");
  // What is called like the methods that change an array or a map is the program's own.
  const adds = (text: string): string => refusal(`${text}\nconst f = parallel(() => x.add(1, 2));`);
  for (const text of [
    "const x = { add(a: number, b: number) { return a + b; } };",
    "function add(a: number, b: number) { return a + b; }\nconst x = { add };",
    "class x { static add(a: number, b: number) { return a + b; } }",
    "class C { add(a: number, b: number) { const c = new C(); return a + b; } }\nconst x = new C();",
    "namespace x { export function add(a: number, b: number) { return a + b; } }",
    "class A { add(a: number, b: number) { return a + b; } }\nclass B extends A {}\nconst x = new B();",
    'import * as x from "./sums.ts";',
    'import x from "./sums.ts";',
  ])
    expect(adds(text)).toBe("nothing");
});

test("what threads share only where it is passed, wherever it is made", () => {
  const uses = (text: string): string => refusal(`${text}\nconst f = parallel(() => x);`);
  for (const text of [
    "const x = { mu: new Mutex() };",
    "const x = [chan<number>()];",
    'const x = new Map([["a", new Mutex()]]);',
    "const x = Array.from({ length: 3 }, () => new Mutex());",
    "class x { static ch = chan<number>(); }",
    "class C { #mu = new Mutex(); }\nconst x = new C();",
    "const make = () => chan<number>();\nconst x = make();",
    "const x = new SharedArrayBuffer(8);",
    "const x = new Int32Array(new SharedArrayBuffer(8));",
    "const x = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });",
    'import { Ticker } from "gort";\nconst x = new Ticker(5);',
    'import { background, withCancel } from "gort";\nconst [x, cancel] = withCancel(background());',
  ])
    expect(uses(text)).toMatch(/GORT_PARALLEL_STATE.*`x`.*each thread would make for itself/);
  for (const text of [
    "const x = perThread(() => ({ mu: new Mutex() }));",
    "const x = () => new Mutex();",
    "class x { mu = new Mutex(); }",
    "const x = new WebAssembly.Memory({ initial: 1 });",
  ])
    expect(uses(text)).toBe("nothing");
  // Who only sleeps on it cannot tell one from another.
  const sleeps = (text: string): string =>
    refusal(`${text}\nconst f = parallel((ms: number) => Atomics.wait(x, 0, 0, ms));`);
  const x = "const x = new Int32Array(new SharedArrayBuffer(4));";
  expect(sleeps(x)).toBe("nothing");
  for (const text of [`export ${x}`, `${x}\nexport { x };`, `${x}\nAtomics.notify(x, 0);`, `${x}\nx[0] = 1;`])
    expect(sleeps(text)).toContain("each thread would make for itself");
});

test("what is changed of another module is refused there", () => {
  const asks = (text: string): string[] =>
    sliced(text, "f")
      .match(/"[^"]*gort-slice=(?:!|%21)[^"]*"/g)
      ?.map((url) => decodeURIComponent(url)) ?? [];
  expect(asks('import { list } from "./o.ts";\nexport const f = parallel(() => list.push(1));')).toEqual([
    '"./o.ts?gort-slice=!list:push"',
  ]);
  expect(asks('import * as o from "./o.ts";\nexport const f = parallel(() => { o.state.n++; });')).toEqual([
    '"./o.ts?gort-slice=!state:"',
  ]);
  expect(asks('import { list } from "./o.ts";\nlist.push(1);\nexport const f = parallel(() => list.length);')).toEqual([
    '"./o.ts?gort-slice=!list:push"',
  ]);
  expect(asks('import { list } from "package";\nexport const f = parallel(() => list.push(1));')).toEqual([]);
  expect(asks('import { list } from "./o.ts";\nexport const f = parallel(() => list.map((n) => n));')).toEqual([]);
  const other = `export const list = [1]; export const state = { n: 0, rows: [] };
export const cache = perThread(() => new Map()); export const sums = { add: (a: number, b: number) => a + b };
export { far as near } from "./far.ts"; export * as all from "./all.ts"; export default { n: 0 };`;
  for (const what of ["!list:push", "!list:", "!state:", "!state.rows:push", "!default:"])
    expect(() => sliced(other, what)).toThrow("GORT_PARALLEL_STATE");
  for (const what of ["!cache:set", "!cache:", "!sums:add", "!list:map", "!unknown:push"])
    expect(sliced(other, what)).not.toContain("list");
  expect(sliced(other, "!near.rows:push")).toMatch(/gort-slice=(?:!|%21)far\.rows(?::|%3A)push/);
  expect(sliced(other, "!all.rows:push")).toMatch(/all\.ts\?gort-slice=(?:!|%21)rows(?::|%3A)push/);
  expect(
    refusal('import data from "./data.json" with { type: "json" };\nconst f = parallel(() => { data.n++; });'),
  ).toContain("`data`");
});

test("a slice has the statements that complete what it declares", () => {
  const text = `export function Old() {}
Old.prototype.run = function () { return helper(); };
Old.prototype = Object.create(Base.prototype);
function helper() { return 1; }
class Base {}
other.limit = 5;
function other() {}`;
  const code = sliced(text, "Old");
  for (const there of ["Old.prototype.run", "helper", "Object.create", "gort-slice=Base"])
    expect(code).toContain(there);
  for (const absent of ["limit", "other"]) expect(code).not.toContain(absent);
});

test("what another module is asked for by name is refused, what comes with all of it is not", () => {
  const text =
    "export let n = 0;\nexport function inc() { return ++n; }\nexport const limit = 3;\nexport const mu = new Mutex();";
  expect(() => sliced(text, "n")).toThrow("`n`, which is assigned");
  expect(() => sliced(text, "mu")).toThrow("`mu`, which each thread would make for itself");
  expect(sliced(text, "inc")).toContain('"./main.ts?gort-slice=n"');
  expect(sliced(text, "limit")).toContain("3");
  expect(sliced(text, "*")).toContain('"./main.ts?gort-slice=*n"');
  expect(sliced(text, "*n")).toMatch(/let n/);
  expect(sliced(text, "*inc")).toContain('"./main.ts?gort-slice=*n"');
  // There is one of what is the same for all.
  expect(sliced(text, "*limit")).toMatch(/export ?\{ ?limit ?\} ?from ?"\.\/main\.ts\?gort-slice=limit"/);
});

test("also in what a parallel function calls", () => {
  expect(
    refusal(
      "let n = 0;\nfunction deep(): void { n++; }\nfunction step(): void { deep(); }\nconst f = parallel(() => step());",
    ),
  ).toContain("the parallel function `f` uses `n`");
});

test("and what is no state is not", () => {
  expect(refusal("const t = [1];\nconst f = parallel((n: number) => t[n]);")).toBe("nothing");
  expect(refusal("let n = 0;\nfunction other(): void { n++; }\nconst f = parallel(() => 1);")).toBe("nothing");
  expect(refusal("const c = perThread(() => new Map());\nconst f = parallel(() => { c.set(1, 2); });")).toBe("nothing");
  expect(refusal("const f = parallel((ch: Chan<number>) => { const m = new Map(); m.set(1, 2); ch.send(1); });")).toBe(
    "nothing",
  );
});

test("a part of a CommonJS module cannot be loaded: parallel there is refused", () => {
  const text = 'const { parallel } = require("gort");\nexports.f = 1;\nconst f = parallel((n) => n);';
  expect(() => compile(text, { filename: "/app/main.cjs" })).toThrow(/main\.cjs:3:11: GORT_PARALLEL: .*CommonJS/);
});

test("parallel takes one function", () => {
  expect(refusal("const f = parallel();")).toContain("GORT_PARALLEL");
});

test("a parallel function that calls itself by the name of its constant is recursive: it polls, and its stack grows", () => {
  for (const f of [
    "parallel((n: number): number => (n < 2 ? n : f(n - 1)))",
    "parallel(g); function g(n: number): number { return n < 2 ? n : f(n - 1); }",
  ])
    expect(compile(`${head}export const f = ${f};`, { filename: "/app/main.ts" }).code).toContain("$U[12]");
  expect(
    compile(`${head}export const f = parallel((n: number) => n);`, { filename: "/app/main.ts" }).code,
  ).not.toContain("$U[12]");
});
