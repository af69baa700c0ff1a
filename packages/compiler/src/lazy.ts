/**
 * The compiler itself and the parser it brings, loaded when a module has to be compiled: a program whose modules are all in the cache, and
 * each of its threads, starts without them (15 ms, docs/perf.md).
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** One of the compiler's own files beside this one: its sources lie in folders, what they are built to does not. */
export function ownFile(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
}

type Whole = typeof import("./whole.ts");

let whole: Whole | undefined;

/**
 * Whether the compiler is on its way in. What is loaded meanwhile are its own packages: they stay as they are, also where the
 * program names them to be compiled, or it would be asked for before it is there.
 */
export const arriving: { now: boolean } = { now: false };

export function compiler(): Whole {
  if (whole !== undefined) return whole;
  arriving.now = true;
  try {
    return (whole = createRequire(import.meta.url)(fileURLToPath(ownFile("whole"))) as Whole);
  } finally {
    arriving.now = false;
  }
}
