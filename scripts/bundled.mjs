/**
 * Writes packages/runtime/dist/bundled.js, the export `gort/bundled`: the runtime's files as text, from which threads start where a bundle
 * has the runtime inside (shared/entry.ts). Compiled modules with parallel functions import it; Node.js itself, which finds the
 * files, gets the empty file nothing.js.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { root } from "./packages.mjs";

/** What no thread loads. */
const LEFT_OUT = /^(?:testing|bundled|nothing)\.js$/;

export function writeBundled() {
  const dist = join(root, "packages/runtime/dist");
  /** @type {Record<string, string>} */
  const files = {};
  for (const name of readdirSync(dist)) {
    if (!name.endsWith(".js") || LEFT_OUT.test(name)) continue;
    // Names stay: errors show them.
    const { code } = transformSync(readFileSync(join(dist, name), "utf8"), {
      minifyWhitespace: true,
      minifySyntax: true,
      target: "node22",
      legalComments: "none",
    });
    files[name] = code;
  }
  writeFileSync(join(dist, "bundled.js"), `globalThis[Symbol.for("gort.files")] = ${JSON.stringify(files)};\n`);
  for (const name of ["nothing.js", "nothing.d.ts"]) writeFileSync(join(dist, name), "export {};\n");
}
