/**
 * The compiler itself and the parser it brings, loaded when a module has to be compiled: a program whose modules are all in the cache, and
 * each of its threads, starts without them (15 ms, docs/perf.md).
 */
import { createRequire } from "node:module";

type Whole = typeof import("./whole.ts");

let whole: Whole | undefined;

export function compiler(): Whole {
  const file = import.meta.url.endsWith(".ts") ? "./whole.ts" : "./whole.js";
  return (whole ??= createRequire(import.meta.url)(file) as Whole);
}
