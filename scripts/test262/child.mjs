/** Runs the tests it is sent, one at a time, each in the ways asked for; says first which it begins, in case it hangs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, CompileError } from "@gort/compiler";
import { after } from "./after.mjs";
import { frontmatter } from "./frontmatter.mjs";
import { entries, Realm } from "./realm.mjs";

const folder = process.argv[2] ?? "";
/** Not the test is compiled, but the functions it tests are compiled versions. */
const natives = process.env["TEST262_NATIVES"] === "1";
/** Scripts stand at the top of a file: a CommonJS file if they are sloppy, a module if they are strict. */
const atTop = process.env["TEST262_TOP"] === "1";
/** How tests are run that are meant for both. */
const modesOfBoth = { sloppy: [false], strict: [true] }[process.env["TEST262_MODE"] ?? ""] ?? [false, true];
process.on("unhandledRejection", () => {});
process.on("uncaughtException", () => {});

/** @typedef {{ kind: "passed" | "threw" | "refused", text: string }} Outcome */

/** Compiled harness files: the same for every test. @type {Map<string, string>} */
const compiled = new Map();

/** @param {boolean} force @returns {import("./realm.mjs").Transform} */
const transform = (force) => (text, filename, format) => {
  const shared = /[\\/]harness[\\/]/.test(filename);
  const key = `${force} ${filename}`;
  let code = shared ? compiled.get(key) : undefined;
  if (code === undefined) {
    code = compile(text, { filename, force, format }).code;
    if (shared) compiled.set(key, code);
  }
  return code;
};

/** @param {string} name */
function harness(name) {
  const text = readFileSync(join(folder, "harness", name), "utf8");
  // Loaded as a module of its own, so what it declares is put where scripts put it.
  const names = [...text.matchAll(/^(?:async )?(?:function\*?|var|let|const|class)\s+([\w$]+)/gm)].map((m) => m[1]);
  return `${text}\n${[...new Set(names)].map((n) => `globalThis.${n} = ${n};`).join("\n")}\n`;
}

/** Tells how a test has ended. Not by the promise of `run`: to look at one of the realm's promises is seen by tests. */
const ended = `exports.main = function (end) {
  try {
    test();
  } catch (error) {
    end({ error });
    return;
  }
  end({});
};`;

/**
 * @param {string} file @param {string} text @param {boolean} strict @param {"plain" | "compiled" | "forced"} way
 * @returns {Promise<Outcome>}
 */
async function once(file, text, strict, way) {
  const { flags, includes, negative } = frontmatter(text);
  const filename = join(folder, "test", file);
  const isModule = flags.has("module") || (atTop && strict);
  const name = isModule ? filename : `${filename.replace(/\.js$/, "")}.cjs`;
  /** @type {Realm} */
  let realm;
  let forcings = 0;
  try {
    realm = new Realm(way === "plain" ? null : natives ? (text) => text : transform(way === "forced"));
    if (!flags.has("raw"))
      for (const h of ["assert.js", "sta.js", "doneprintHandle.js", ...includes]) {
        if (h === "doneprintHandle.js") continue;
        realm.commonjs(harness(h), join(folder, "harness", h.replace(/\.js$/, ".cjs")), true);
      }
    if (natives && way !== "plain") realm.installNatives();
    /** @type {Promise<unknown> | null} */
    let done = null;
    if (flags.has("async"))
      done = new Promise((resolve, reject) => {
        realm.global.$DONE = (/** @type {unknown} */ error) => (error ? reject(error) : resolve(undefined));
      });
    if (isModule) {
      const module = realm.module(filename, text);
      await realm.link(module);
      await module.evaluate();
    } else if (atTop) {
      realm.commonjs(text, name);
    } else {
      const { main } = realm.commonjs(
        `const test = function () {${strict ? '"use strict"; ' : ""}${text}\n};\n${ended}`,
        name,
      );
      /** @type {{ error?: unknown }} */
      const end = await new Promise((resolve) => {
        if (realm.gort === null) main(resolve);
        else realm.gort.run(main, resolve);
      });
      forcings = realm.gort?.internal.R.forcings ?? 0;
      if ("error" in end) throw end.error;
    }
    await done;
  } catch (error) {
    return outcomeOf(error, negative);
  }
  if (negative !== null) return { kind: "threw", text: `expected ${negative.type}` };
  return { kind: "passed", text: `${forcings}` };
}

/** @param {any} error @param {{ phase: string, type: string } | null} negative @returns {Outcome} */
function outcomeOf(error, negative) {
  if (error instanceof CompileError) {
    const early = error.code === "GORT_PARSE" || /^`(with|eval)/.test(error.message);
    if (negative?.type === "SyntaxError" && early) return { kind: "passed", text: "0" };
    return { kind: "refused", text: error.message.replace(/^.*?: (GORT_\w+): /, "$1: ") };
  }
  let name = "";
  let text = "";
  try {
    name = String(error?.constructor?.name ?? error?.name);
    text = `${name}: ${String(error?.message ?? error)}${error?.code === undefined ? "" : ` (${error.code})`}`;
    if (process.env["TEST262_STACK"] === "1") text += `\n${error?.stack}`;
  } catch {
    text = "an error that cannot be shown";
  }
  return negative !== null && name === negative.type ? { kind: "passed", text: "0" } : { kind: "threw", text };
}

/** @param {Promise<Outcome>} run @returns {Promise<Outcome>} */
function limited(run) {
  let stop = () => {};
  /** @type {Promise<Outcome>} */
  const late = new Promise((resolve) => {
    stop = after(5000, () => resolve({ kind: "threw", text: "never ends" }));
  });
  return Promise.race([run, late]).finally(stop);
}

process.on("message", async (/** @type {string} */ file) => {
  const text = readFileSync(join(folder, "test", file), "utf8");
  const { flags } = frontmatter(text);
  const modes = flags.has("onlyStrict")
    ? [true]
    : flags.has("noStrict") || flags.has("raw") || flags.has("module") || /^\s*['"]use strict['"]/m.test(text)
      ? [false]
      : modesOfBoth;
  /** @type {{ strict: boolean, plain: Outcome, compiled: Outcome | null, forced: Outcome | null }[]} */
  const results = [];
  for (const strict of modes) {
    const plain = await limited(once(file, text, strict, "plain"));
    const counts = plain.kind === "passed";
    const compiled = counts ? await limited(once(file, text, strict, "compiled")) : null;
    // At the top of a file runs no goroutine that could be suspended.
    const forced = counts && !(atTop && !entries) ? await limited(once(file, text, strict, "forced")) : compiled;
    results.push({ strict, plain, compiled, forced });
  }
  process.send?.({ file, results });
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
