/**
 * Compiles packages/runtime/src/natives/*.ts beside themselves, with the compiler of this workspace: the versions of native
 * functions whose callbacks may suspend. Files that only their likes import under `.ts` need no compiling.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileIn } from "../packages/compiler/src/compile.ts";
import { root } from "./packages.mjs";

const folder = join(root, "packages/runtime/src/natives");

/** What is compiled: what somebody imports as `.js`. */
const compiled = ["array", "async", "calls", "collection", "iterator", "lazy", "string", "timsort", "typed-array"];
/** What never suspends. */
const leaves = [
  "../internal/engine.ts",
  "./entries.ts",
  "./intrinsics.ts",
  "./storage.ts",
  "./text.ts",
  "./typed.ts",
  "./versions.ts",
];

/** @param {string} name @param {boolean} [force] Suspend at every safepoint: for tests. */
export function compileNative(name, force = false) {
  const file = join(folder, `${name}.ts`);
  const { code } = compileIn({ runtime: "../internal/state.ts", leaves }, readFileSync(file, "utf8"), {
    filename: file,
    shown: "<anonymous>",
    format: "module",
    positions: false,
    force,
  });
  return `// Made from ${name}.ts.\n${code}`;
}

export function nativesExist() {
  return compiled.every((name) => existsSync(join(folder, `${name}.js`)));
}

/** Writes what has changed. */
export function compileNatives() {
  for (const name of compiled) {
    const file = join(folder, `${name}.js`);
    const code = compileNative(name);
    if (!existsSync(file) || readFileSync(file, "utf8") !== code) writeFileSync(file, code);
  }
}
