/**
 * Slices in a bundle: the modules that threads load for a module's parallel functions, as text in the module itself, because there is
 * one file and nothing beside it. Each slice is a function of its own under a key, so that a thread has one of each variable, however
 * many modules bring it along. Packages they import are bundled whole; `gort` and Node's own modules are required.
 *
 *     { "src/app.ts?count": ["exports.count = …", { "./table.ts?gort-slice=rows": "src/table.ts?rows" }], … }
 *
 * The runtime's side: shared/bundled.ts.
 */
import { createRequire, isBuiltin } from "node:module";
import { dirname, relative } from "node:path";
import type * as esbuild from "esbuild";
import { bundledText } from "./text.ts";
import { compile } from "../compile.ts";
import { isInCycle } from "../files/cycle.ts";
import { importedFile } from "../files/files.ts";
import { requestsOf } from "../files/module-syntax.ts";
import { formatOf, isOptedOut, textOf } from "../files/module-text.ts";
import { isCompiled } from "../files/package-rules.ts";
import { withoutTypes } from "../files/passed-on.ts";
import { BUNDLED } from "../parallel/functions.ts";
import { sliceOf } from "../parallel/address.ts";
import type { GortOptions } from "./transform.ts";

/** Text of a module that is given `require`, `exports`, `module` and the bundle's URL; what its specifiers mean; whether it awaits at its top. */
type Slice = readonly [text: string, keys: Readonly<Record<string, string>>, waits?: true];

/** Before the specifier of an `import()`: what is not made before it is asked for. */
const LAZY = "import ";
/** In the place of a slice's name: all of the module. */
const WHOLE = ".";

export function shownName(file: string): string {
  return relative(process.cwd(), file).replaceAll("\\", "/");
}

function loadEsbuild(): typeof esbuild {
  try {
    return createRequire(import.meta.url)("esbuild") as typeof esbuild;
  } catch (cause) {
    throw new Error("parallel functions in a bundle need the package esbuild: npm install --save-dev esbuild", {
      cause,
    });
  }
}

/** Puts the slices of its parallel functions into the compiled text of the module `file`. `hasMeta`: the bundle will have `import.meta`. */
export async function withSlices(
  code: string,
  file: string,
  names: readonly string[],
  options: GortOptions,
  hasMeta: boolean,
): Promise<string> {
  const slices = new Map<string, Slice>();
  for (const name of names) await collect(file, name, slices, options, loadEsbuild());
  const text = JSON.stringify(Object.fromEntries(slices));
  const url = hasMeta ? "import.meta.url" : 'require("node:url").pathToFileURL(__filename).href';
  // On the first line, so that no other one moves. The runtime's files are for bundles that have it inside: where it stands outside, nothing.
  const runtime = formatOf(file, code) === "commonjs" ? 'require("gort/bundled")' : 'import"gort/bundled"';
  return `${runtime};const $gortSlices=${JSON.stringify(text)}+"\\n"+${url};${code.replaceAll(`"${BUNDLED}"`, "$gortSlices")}`;
}

async function collect(
  file: string,
  name: string | null,
  into: Map<string, Slice>,
  options: GortOptions,
  tool: typeof esbuild,
): Promise<string> {
  const key = name === null ? shownName(file) : `${shownName(file)}?${name}`;
  if (into.has(key)) return key;
  const keys: Record<string, string> = {};
  into.set(key, ["", keys]); // a cycle ends here
  const { code, map, parallels } = codeOf(file, name, options);
  const { imported, later } = requestsOf("slice.js", code);
  for (const [prefix, specifiers] of [
    ["", imported],
    [LAZY, later],
  ] as const) {
    for (const specifier of specifiers) {
      if (isBuiltin(specifier) || /^gort(?:\/|$)/.test(specifier)) continue;
      keys[prefix + specifier] = await keyOf(file, specifier, into, options, tool);
    }
  }
  // As long as what stands there: the map stays true.
  const place = "$place".padEnd(BUNDLED.length + '""'.length);
  const { text, waits } = await bundledText(code.replaceAll(`"${BUNDLED}"`, place), map, file, key, tool);
  // Of a module that is there whole other threads start functions, too.
  for (const parallel of parallels) await collect(file, parallel, into, options, tool);
  into.set(key, waits ? [text, keys, true] : [text, keys]);
  return key;
}

/** The text of a slice; of all of a module that is compiled (`import()`), with its parallel functions; of one that is not, as it is. */
function codeOf(
  file: string,
  name: string | null,
  options: GortOptions,
): { code: string; map: object | null; parallels: readonly string[] } {
  const text = textOf(file);
  if (name === null) return { code: text, map: null, parallels: [] };
  const { code, map, parallels } = compile(withoutTypes(file, text), {
    filename: file,
    shown: shownName(file),
    force: options.force === true,
    positions: false,
    cyclic: isInCycle(file),
    ...(name === WHOLE ? {} : { slice: name }),
    format: "module",
  });
  return { code, map, parallels: name === WHOLE ? parallels : [] };
}

async function keyOf(
  from: string,
  specifier: string,
  into: Map<string, Slice>,
  options: GortOptions,
  tool: typeof esbuild,
): Promise<string> {
  const file = importedFile(from, specifier);
  if (file === null) return await packageKey(from, specifier, into, tool);
  const text = textOf(file);
  const whole = !isCompiled(file, options) || isOptedOut(text) || formatOf(file, text) === "commonjs";
  return await collect(file, whole ? null : (sliceOf(specifier) ?? WHOLE), into, options, tool);
}

/** A package, or what only the bundler could resolve otherwise: bundled whole, or the build fails and says so. */
async function packageKey(
  from: string,
  specifier: string,
  into: Map<string, Slice>,
  tool: typeof esbuild,
): Promise<string> {
  const bare = specifier.replace(/[?#]gort-slice=.*$/, "");
  const key = `${bare} from ${shownName(dirname(from))}`;
  if (into.has(key)) return key;
  const built = await tool.build({
    stdin: { contents: `module.exports = require(${JSON.stringify(bare)});`, resolveDir: dirname(from) },
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node22",
    minifyWhitespace: true,
    external: ["gort", "gort/*"],
    logLevel: "silent",
  });
  into.set(key, [built.outputFiles[0]!.text, {}]);
  return key;
}
