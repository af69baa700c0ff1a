/**
 * Slices in a bundle: the modules that threads load for a module's parallel functions, as text in the module itself, because there is
 * one file and nothing beside it. Each slice is a function of its own under a key, so that a thread has one of each variable, however
 * many modules bring it along. Packages they import are bundled whole; `gort` and Node's own modules are required.
 *
 *     { "src/app.ts?count": ["exports.count = …", { "./table.ts?gort-slice=rows": "src/table.ts?rows" }], … }
 *
 * The runtime's side: shared/bundled.ts.
 */
import { readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, relative } from "node:path";
import type * as esbuild from "esbuild";
import { compile } from "./compile.ts";
import { isInCycle } from "./cycle.ts";
import { importedFile } from "./files.ts";
import { moduleRequests } from "./module-syntax.ts";
import { formatOf, isOptedOut } from "./module-text.ts";
import { isCompiled } from "./package-rules.ts";
import { BUNDLED } from "./parallel-functions.ts";
import { sliceOf } from "./slice.ts";
import type { GortOptions } from "./unplugin.ts";

/** Text of a module that is given `require`, `exports`, `module` and the bundle's URL, and what its specifiers mean. */
type Slice = readonly [text: string, keys: Readonly<Record<string, string>>];

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
  const code = codeOf(file, name, options);
  for (const specifier of moduleRequests("slice.js", code)) {
    if (isBuiltin(specifier) || /^gort(?:\/|$)/.test(specifier)) continue;
    keys[specifier] = await keyOf(file, specifier, into, options, tool);
  }
  const { code: text } = await tool.transform(code, {
    format: "cjs",
    loader: /\.[cm]?tsx?$/.test(file) ? "ts" : file.endsWith("x") ? "jsx" : "js",
    target: "node22",
    platform: "node",
    minifyWhitespace: true,
    define: {
      "import.meta.url": "$url",
      "import.meta.dirname": "$dirname",
      "import.meta.filename": "$filename",
    },
    logLevel: "silent",
  });
  into.set(key, [text, keys]);
  return key;
}

function codeOf(file: string, name: string | null, options: GortOptions): string {
  const text = readFileSync(file, "utf8");
  if (name === null) return text;
  return compile(text, {
    filename: file,
    shown: shownName(file),
    force: options.force === true,
    positions: false,
    cyclic: isInCycle(file),
    slice: name,
    format: "module",
  }).code;
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
  const text = readFileSync(file, "utf8");
  const whole = !isCompiled(file, options) || isOptedOut(text) || formatOf(file, text) === "commonjs";
  return await collect(file, whole ? null : sliceOf(specifier), into, options, tool);
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
