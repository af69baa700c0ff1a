/**
 * Slices of a bundle: modules as text, under keys (compiler/src/bundle/bundle.ts writes them). A thread makes each when it is first required,
 * once, whatever module of the bundle brought it.
 *
 *     place of a function: the slices of its module, JSON ─ newline ─ the bundle's URL
 */
import { createRequire, isBuiltin } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { hasFiles, here } from "../internal/here.ts";

type Slice = readonly [text: string, keys: Readonly<Record<string, string>>, waits?: boolean];
interface Made {
  exports: unknown;
}

const slices: Map<string, Slice> = new Map();
const made: Map<string, Made> = new Map();
/** Those that await at their top, or import what does: made, or under way. */
const later: Map<string, Promise<unknown>> = new Map();
/** Places whose slices are known. */
const known: Set<string> = new Set();

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

/** Makes the slice of the parallel function `id`; a promise where something on the way awaits. */
export function loadBundled(place: string, id: string): Promise<unknown> | undefined {
  if (!known.has(place)) {
    known.add(place);
    const all = JSON.parse(place.slice(0, place.lastIndexOf("\n"))) as Record<string, Slice>;
    for (const [key, slice] of Object.entries(all)) if (!slices.has(key)) slices.set(key, slice);
  }
  const key = id.replace(/#([^#]*)#[^#]*$/, "?$1");
  if (waits(key)) return makeLater(key, place, new Set());
  make(key, place);
  return undefined;
}

function sliceAt(key: string): Slice {
  const slice = slices.get(key);
  if (slice === undefined) throw new Error(`gort: the bundle has no slice ${key}`);
  return slice;
}

/** Whether `key`, or what it reaches, awaits at its top. */
function waits(key: string, seen: Set<string> = new Set()): boolean {
  if (seen.has(key)) return false;
  seen.add(key);
  const [, keys, own] = sliceAt(key);
  return own === true || imports(keys).some((inner) => waits(inner, seen));
}

/** Before the specifier of an `import()`: what it means is not made before it is asked for. */
const LAZY = "import ";

function imports(keys: Readonly<Record<string, string>>): string[] {
  return Object.keys(keys)
    .filter((specifier) => !specifier.startsWith(LAZY))
    .map((specifier) => keys[specifier] as string);
}

/** The runtime's own modules, and Node's. */
const outer: NodeJS.Require = createRequire(here);

function make(key: string, place: string): unknown {
  const there = made.get(key);
  if (there !== undefined) return there.exports;
  const module: Made = { exports: {} };
  made.set(key, module);
  run(key, place, module, Function);
  return module.exports;
}

/** As {@link make}, behind what it imports. `above`: who waits for it, in a circle of imports. */
function makeLater(key: string, place: string, above: ReadonlySet<string>): Promise<unknown> {
  let under = later.get(key);
  if (under === undefined) {
    const module: Made = { exports: {} };
    made.set(key, module);
    later.set(key, (under = makeBehind(key, place, module, new Set([...above, key]))));
  }
  return under;
}

async function makeBehind(key: string, place: string, module: Made, above: ReadonlySet<string>): Promise<unknown> {
  for (const inner of imports(sliceAt(key)[1]))
    if (!above.has(inner) && waits(inner)) await makeLater(inner, place, above);
  await run(key, place, module, AsyncFunction);
  return module.exports;
}

const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

/** Runs the text of a slice. */
function run(key: string, place: string, module: Made, kind: FunctionConstructor): unknown {
  const [text, keys] = sliceAt(key);
  const url = place.slice(place.lastIndexOf("\n") + 1);
  const require = (specifier: string): unknown => {
    const inner = keys[specifier];
    return inner === undefined ? outer(specifier) : make(inner, place);
  };
  // What `import()` gives: of what nobody has written down when the bundle was built, what stands beside it.
  const load = async (specifier: unknown, options?: ImportCallOptions): Promise<unknown> => {
    const name = String(specifier);
    const inner = keys[LAZY + name];
    if (inner !== undefined)
      return namespace(waits(inner) ? await makeLater(inner, place, new Set()) : make(inner, place));
    if (isBuiltin(name) || /^gort(?:\/|$)/.test(name)) return namespace(outer(name));
    const found = /^\.{0,2}\//.test(name) ? new URL(name, url).href : name;
    const there = /^[a-z][a-z\d+.-]+:/i.test(found) ? found : pathToFileURL(createRequire(url).resolve(found)).href;
    // Written out: bundlers want to read what it asks for.
    if (options?.with?.["type"] === "json")
      return (await import(/* webpackIgnore: true */ there, { with: { type: "json" } })) as unknown;
    return (await import(/* webpackIgnore: true */ there)) as unknown;
  };
  const file = url.startsWith("file:") ? fileURLToPath(url) : url;
  const parameters = ["require", "exports", "module", "$import", "$place", "$url", "$dirname", "$filename"];
  // A module of the program, which the build wrote.
  const f = new kind(...parameters, `${text}\n//# sourceURL=${key}`);
  return f(require, module.exports, module, load, place, url, file.replace(/[\\/][^\\/]*$/, ""), file) as unknown;
}

function namespace(exports: unknown): unknown {
  if (typeof exports !== "object" && typeof exports !== "function") return { default: exports };
  if (exports === null || (exports as { __esModule?: unknown }).__esModule === true) return exports;
  return { ...exports, default: exports };
}
