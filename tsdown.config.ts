/** Builds packages/*\/dist: ESM and declarations, one file an export, shared chunks between them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type UserConfig } from "tsdown";
import { ascii } from "./scripts/ascii.mjs";
import { builtins } from "./scripts/builtins.mjs";
import { constants } from "./scripts/constants.mjs";
import { entries, packages } from "./scripts/packages.mjs";

/** GORT_API=1 writes one self-contained declaration file an export, for the snapshot of the public API. */
const api = process.env["GORT_API"] === "1";

/** Of packages/runtime: everything but the natives, what has an entry of its own, and what is for tests. */
const HOT =
  /packages[\\/]runtime[\\/]src[\\/](?!natives|testing|net|http|fs|exec|trace|inspect|index|shared[\\/]startup).*(?<!\.d)\.ts$/;

function build(name: string, entry: Record<string, string>, extra: UserConfig = {}): UserConfig {
  return {
    cwd: join(import.meta.dirname, "packages", name),
    entry,
    outDir: "dist",
    format: "esm",
    platform: "node",
    target: "node22.15",
    dts: { oxc: true },
    sourcemap: true,
    hash: false,
    fixedExtension: false,
    // Types come from the sources of the other packages, code never does.
    inputOptions: { resolve: { conditionNames: ["import", "node", "default"] } },
    outputOptions: {
      // The declarations have what is said of the API; what runs is read by the engine alone, on every thread.
      comments: { jsdoc: false },
      // An entry has the name its export says: a chunk called `index` must not take it.
      chunkFileNames: (chunk) =>
        chunk.name === "runtime" ? "runtime.js" : `shared-${chunk.name.replace(/\.d$/, "")}.js`,
      // One chunk for all that is hot: the engine folds constants of the same module into optimised code, imported ones it loads.
      // And scripts/constants.mjs makes constants of them.
      ...(name === "runtime" ? { codeSplitting: { groups: [{ name: "runtime", test: HOT }] } } : {}),
    },
    plugins: name === "runtime" ? [constants("runtime"), builtins(), ascii()] : [builtins(), ascii()],
    // What `gort explain` shows.
    ...(name === "devtools" ? { copy: [{ from: "../../docs/errors/GORT_*.md", to: "dist/errors" }] } : {}),
    logLevel: "warn",
    report: false,
    tsconfig: join(import.meta.dirname, "tsconfig.src.json"),
    ...extra,
  };
}

/** GORT_BUILD_ONLY=compiler,devtools builds some of the packages. */
const only = process.env["GORT_BUILD_ONLY"]?.split(",");
const chosen = packages.filter((name) => only === undefined || only.includes(name));

const configs: UserConfig[] = chosen.flatMap((name) => {
  const all = entries(name).filter((e) => existsSync(join(import.meta.dirname, "packages", name, e.source)));
  if (!api) return [build(name, Object.fromEntries(all.map((e) => [e.out, e.source])))];
  return all.map((e) =>
    build(
      name,
      { [e.out]: e.source },
      {
        dts: { oxc: true, emitDtsOnly: true, sourcemap: false },
        outDir: join(import.meta.dirname, "node_modules/.cache/gort-workspace/api", name, e.out),
        sourcemap: false,
      },
    ),
  );
});

/** The live page's own script, style and text, which devtools puts into one. It runs in a browser. */
const page: UserConfig = build(
  "devtools",
  { page: "./src/live/page/main.ts" },
  {
    outDir: "dist/live",
    platform: "browser",
    target: "es2024",
    dts: false,
    sourcemap: false,
    plugins: [],
    copy: [{ from: ["src/live/page/*.html", "src/live/page/*.css"], to: "dist/live" }],
    tsconfig: join(import.meta.dirname, "packages/devtools/src/live/page/tsconfig.json"),
  },
);
if (!api && chosen.includes("devtools")) configs.push(page);

export default defineConfig(configs);
