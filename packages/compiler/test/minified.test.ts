/**
 * Minified bundles, the runtime inside: the same output as unbundled, preemption included. Nothing here waits for a time:
 * a spinner spins until another goroutine has run, so without preemption the program would not end.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const files = {
  "src/app.ts": `import { Once, chan, go, gosched, onDefault, run, select, stack } from "gort";
import { U } from "gort/internal";
import { each } from "./library.ts";

let ticks = 0;
let stop = false;

/** Returns once the ticker has run: only a preemption lets it. */
function spin(n: number): number | undefined {
  const before = ticks;
  let x = n;
  while (ticks === before) x = (x * 31 + 7) & 0xffff;
  return x < 0 ? undefined : n;
}
/** Its first poll comes before any slice is over: it goes on in the clone, and spins from there. */
function often(n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (i & 511) === 0 ? spin(1)! : 0;
  return sum;
}
/** The word is set at each poll; below a native function each says no, and the loop goes on in the clone. */
function declined(n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    U[0] = 1;
    sum += i;
  }
  return sum;
}
const tag = (parts: TemplateStringsArray, n: number): string => parts.join(String(spin(n)));
class Work {
  total = 0;
  #secret = 5;
  constructor(step: number, f: (n: number) => number | undefined) {
    this.total = f(step) ?? 0;
  }
  get waiting(): number | undefined {
    return this.#hidden(() => chan<number>().recv());
  }
  add(n: number, f: (n: number) => number | undefined): number {
    const v = f(n);
    if (v !== undefined) this.total += v;
    return this.total + this.#hidden(f);
  }
  #hidden(f: (n: number) => number | undefined): number {
    return f(this.#secret) ?? 0;
  }
}
function calls(list: ((n: number) => number | undefined)[], i: number): number {
  const r = list[i]!(Math.max(i, 1)) ?? 9;
  const w = new Work(i, list[i]!);
  const s = [1, 2].map((k) => k + spin(k)!);
  const v = w.add(list[i]!(3) ?? 4, list[0]!);
  const text = /[)"'\`]/.test(")") ? tag\`<\${v}>\` : "";
  return r + v + s[0]! + text.length;
}
function fails(): never {
  spin(1);
  throw new Error("thrown");
}
/** Compiled, and given a callback: a suspension passes. */
function apply(f: () => void): void {
  f();
}
function waits(): void {
  const never = chan<number>();
  never.recv();
}
function message(f: () => void): string {
  try {
    f();
    return "nothing";
  } catch (e) {
    return (e as Error & { code?: string }).code ?? (e as Error).message;
  }
}

await run(() => {
  const done = chan<void>();
  go(() => {
    for (; !stop; ticks++) gosched();
    done.close();
  });
  console.log("loop", spin(7), often(5000));
  console.log("calls", calls([spin], 0));
  const once = new Once();
  once.do(() => void spin(2));
  console.log("select", select(onDefault(() => spin(3))));
  const results = chan<number>();
  apply(() => results.tryRecv());
  go(() => results.send(spin(4)!));
  apply(() => console.log("apply", results.recv()));
  go(() => [5, 6, 7].forEach((n) => results.send(n)));
  class Taker { v: number; constructor(k: number) { this.v = k + results.recv()!; } }
  console.log("construct", Reflect.construct(Taker, [1]).v, Reflect.construct(Taker, [results.recv()!]).v);
  console.log("native", JSON.stringify({ toJSON: () => declined(10) }));
  console.log("getter", message(() => void new Work(1, () => 1).waiting));
  console.log("library", message(() => each([1], () => void results.recv())));
  try {
    fails();
  } catch (e) {
    console.log((e as Error).stack!.split("\\n").map((line) => line.trim().replace(/ \\(.*[\\\\/]/, " (")).at(-1));
  }
  go(function sleeper() {
    waits();
  });
  gosched();
  const parked = stack(true).split("\\n\\n").find((g) => g.includes("chan receive"));
  console.log(parked!.replaceAll("\\t", "  "));
  stop = true;
  done.recv();
  process.exit();
});
`,
  "src/library.ts": `"use no gort";
export const each = <T>(list: T[], f: (item: T) => void): void => {
  for (const item of list) f(item);
};
`,
};

const expected = `loop 7 10
calls 14
select 3
apply 4
construct 6 13
native 45
getter GORT_NATIVE_FRAME
library GORT_NATIVE_FRAME
at func3 (app.ts:100:5)
goroutine 5 [chan receive]:
waits(...)
  src/app.ts:67:9
sleeper(...)
  src/app.ts:105:5
created by func3 in goroutine 1
  src/app.ts:104:3
`;

/** What takes the types out of the file the plugin leaves alone, for bundlers that know no TypeScript. */
const strip = `const types = /<T>|: T\\[\\]|: \\(item: T\\) => void|: void/g;`;

/** A build script for each bundler; everything but Node's own modules goes into one file, minified. */
const bundlers: Record<string, string> = {
  esbuild: `import { build } from "esbuild";
    await build({ entryPoints: [IN], bundle: true, minify: true, format: "esm", platform: "node", outfile: OUT + "/bundle.mjs", plugins: [gort()], logLevel: "silent" });`,
  rolldown: `import { rolldown } from "rolldown";
    const bundle = await rolldown({ input: IN, platform: "node", plugins: [gort()] });
    await bundle.write({ file: OUT + "/bundle.mjs", format: "esm", minify: true });`,
  vite: `import { build } from "vite";
    await build({ logLevel: "error", plugins: [gort()], ssr: { noExternal: true }, build: { ssr: IN, outDir: OUT, minify: true, rollupOptions: { output: { entryFileNames: "bundle.mjs" } } } });`,
  rollup: `import { rollup } from "rollup";
    import { minify } from "terser";
    ${strip}
    const bundle = await rollup({ input: IN, external: /^node:/, plugins: [{ name: "test",
      resolveId: (id) => (/^gort/.test(id) ? import.meta.resolve(id).slice(7) : null),
      transform: (code, id) => (id.endsWith("library.ts") ? { code: code.replaceAll(types, ""), map: null } : null),
      async renderChunk(code) { return { code: (await minify(code, { module: true, compress: { passes: 3 } })).code, map: null }; },
    }, gort()] });
    await bundle.write({ file: OUT + "/bundle.mjs", format: "esm" });`,
  webpack: `import webpack from "webpack";
    await new Promise((ok, fail) => webpack({
      mode: "production", devtool: false, target: "node22", entry: IN, experiments: { outputModule: true },
      module: { rules: [{ test: /library\\.ts$/, use: [{ loader: OUT + "/../strip.cjs" }] }] },
      output: { path: OUT, filename: "bundle.mjs", module: true, library: { type: "module" } }, plugins: [gort()],
    }, (error, stats) => (error || stats.hasErrors() ? fail(error ?? new Error(stats.toString("errors-only"))) : ok())));`,
};

test("not bundled", async () => {
  using project = new UserProject(files);
  const ran = await project.type("node", ["--import", "@gort/compiler/register", "src/app.ts"]);
  expect({ ...ran, stdout: ran.stdout.replaceAll(project.path("src"), "src") }).toMatchObject({
    stderr: "",
    stdout: expected,
    status: 0,
  });
});

for (const [name, build] of Object.entries(bundlers)) {
  test(`${name}, minified`, { timeout: 60_000 }, async () => {
    using project = new UserProject({
      ...files,
      "build.mjs": `import gort from "@gort/compiler/${name}";
        const [IN, OUT] = [import.meta.dirname + "/src/app.ts", import.meta.dirname + "/out"];
        ${build}`,
      "strip.cjs": `${strip} module.exports = (code) => code.replaceAll(types, "");`,
    });
    for (const tool of [name, "terser"]) project.install(tool);
    expect(await project.type("node", ["build.mjs"])).toMatchObject({ stderr: "", status: 0 });
    expect(await project.type("node", ["out/bundle.mjs"])).toMatchObject({ stderr: "", stdout: expected, status: 0 });
  });
}

/** Loops and calls, so that each has a clone and an exit. */
const hundred = Array.from(
  { length: 100 },
  (_, i) => `export function number${i}(f: (n: number, s: string) => number): number {
  let sum = 0;
  for (let k = 0; k < 3; k++) sum += f(k, "only-in-${i}") + helper${i}(k, f);
  return sum;
}
function helper${i}(n: number, f: (n: number, s: string) => number): number {
  for (;;) if (n++ > 5) return f(n, "only-in-${i}");
}
export class Class${i} {
  run(f: (n: number, s: string) => number): number {
    return f(0, "class-${i}");
  }
}
`,
).join("");

for (const [name, build] of Object.entries(bundlers)) {
  test(`${name}: of a hundred functions, the one that is imported is left`, { timeout: 60_000 }, async () => {
    using project = new UserProject({
      "src/app.ts": `import { number7 } from "./library.ts";\nimport { run } from "gort";\nawait run(() => console.log(number7((n, s) => n + s.length)));\n`,
      "src/library.ts": hundred,
      "build.mjs": `import gort from "@gort/compiler/${name}";
        const [IN, OUT] = [import.meta.dirname + "/src/app.ts", import.meta.dirname + "/out"];
        ${build}`,
      "strip.cjs": `module.exports = (code) => code;`,
    });
    for (const tool of [name, "terser"]) project.install(tool);
    expect(await project.type("node", ["build.mjs"])).toMatchObject({ stderr: "", status: 0 });
    expect(await project.type("node", ["out/bundle.mjs"])).toMatchObject({ stderr: "", stdout: "78\n", status: 0 });
    const text = readFileSync(project.path("out/bundle.mjs"), "utf8");
    expect([...text.matchAll(/only-in-(\d+)/g)].map((m) => m[1]).filter((n, i, all) => all.indexOf(n) === i)).toEqual([
      "7",
    ]);
    expect(text.match(/class-\d+/g) ?? []).toEqual([]);
  });
}
