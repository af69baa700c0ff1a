/** Parallel functions in one-file bundles, minified: they run on several threads, from nothing but the bundle and `gort`. */
import { readdirSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const files = {
  "src/app.ts": `import { AtomicInt, blocking, chan, gomaxprocs, go, noPreempt, parallel, run, sleep, type Chan } from "gort";
import { threadId } from "node:worker_threads";
import { basename } from "node:path";
import { weigh } from "./weigh.ts";
import { counter } from "./counter.ts";
import { label } from "./label.ts";
import greet from "greeting";

console.log("top");
const table = [1, 2, 3].map((n) => n * 10);

/** Says where it runs, once somebody else is there too: on one thread that would never be. */
const meet = parallel((n: number, here: AtomicInt, out: Chan<string>): number => {
  here.add(1);
  noPreempt(() => {
    while (here.load() < 2);
  });
  out.send(\`\${label(n)} \${greet("you")} \${basename(import.meta.url) === "bundle.mjs"}\`);
  return weigh(table[n]!) + counter.add();
});

const thread = parallel((): number => threadId);

const where = parallel((): number => {
  const inner = go(deeper, 1);
  return inner.join() + threadId * 0;
});

const deeper = parallel((n: number): number => n + counter.add() * 0);

await run(() => {
  gomaxprocs(2);
  // Until there is another thread.
  while (go(thread).join() === 0) sleep(1);
  const [here, out] = [new AtomicInt(), chan<string>(2)];
  const parts = [go(meet, 1, here, out), go(meet, 2, here, out)];
  const sum = parts.map((g) => g.join()).reduce((a, b) => a + b);
  console.log([out.recv(), out.recv()].sort().join(", "), sum, go(where).join());
});
setTimeout(() => console.log("blocking", blocking(deeper, 5)));
`,
  "src/weigh.ts": `import { counter } from "./counter.ts";
enum Unit { One = 1, Two }
export const weigh = (n: number): number => n * Unit.Two + counter.add();
`,
  // One a thread, whoever uses it.
  "src/counter.ts": `import { perThread } from "gort";
class Counter { private n = 0; add(): number { return ++this.n; } }
export const counter = perThread(() => new Counter());
`,
  "src/label.ts": `"use no gort";\nexport const label = (n) => "number " + String(n);\n`,
  "node_modules/greeting/package.json": '{ "name": "greeting", "version": "1.0.0", "main": "index.js" }',
  "node_modules/greeting/index.js": 'module.exports = (who) => "hello " + who;',
};

const bundlers: Record<string, string> = {
  vite: `import { build } from "vite";
    await build({ logLevel: "error", plugins: [gort()], build: { ssr: IN, outDir: OUT, minify: true, rollupOptions: { external, output: { entryFileNames: "bundle.mjs" } } }, ssr: { noExternal: ["greeting"] } });`,
  rolldown: `import { rolldown } from "rolldown";
    const bundle = await rolldown({ input: IN, external, platform: "node", plugins: [gort()] });
    await bundle.write({ file: OUT + "/bundle.mjs", format: "esm", minify: true });`,
  esbuild: `import { build } from "esbuild";
    await build({ entryPoints: [IN], bundle: true, minify: true, format: "esm", platform: "node", external: ["gort", "gort/*"], outfile: OUT + "/bundle.mjs", plugins: [gort()], logLevel: "error" });`,
};

test.each(Object.keys(bundlers))("%s", { timeout: 120_000 }, async (name) => {
  using project = new UserProject({
    ...files,
    "build.mjs": `import gort from "@gort/compiler/${name}";
      const [IN, OUT, external] = [import.meta.dirname + "/src/app.ts", import.meta.dirname + "/out", /^gort(\\/|$)/];
      ${bundlers[name]!}`,
  });
  project.install(name);
  const built = await project.type("node", ["build.mjs"]);
  expect(built).toMatchObject({ stderr: "", status: 0 });
  expect(readdirSync(project.path("out"))).toEqual(["bundle.mjs"]);
  for (const gone of ["src", "node_modules/@gort", "node_modules/greeting", "node_modules/.bin"])
    rmSync(project.path(gone), { recursive: true });
  // The counter is one a thread: 1 and 2 on each of the two.
  expect(await project.type("node", ["out/bundle.mjs"])).toMatchObject({
    stderr: "",
    stdout: "top\nnumber 1 hello you true, number 2 hello you true 106 1\nblocking 5\n",
    status: 0,
  });
});

test("from a folder with a # in its name", { timeout: 120_000 }, async () => {
  using project = new UserProject({
    "c #1/app.ts": `import { go, gomaxprocs, parallel, run, sleep } from "gort";
import { threadId } from "node:worker_threads";
const where = parallel((): number => threadId);
await run(() => {
  gomaxprocs(2);
  while (go(where).join() === 0) sleep(1);
  console.log(where.name);
});`,
    "build.mjs": `import gort from "@gort/compiler/esbuild"; import { build } from "esbuild";
      await build({ entryPoints: ["c #1/app.ts"], bundle: true, format: "esm", platform: "node", external: ["gort", "gort/*"], outfile: "out/bundle.mjs", plugins: [gort()], logLevel: "error" });`,
  });
  project.install("esbuild");
  expect(await project.type("node", ["build.mjs"])).toMatchObject({ stderr: "", status: 0 });
  expect(await project.type("node", ["out/bundle.mjs"])).toMatchObject({ stderr: "", stdout: "where\n", status: 0 });
});

const inside: Record<string, string> = {
  "esbuild, a module": `import { build } from "esbuild"; import gort from "@gort/compiler/esbuild";
    await build({ entryPoints: ["src/app.ts"], bundle: true, format: "esm", platform: "node", outfile: "out/bundle.mjs", plugins: [gort()], logLevel: "info" });`,
  "esbuild, CommonJS, minified": `import { build } from "esbuild"; import gort from "@gort/compiler/esbuild";
    await build({ entryPoints: ["src/app.ts"], bundle: true, minify: true, platform: "node", outfile: "out/bundle.cjs", plugins: [gort()], logLevel: "info" });`,
  vite: `import { build } from "vite"; import gort from "@gort/compiler/vite";
    await build({ logLevel: "error", plugins: [gort()], build: { ssr: "src/app.ts", outDir: "out", minify: true, rollupOptions: { output: { entryFileNames: "bundle.mjs" } } }, ssr: { noExternal: true } });`,
  webpack: `import webpack from "webpack"; import gort from "@gort/compiler/webpack";
    const stats = await new Promise((resolve, reject) => webpack({ mode: "development", devtool: false, target: "node", entry: "./src/app.ts",
      output: { path: import.meta.dirname + "/out", filename: "bundle.cjs" }, plugins: [gort()] }, (e, stats) => (e ? reject(e) : resolve(stats))));
    if (stats.hasErrors() || stats.hasWarnings()) console.log(stats.toString());`,
};

test.each(Object.keys(inside))("one file with gort itself inside, by %s", { timeout: 120_000 }, async (name) => {
  using project = new UserProject({
    "src/app.ts": `import { AtomicInt, blocking, chan, go, gomaxprocs, noPreempt, parallel, run, select, sleep, timeout, type Chan } from "gort";
import { readFile } from "gort/fs";
import { threadId } from "node:worker_threads";

class Late extends Error { override name = "Late"; }
const where = parallel((): number => threadId);
/** On one thread the two would never meet. */
const meet = parallel((here: AtomicInt, out: Chan<number>): number => {
  here.add(1);
  noPreempt(() => { while (here.load() < 2); });
  const r = select({ late: timeout(1) });
  out.send(r.case.length);
  return readFile(process.execPath).length > 1000 ? 1 : 0;
});
const fails = parallel((): never => { throw new Late("it failed", { cause: 7 }); });

void run(() => {
  gomaxprocs(2);
  while (go(where).join() === 0) sleep(1);
  const [here, out] = [new AtomicInt(), chan<number>()];
  const both = [go(meet, here, out), go(meet, here, out)];
  console.log(out.recv(), out.recv(), both.map((g) => g.join()));
  console.log(blocking(where) > 0);
  try {
    go(fails).join();
  } catch (e) {
    console.log((e as Error).name, (e as Error).message, (e as Error).cause);
  }
});
`,
    "build.mjs": inside[name]!,
  });
  project.install(name.replace(/,.*/, ""));
  const built = await project.type("node", ["build.mjs"]);
  expect(built).toMatchObject({ status: 0 });
  // Of what is ours; webpack itself makes Node.js say that it uses something experimental.
  expect(built.stdout + built.stderr).not.toMatch(/\bWARNING\b/);
  for (const gone of ["src", "node_modules"]) rmSync(project.path(gone), { recursive: true });
  const [bundle, ...more] = readdirSync(project.path("out"));
  expect(more).toEqual([]);
  expect(await project.type(process.execPath, [`out/${bundle}`])).toMatchObject({
    stderr: "",
    stdout: "4 4 [ 1, 1 ]\ntrue\nLate it failed 7\n",
    status: 0,
  });
});

test(
  "a panic of a bundle with gort inside has the program's frames and no others, wherever the bundle is",
  { timeout: 120_000 },
  async () => {
    using project = new UserProject({
      "src/app.ts": `import { go, run, sleep } from "gort";
      function fails(): void {
        sleep(1);
        throw new Error("oh");
      }
      void run(() => { go(fails); sleep(100); });`,
      // In folders called as the runtime's own are.
      "build.mjs": `import { build } from "esbuild"; import gort from "@gort/compiler/esbuild";
      import { build as vite } from "vite"; import gortVite from "@gort/compiler/vite";
      for (const minify of [false, true])
        await build({ entryPoints: ["src/app.ts"], bundle: true, minify, sourcemap: true, preserveSymlinks: true, format: "esm", platform: "node",
          outfile: "runtime/dist/" + (minify ? "small" : "app") + ".mjs", plugins: [gort()] });
      await vite({ logLevel: "error", plugins: [gortVite()], resolve: { preserveSymlinks: true }, build: { ssr: "src/app.ts", outDir: "runtime/dist", emptyOutDir: false,
        minify: true, sourcemap: true, rollupOptions: { output: { entryFileNames: "vite.mjs" } } }, ssr: { noExternal: true } });
      const { default: webpack } = await import("webpack"); const { default: gortWebpack } = await import("@gort/compiler/webpack");
      await new Promise((ok, fail) => webpack({ mode: "production", devtool: "source-map", target: "node22", entry: "./src/app.ts", resolve: { symlinks: false },
        experiments: { outputModule: true }, output: { path: import.meta.dirname + "/runtime/dist", filename: "webpack.mjs", module: true }, plugins: [gortWebpack()] },
        (e, stats) => (e || stats.hasErrors() ? fail(e ?? new Error(stats.toString("errors-only"))) : ok())));`,
    });
    for (const tool of ["esbuild", "vite", "webpack"]) project.install(tool);
    // Webpack makes Node.js say that it uses something experimental.
    expect(await project.type("node", ["build.mjs"])).toMatchObject({ status: 0 });
    for (const file of ["app", "small", "vite", "webpack"]) {
      const { stderr } = await project.type("node", ["--enable-source-maps", `runtime/dist/${file}.mjs`]);
      expect(stderr).toMatch(
        /^panic: Error: oh\n\ngoroutine 2 \[running\]:\n.*\n\t.*\/src\/app\.ts:4:\d+\n(?:created by|$)/,
      );
    }
    const { stderr } = await project.type("node", ["runtime/dist/app.mjs"]);
    expect(stderr).toMatch(
      /^panic: Error: oh\n\ngoroutine 2 \[running\]:\nfails\(\.\.\.\)\n\t.*\/runtime\/dist\/app\.mjs:\d+/,
    );
  },
);

test("stacks of other threads are of the program's lines, where Node.js reads source maps", async () => {
  using project = new UserProject({
    "src/app.ts": `import { blocking, parallel, run } from "gort";
import { check } from "./check.ts";
import { late } from "./late.ts";

const part = parallel((n: number): number => {
  if (n > 1) return late(n);
  return check(n) + 1;
});

await run(() => {
  for (const n of [1, 2]) {
    try {
      blocking(part, n);
    } catch (e) {
      console.log((e as Error).stack!.replaceAll("\\\\", "/"));
    }
  }
});
`,
    "src/check.ts": `import { sleep } from "gort";
interface Told { readonly n: number }

function fails(told: Told): never {
  throw new RangeError(String(told.n));
}

export function check(n: number): number {
  sleep(1);
  const told: Told = { n };
  return fails(told);
}
`,
    "src/late.ts": `interface Unit { one: number }
const unit: Unit = await Promise.resolve({ one: 1 }), two = [await Promise.resolve(2)];

export function late(n: number): number { if (n === two[0]) throw new TypeError("late " + unit.one); return n; }
`,
    "build.mjs": `import { build } from "esbuild"; import gort from "@gort/compiler/esbuild";
      await build({ entryPoints: ["src/app.ts"], bundle: true, minify: true, format: "esm", platform: "node", outfile: "bundle.mjs", plugins: [gort()] });`,
  });
  project.install("esbuild");
  expect(await project.type("node", ["build.mjs"])).toMatchObject({ stderr: "", status: 0 });
  const { stdout } = await project.type("node", ["--enable-source-maps", "bundle.mjs"]);
  expect(stdout.match(/src\/\w+\.ts:\d+:\d+/g)).toEqual([
    "src/check.ts:5:9",
    "src/check.ts:11:10",
    "src/app.ts:7:10",
    "src/app.ts:13:7",
    "src/late.ts:4:67",
    "src/app.ts:6:21",
    "src/app.ts:13:7",
  ]);
});

test("top-level await, import() and JSON in what threads load", { timeout: 120_000 }, async () => {
  using project = new UserProject({
    "src/app.ts": `import { go, gomaxprocs, parallel, run, wait } from "gort";
import { threadId } from "node:worker_threads";
import data from "./data.json" with { type: "json" };
import { settings } from "./settings.ts";

const part = parallel((n: number): { at: number; text: string } => {
  const { Lazy, inner } = wait(import("./lazy.ts"));
  const { posix } = wait(import("node:path"));
  const text = \`\${posix.join("a", String(n))} \${settings.name} \${data.kind} \${new Lazy().value(n)} \${inner(n)}\`;
  for (const until = performance.now() + 5; performance.now() < until;);
  return { at: threadId, text };
});

await run(() => {
  gomaxprocs(2);
  // Until another thread has had one, which it keeps once it waits for what it loads.
  for (;;) {
    const parts = [1, 2].map((n) => go(part, n)).map((g) => g.join());
    if (parts.every(({ at }) => at === 0)) continue;
    console.log(parts.map(({ text }) => text).join(", "));
    break;
  }
});
`,
    "src/data.json": '{ "kind": "json" }',
    "src/settings.ts": `import { read } from "./read.ts";
export const settings = (await Promise.all([read(await Promise.resolve("waited"))]))[0]!;
`,
    "src/read.ts": `await new Promise((resolve) => setTimeout(resolve, 1));
export const read = async (name: string): Promise<{ name: string }> => ({ name });
`,
    "src/lazy.ts": `import { chan, go, parallel } from "gort";
import { settings } from "./settings.ts";
const half = parallel((n: number): number => n / 2);
export class Lazy { #of = 10; value(n: number): number { const c = chan<number>(); go(() => c.send(n * this.#of)); return c.recv()!; } }
export const inner = (n: number): string => \`\${go(half, n).join()} \${settings.name.length}\`;
export const ready = await Promise.resolve(true);
`,
    "build.mjs": `import gort from "@gort/compiler/esbuild";
      const [IN, OUT] = [import.meta.dirname + "/src/app.ts", import.meta.dirname + "/out"];
      ${bundlers["esbuild"]!}`,
  });
  project.install("esbuild");
  expect(await project.type("node", ["build.mjs"])).toMatchObject({ stderr: "", status: 0 });
  rmSync(project.path("src"), { recursive: true });
  expect(await project.type("node", ["out/bundle.mjs"])).toMatchObject({
    stderr: "",
    stdout: "a/1 waited json 10 0.5 6, a/2 waited json 20 1 6\n",
    status: 0,
  });
});
