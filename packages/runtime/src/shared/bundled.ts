/**
 * Slices of a bundle: modules as text, under keys (compiler/src/bundle.ts writes them). A thread makes each when it is first required,
 * once, whatever module of the bundle brought it.
 *
 *     place of a function: the slices of its module, JSON ─ newline ─ the bundle's URL
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { hasFiles, here } from "../internal/here.ts";

type Slice = readonly [text: string, keys: Readonly<Record<string, string>>];
interface Made {
  exports: unknown;
}

const slices: Map<string, Slice> = new Map();
const made: Map<string, Made> = new Map();
/** Places whose slices are known. */
const known: Set<string> = new Set();

/** The place of the slices being made: parallel functions that they define are to be found there, too. */
export const making: { place: string } = { place: "" };

/** What the compiler leaves where nobody has said where the slices are: a runtime in the bundle, an old plugin. */
const NOWHERE = "gort-bundled-slices";

export function isBundled(place: string): boolean {
  return place.startsWith("{");
}

/** Whether other threads can be started, and find the function. */
export function isReachable(place: string): boolean {
  if (place === "" || place === NOWHERE) return false;
  return !isBundled(place) || hasFiles();
}

/** Makes the slice of the parallel function `id`. */
export function loadBundled(place: string, id: string): void {
  const end = place.lastIndexOf("\n");
  if (!known.has(place)) {
    known.add(place);
    const all = JSON.parse(place.slice(0, end)) as Record<string, Slice>;
    for (const [key, slice] of Object.entries(all)) if (!slices.has(key)) slices.set(key, slice);
  }
  const before = making.place;
  making.place = place;
  try {
    make(id.split("#").slice(0, 2).join("?"), place.slice(end + 1));
  } finally {
    making.place = before;
  }
}

/** The runtime's own modules, and Node's. */
const outer: NodeJS.Require = createRequire(here);

function make(key: string, url: string): unknown {
  const there = made.get(key);
  if (there !== undefined) return there.exports;
  const slice = slices.get(key);
  if (slice === undefined) throw new Error(`gort: the bundle has no slice ${key}`);
  const [text, keys] = slice;
  const module: Made = { exports: {} };
  made.set(key, module);
  const require = (specifier: string): unknown => {
    const inner = keys[specifier];
    return inner === undefined ? outer(specifier) : make(inner, url);
  };
  const file = url.startsWith("file:") ? fileURLToPath(url) : url;
  // oxlint-disable-next-line typescript/no-implied-eval -- a module of the program, which the build wrote
  const run = new Function(
    "require",
    "exports",
    "module",
    "$url",
    "$dirname",
    "$filename",
    `${text}\n//# sourceURL=${key}`,
  );
  run(require, module.exports, module, url, file.replace(/[\\/][^\\/]*$/, ""), file);
  return module.exports;
}
