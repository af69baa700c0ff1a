/** A minifier from npm, terser, on a library's source. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { minify_sync } from "terser";

const text = readFileSync(createRequire(import.meta.url).resolve("underscore/underscore.js"), "utf8");

export function work(): number {
  return minify_sync(text).code!.length;
}
