/** A parser from npm, esprima, on a library's source. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** It has no types. */
interface Esprima {
  parse(text: string, options: { range: boolean }): object;
}
const require = createRequire(import.meta.url);
const esprima = require("esprima") as Esprima;
const text = readFileSync(require.resolve("underscore/underscore.js"), "utf8");

export function work(): number {
  return JSON.stringify(esprima.parse(text, { range: true })).length;
}
