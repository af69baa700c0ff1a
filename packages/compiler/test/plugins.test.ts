/** Each bundler, and webpack's loader alone: the bundle runs with only `gort` installed, and a mistake is shown with its place. */
import { existsSync, globSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const files = {
  "src/app.ts": `import { chan, run } from "gort";
import { squares } from "./squares.ts";
import { label } from "./label.ts";

const numbers = chan<number>();
await run(() => {
  squares(numbers, 4);
  let sum = 0;
  for (const n of numbers) sum += n;
  console.log(label(sum));
});
`,
  "src/squares.ts": `import { go, type Chan } from "gort";

export function squares(out: Chan<number>, n: number): void {
  go(() => {
    for (let i = 1; i <= n; i++) out.send(i * i);
    out.close();
  });
}
`,
  "src/label.ts": `"use no gort";\nexport const label = (n: number): string => "sum " + String(n);\n`,
  "src/unparsed.ts": "export const a = 1;\nexport const x = ;\n",
  "src/broken.ts": "enum Color { Red }\nexport const x: number = Color.Red, y = [x], z = $R;\n",
};

/** A build script for each bundler; `IN` and `OUT` are given. */
const bundlers: Record<string, string> = {
  vite: `import { build } from "vite";
    await build({ logLevel: "error", plugins: [gort()], build: { ssr: IN, outDir: OUT, rollupOptions: { external, output: { entryFileNames: "bundle.mjs" } } } });`,
  rollup: `import { rollup } from "rollup";
    const bundle = await rollup({ input: IN, external, plugins: [{ name: "strip", async transform(code, id) { if (id.endsWith("label.ts")) return { code: code.replace(": number", "").replace(": string", ""), map: null }; } }, gort()], onwarn() {} });
    await bundle.write({ file: OUT + "/bundle.mjs", format: "esm" });`,
  rolldown: `import { rolldown } from "rolldown";
    const bundle = await rolldown({ input: IN, external, plugins: [gort()] });
    await bundle.write({ file: OUT + "/bundle.mjs", format: "esm" });`,
  esbuild: `import { build } from "esbuild";
    await build({ entryPoints: [IN], bundle: true, format: "esm", platform: "node", external: ["gort", "gort/*"], outfile: OUT + "/bundle.mjs", plugins: [gort()], logLevel: "silent" });`,
  webpack: `import webpack from "webpack";
    await new Promise((ok, fail) => webpack({
      mode: "production", devtool: false, target: "node22", entry: IN, experiments: { outputModule: true },
      externalsType: "module", externals: [({ request }, done) => (external.test(request) ? done(null, request) : done())],
      module: { rules: [{ test: /label\\.ts$/, use: [{ loader: OUT + "/../strip.cjs" }] }] },
      output: { path: OUT, filename: "bundle.mjs", module: true, library: { type: "module" } }, plugins: [gort()],
    }, (error, stats) => (error || stats.hasErrors() ? fail(error ?? new Error(stats.toString("errors-only"))) : ok())));`,
  "webpack-loader": `import webpack from "webpack";
    await new Promise((ok, fail) => webpack({
      mode: "production", devtool: false, target: "node22", entry: IN, experiments: { outputModule: true },
      externalsType: "module", externals: [({ request }, done) => (external.test(request) ? done(null, request) : done())],
      module: { rules: [{ test: /\\.ts$/, enforce: "pre", use: { loader: "@gort/compiler/webpack-loader", options: { exclude: [{ source: "label", flags: "" }] } } }, { test: /label\\.ts$/, use: [{ loader: OUT + "/../strip.cjs" }] }] },
      output: { path: OUT, filename: "bundle.mjs", module: true, library: { type: "module" } }
    }, (error, stats) => (error || stats.hasErrors() ? fail(error ?? new Error(stats.toString("errors-only"))) : ok())));`,
};

function script(name: string, entry: string): string {
  return `import gort from "@gort/compiler/${name}";
    const [IN, OUT, external] = [import.meta.dirname + "/src/${entry}.ts", import.meta.dirname + "/out", /^gort(\\/|$)/];
    ${bundlers[name]!}`;
}

for (const name of Object.keys(bundlers)) {
  test(`${name}: the bundle needs only gort`, { timeout: 60_000 }, async () => {
    using project = new UserProject({
      ...files,
      "build.mjs": script(name, "app"),
      "strip.cjs": `module.exports = (code) => code.replace(": number", "").replace(": string", "");`,
    });
    project.install(name.replace(/-loader$/, ""));
    const built = await project.type("node", ["build.mjs"]);
    expect(built).toMatchObject({ stderr: "", status: 0 });
    // As it will be where the bundle is deployed: no sources, no compiler.
    for (const gone of ["src", "node_modules/@gort", "node_modules/.bin"])
      rmSync(project.path(gone), { recursive: true });
    expect(globSync("node_modules/*", { cwd: project.folder })).toContain(join("node_modules", "gort"));
    expect(await project.type("node", ["out/bundle.mjs"])).toMatchObject({ stderr: "", stdout: "sum 30\n", status: 0 });
  });

  test(`${name}: what is refused ends the build, with its place and cure`, { timeout: 60_000 }, async () => {
    using project = new UserProject({ ...files, "build.mjs": script(name, "broken") });
    project.install(name.replace(/-loader$/, ""));
    const built = await project.type("node", ["build.mjs"]);
    expect(built.status).not.toBe(0);
    expect(built.stderr).toContain("GORT_UNSUPPORTED");
    expect(built.stderr).toMatch(/broken\.ts:2:50/);
    expect(built.stderr).toContain("Instead:");
    expect(existsSync(project.path("out/bundle.mjs"))).toBe(false);
  });

  test(`${name}: what does not parse ends the build, with its place`, { timeout: 60_000 }, async () => {
    using project = new UserProject({ ...files, "build.mjs": script(name, "unparsed") });
    project.install(name.replace(/-loader$/, ""));
    const built = await project.type("node", ["build.mjs"]);
    expect(built.status).not.toBe(0);
    expect(built.stderr).toContain("GORT_PARSE");
    expect(built.stderr).toMatch(/unparsed\.ts:2:18/);
    expect(existsSync(project.path("out/bundle.mjs"))).toBe(false);
  });
}

test(
  "esbuild: a long build is not ended with the one that makes JavaScript of enums",
  { timeout: 60_000 },
  async () => {
    using project = new UserProject({
      "src/app.ts": `import { rest } from "./rest.ts";\nenum Color { Red = 7 }\nconsole.log(Color.Red, rest);\n`,
      "src/rest.ts": "export const rest = 1;\n",
      "build.mjs": `import { build } from "esbuild"; import gort from "@gort/compiler/esbuild";
      const slow = { name: "slow", setup({ onLoad }) { onLoad({ filter: /rest\\.ts$/ }, async () => {
        await new Promise((done) => setTimeout(done, 2500)); return { contents: "export const rest = 2" }; }); } };
      await build({ entryPoints: [import.meta.dirname + "/src/app.ts"], bundle: true, format: "esm", platform: "node", external: ["gort", "gort/*"], outfile: import.meta.dirname + "/out/bundle.mjs", plugins: [slow, gort()], logLevel: "silent" });`,
    });
    project.install("esbuild");
    expect(await project.type("node", ["build.mjs"])).toMatchObject({ stderr: "", status: 0 });
    expect(await project.type("node", ["out/bundle.mjs"])).toMatchObject({ stdout: "7 2\n", status: 0 });
  },
);
