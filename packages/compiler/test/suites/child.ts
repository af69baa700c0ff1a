/**
 * Runs one suite one way, in a process of its own: `node child.ts NAME plain|compiled|preempted|forced [quick]`. Prints a
 * report as JSON on the last line.
 */
import { readFileSync } from "node:fs";
import module from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import { Worker } from "node:worker_threads";
import { compile, installLoader } from "@gort/compiler";
import { transformSync } from "esbuild";
import { R, U } from "gort/internal";
import type { Main } from "./body.ts";
import { filesOf, suites } from "./suites.ts";

const [name, way, quick] = process.argv.slice(2);
const suite = suites.find((s) => s.name === name)!;
const packages = [suite.name, ...(suite.beside ?? [])];
const plain = way === "plain";
const force = way === "forced";

const shims = new Map(
  ["tape.cts", "lab.cts", "code.cts", "json-diff.cts", "vitest.ts"].map((file) => [
    file.replace(/\..*$/, ""),
    new URL(`./shims/${file}`, import.meta.url).href,
  ]),
);
const inSuite = new RegExp(`/node_modules/(?:${packages.join("|")})/`);

if (!plain) installLoader({ include: packages, force });
module.registerHooks({
  resolve(specifier, context, nextResolve) {
    const shim = shims.get(specifier);
    if (shim !== undefined) return { url: shim, shortCircuit: true };
    if (plain && inSuite.test(context.parentURL ?? "") && context.parentURL?.endsWith(".ts") === true)
      return nextResolve(specifier.replace(/^(\..*)\.js$/, "$1.ts"), context);
    return nextResolve(specifier, context);
  },
  load(url, context, nextLoad) {
    // Node itself takes no types out of what is in node_modules.
    if (!plain || !inSuite.test(url) || !url.endsWith(".ts")) return nextLoad(url, context);
    const { code } = transformSync(readFileSync(fileURLToPath(url), "utf8"), { loader: "ts", target: "esnext" });
    return { format: "module", source: code, shortCircuit: true };
  },
});

const { every: seldom = 1 } = suite;
// Every one would take an hour where there are hundreds of millions.
const every = quick === "quick" ? seldom : seldom > 100 ? Math.floor(seldom / 4) : 1;
if (force && every > 1) {
  const { force: always } = R;
  let calls = 0;
  const sometimes = (value: unknown): boolean => ++calls % every === 0 && always(value);
  Object.defineProperty(R, "force", { value: Object.defineProperty(sometimes, "name", { value: "gort:ask" }) });
  Object.defineProperty(R, "forcePoll", { value: () => ++calls % every === 0 && (R.forced = true) });
}

let preempted = 0;
if (way === "preempted") {
  // A slice is over every millisecond, not every ten.
  const code = `const U = require("node:worker_threads").workerData; for (;;) { Atomics.wait(U, 5, 0, 1); Atomics.store(U, 0, 1); }`;
  new Worker(code, { eval: true, workerData: U }).unref();
  const { poll } = R;
  Object.defineProperty(R, "poll", {
    value: Object.defineProperty(
      () => {
        const left = poll();
        if (left) preempted++;
        return left;
      },
      "name",
      { value: "gort:ask" },
    ),
  });
}

/** The text of a CommonJS file as the body of a function. */
function mainOf(file: string): Main {
  const text = `exports.main = function (require, module, exports) {${readFileSync(file, "utf8")}\n};`;
  const code = plain ? text : compile(text, { filename: file, format: "commonjs", force }).code;
  const made = { exports: {} as { main: Main } };
  const wrapper = compileFunction(code, ["exports", "require", "module", "__filename", "__dirname"], {
    filename: file,
  });
  (wrapper as (...args: unknown[]) => void)(made.exports, module.createRequire(file), made, file, dirname(file));
  return made.exports.main;
}

const { runAll } = await import("./harness.ts");
const files = filesOf(suite, quick === "quick");

if (suite.kind === "registers") {
  for (const file of files) await import(pathToFileURL(file).href);
} else if (suite.kind === "nodeunit") {
  const { nodeunit } = await import("./nodeunit.ts");
  for (const file of files) nodeunit(((await import(pathToFileURL(file).href)) as { default: object }).default);
} else {
  const { bodyTest } = await import("./body.ts");
  for (const file of files) bodyTest(suite.name, file, mainOf(file));
}

// The same dice for each way; before this the loader has used them.
let seed = 1;
Math.random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;

const report = await runAll(plain);
const suspended = way === "preempted" ? preempted : R.forcings;
process.stdout.write(`\n${JSON.stringify({ ...report, suspended })}\n`, () => process.exit());
