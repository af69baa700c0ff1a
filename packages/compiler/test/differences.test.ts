/** The differences that stay, one by one, as docs/differences.md tells them: each uncompiled and compiled. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

/** What `app.cjs` prints uncompiled, and compiled. */
async function both(text: string): Promise<{ plain: string; compiled: string }> {
  using project = new UserProject({ "app.cjs": text });
  const plain = await project.type("node", ["app.cjs"]);
  const compiled = await project.type("node", ["--import", "@gort/compiler/register", "app.cjs"]);
  expect(plain).toMatchObject({ stderr: "", status: 0 });
  expect(compiled).toMatchObject({ stderr: "", status: 0 });
  return { plain: plain.stdout, compiled: compiled.stdout };
}

test("the text of a function; not its name and length", async () => {
  expect(
    await both(
      `function f(a, b = 1) { return a(b); } const text = "function f(a, b = 1) { return a(b); }";
       console.log(String(f) === text, f.name, f.length);`,
    ),
  ).toEqual({ plain: "true f 1\n", compiled: "false f 1\n" });
});

test("runaway recursion is a RangeError at another depth", async () => {
  expect(
    await both(
      `let depth = 0; function f(g) { depth++; return f(g) + g(); }
       try { f(() => 1); } catch (e) { console.log(e instanceof RangeError, depth > 500); }`,
    ),
  ).toEqual({ plain: "true true\n", compiled: "true true\n" });
});

test("barriers are loud, and their waits undone", async () => {
  using project = new UserProject({
    "app.ts": `import { chan, run } from "gort";
      const ch = chan<number>();
      const take = (): number => ch.recv()!;
      class Box { get x(): number { return take(); } set x(_: number) { take(); } }
      class Field { x = take(); }
      class Base { constructor(readonly n: number) {} }
      class Derived extends Base { constructor() { super(take()); } }
      function* generator() { yield take(); }
      await run(() => {
        for (const f of [() => new Box().x, () => { new Box().x = 1; }, () => [...generator()], () => new Field(), () => new Derived(),
          () => \`\${{ toString: () => String(take()) }}\`, () => new Proxy({}, { get: () => take() } as never)["x" as never],
          () => JSON.parse("[1]", () => take()), () => eval("take()")]) {
          try { f(); console.log("passed"); } catch (e) { console.log((e as { code: string }).code); }
        }
        console.log(ch.len);
      });`,
  });
  const done = await project.type("node", ["--import", "@gort/compiler/register", "app.ts"]);
  expect(done).toMatchObject({ stdout: `${"GORT_NATIVE_FRAME\n".repeat(9)}0\n`, stderr: "", status: 0 });
});

test("what a `then` throws after it has blocked is told with its line, and its caller hears only what it rejects", async () => {
  using project = new UserProject({
    "app.ts": `import { run, sleep } from "gort";
const told = { then(_: unknown, no: (e: Error) => void) { try { sleep(1); throw new Error("told"); } catch (e) { no(e as Error); } } };
const thrown = { then() { sleep(1); throw new Error("thrown"); } };
await run(async () => {
  for (const thenable of [told, thrown]) await Promise.resolve(thenable).catch((e: Error) => console.log(e.message));
});`,
  });
  const done = await project.type("node", ["--import", "@gort/compiler/register", "app.ts"]);
  expect(done).toMatchObject({ stdout: "told\n", status: 1 });
  expect(done.stderr).toContain("app.ts:3");
  expect(done.stderr).toContain("Error: thrown");
});

test("what all objects inherit under a number gets in the way of compiled code", async () => {
  const { plain, compiled } = await both(
    `Object.defineProperty(Object.prototype, "1", { get: () => 1, configurable: true });
     function f(g) { return [0, 2].reduce((a, x) => a + g(x), 0); }
     let end; try { end = f((x) => x); } catch (e) { end = "an error"; }
     delete Object.prototype[1];
     console.log(end);`,
  );
  expect(plain).toBe("2\n");
  expect(compiled).toMatch(/^(?:2|an error)\n$/);
});

test("structured stack traces tell the compiled text's places; error.stack the user's", async () => {
  const { plain, compiled } = await both(
    `// Lines that are in no compiled text.
     //
     //
     function f(g) {
       return g();
     }
     const where = (e) => { const before = Error.prepareStackTrace; Error.prepareStackTrace = (_, sites) => sites[0].getLineNumber();
       const line = e().stack; Error.prepareStackTrace = before; return line; };
     console.log(where(() => new Error()), /app\\.cjs:10:/.test(
       f(() => new Error().stack)));`,
  );
  expect(plain).toBe("9 true\n");
  expect(compiled).toMatch(/^(?!9 )\d+ true\n$/);
});

test("call sites of util are of the compiled text, unless they are mapped", async () => {
  const { plain, compiled } = await both(
    `const { getCallSites } = require("node:util");
     function f(g) { g(); g();
       return [getCallSites(1)[0].lineNumber, getCallSites(1, { sourceMap: true })[0].lineNumber]; }
     console.log(...f(() => 1));`,
  );
  expect(plain).toBe("3 3\n");
  expect(compiled).toMatch(/^(?!3 )\d+ 3\n$/);
});

test("an error that nobody has thrown, in a function that has been suspended", async () => {
  using project = new UserProject({
    "app.ts": `import { sleep } from "gort";
      function load(): void {
        sleep(1);
        const at: { stack?: string } = {};
        Error.captureStackTrace(at, load);
        console.log(JSON.stringify(at.stack), /\\bload\\$r\\d+ .*app\\.ts:6:/.test(new Error().stack!));
      }
      export function main(): void { load(); }`,
  });
  expect(await project.gort("run", "app.ts")).toMatchObject({ stderr: "", stdout: '"Error" true\n', status: 0 });
});

test("the thread that ends slices is a worker, and gort run's arguments have the loader", async () => {
  using project = new UserProject({
    "app.ts": `import { Worker } from "node:worker_threads";
      export async function main(): Promise<void> {
        const worker = new Worker("", { eval: true });
        console.log(worker.threadId, process.execArgv.includes("--import"));
        await worker.terminate();
      }`,
  });
  expect(await project.gort("run", "app.ts")).toMatchObject({ stderr: "", stdout: "2 true\n", status: 0 });
});

test("what esbuild makes of decorated classes and enums is not what TypeScript makes", async () => {
  using project = new UserProject({
    "app.ts": `const other: any = (v: any) => class extends v {};
      @other class Before { static self = Before; static own() { return Before; } }
      @other class Own { static own() { return Own; } }
      enum E { A = "x" as any }
      import exported from "./exports.cts";
      console.log(Before.self === Before, Before.own() === Before, Own.own() === Own, Object.keys(E), exported);`,
    "exports.cts": "export const b = 1, a = 2;",
  });
  project.install("esbuild");
  const done = await project.type("node", ["--import", "@gort/compiler/register", "app.ts"]);
  // TypeScript's: true true true [ 'A', 'x' ] { b: 1, a: 2 }
  expect(done).toMatchObject({
    stdout: "false false true [ 'A' ] { a: [Getter], b: [Getter] }\n",
    stderr: "",
    status: 0,
  });
});

test("private members, fields and members as decorators, where a class is decorated", async () => {
  using project = new UserProject({
    "app.ts": `const note: any = () => {};
      const on = { note(this: any) { console.log(this === on); } };
      class A {
        @note n = console.log("field");
        @note accessor last = 1;
        @on.note first() {}
        #secret() {}
        static secretOf(a: any) { return a.#secret; }
        constructor(_ = console.log("default")) {}
      }
      console.log(A.secretOf(new A()).name, Object.getOwnPropertyNames(A.prototype));
      try { A.secretOf({}); } catch (e) { console.log((e as Error).constructor.name, (e as Error).message); }`,
  });
  project.install("esbuild");
  const done = await project.type("node", ["--import", "@gort/compiler/register", "app.ts"]);
  // TypeScript's: true, field, default, #secret [ 'constructor', 'last', 'first' ], a message of its own.
  expect(done).toMatchObject({
    stdout: `false\ndefault\nfield\nsecret_fn [ 'constructor', 'first', 'last' ]\nTypeError Cannot access private method\n`,
    stderr: "",
    status: 0,
  });
});

test("the types that decorators are told of rest parameters, accessors and aliases", async () => {
  using project = new UserProject({
    "tsconfig.json": '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }',
    "app.ts": `(Reflect as any).metadata = (key: string, value: any) => (_: any, member: string) =>
        console.log(member, key.slice(7), Array.isArray(value) ? value.map((v) => v.name) : value?.name);
      const note: any = () => {};
      type Id = string;
      class A {
        @note rest(first: number, ...more: string[]): void {}
        @note get x(): number { return 1; }
        set x(value: number) {}
        @note alias(id: Id): void {}
      }
      new A();`,
  });
  project.install("esbuild");
  project.install("oxc-transform");
  const done = await project.type("node", ["--import", "@gort/compiler/register", "app.ts"]);
  // TypeScript's: [ 'Number', 'String' ], [ 'Number' ], [ 'String' ].
  expect(done).toMatchObject({ stderr: "", status: 0 });
  expect(done.stdout.split("\n").filter((line) => line.includes("paramtypes"))).toEqual([
    "rest paramtypes [ 'Number', 'Array' ]",
    "x paramtypes []",
    "alias paramtypes [ 'Object' ]",
  ]);
});

test("what the engine's messages call a thing; not what is thrown", async () => {
  const { plain, compiled } = await both(
    `function f(o, g) { return o.p.m(g()); }
     try { f({ p: {} }, () => 1); } catch (e) { console.log(e.constructor.name, e.message); }`,
  );
  expect(plain).toBe("TypeError o.p.m is not a function\n");
  expect(compiled).toMatch(/^TypeError \S+ is not a function\n$/);
});

test("events go on while a goroutine is suspended, and not before noPreempt has returned", async () => {
  using project = new UserProject({
    "app.ts": `import { noPreempt, run, sleep } from "gort";
      let events = 0;
      setInterval(() => events++, 1).unref();
      await run(() => {
        const spin = (ms: number): number => { const [n, end] = [events, performance.now() + ms]; while (performance.now() < end); return events - n; };
        console.log(noPreempt(() => spin(40)));
        const before = events;
        while (events === before) sleep(1);
        console.log("events");
      });`,
  });
  const done = await project.type("node", ["--import", "@gort/compiler/register", "app.ts"]);
  expect(done).toMatchObject({ stdout: "0\nevents\n", stderr: "", status: 0 });
});

test("the page tells of each", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/differences.md"), "utf8");
  expect(page.match(/^## /gm)).toHaveLength(9);
});
