/**
 * The Node.js loader: synchronous hooks that compile the application's modules as they are loaded. `register.ts` installs
 * them for `node --import`, the `gort` command in its own process.
 *
 * Files are found as Node finds them. A module of the application in TypeScript also finds what TypeScript does (files.ts): `./x.js` for
 * a file `./x.ts`, `./x` without an extension, a folder's index, names of tsconfig.json's `paths`; and `gort` itself is found from here
 * when the program's folder has none installed.
 */
import { existsSync, realpathSync } from "node:fs";
import module from "node:module";
import { extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";
import { cachedText, compileCached, isPackages, withMap } from "./cache.ts";
import { showCompileError } from "../code-frame.ts";
import type { CompileOptions } from "../compile.ts";
import { isInCycle } from "../files/cycle.ts";
import { importedFile, isAliased } from "../files/files.ts";
import { behindDirectives, type Format, isOptedOut, textOf, toldFormat, writtenFormat } from "../files/module-text.ts";
import { CompileError } from "../errors.ts";
import { arriving, compiler, ownFile } from "../lazy.ts";
import { withoutTypes } from "../files/passed-on.ts";
import { sliceOf } from "../parallel/address.ts";
import { isCompiled, type Rules } from "../files/package-rules.ts";
import type { Source } from "../read/source.ts";

/** What {@link installLoader} can be told. */
export interface LoaderOptions extends Rules {
  /** Suspend at every safepoint: a test mode that must never change a result. Default: false. */
  force?: boolean;
}

/** While a program starts, its files do not change, ms. */
const UNCHANGED = 100;

/** The likelier first, where nothing but its syntax tells what a file is. */
const FORMATS: readonly Format[] = ["commonjs", "module"];

/** Finds what is installed beside the compiler. */
const fromHere = module.createRequire(import.meta.url);

/** Node.js 22 and 23. */
const OLD = Number(process.versions.node.split(".")[0]) < 24;

let installed = false;
/** Whether a package's file was compiled: from then on maps below node_modules are read, ours among them. */
let mapped = false;

/** URLs of the modules that were compiled; where the runtime's parts were found, by name and folder of who imports them. */
export const loaded: { readonly compiled: Set<string>; readonly own: Map<string, module.ResolveFnOutput> } = {
  compiled: new Set(),
  own: new Map(),
};

/**
 * Compiles what this thread, and those of parallel goroutines, load from here on: what `--import @gort/compiler/register` does. A second call does nothing.
 * @throws Error where Node.js has no hooks for it (before 22.15)
 */
export function installLoader(options: LoaderOptions = {}): void {
  if (installed) return;
  if (typeof module.registerHooks !== "function") {
    throw new Error(
      `gort: Node.js 22.15 or newer is needed; this is ${process.version}. ` +
        "Install a newer one, or add it to the project: npm install --save-dev node@26",
    );
  }
  installed = true;
  tellThreads(options);
  enableSourceMaps(false);
  // What the engine makes of compiled text, which is longer than it was, is kept too. Coverage counts what was parsed anew.
  const covered = process.env["NODE_V8_COVERAGE"] !== undefined;
  if (!covered) module.enableCompileCache?.();
  const { compiled, own } = loaded;
  if (covered) compiler().keepCoverage(compiled);
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      // Every compiled module imports these: from one folder they are the same.
      const isOwn = specifier === "gort/internal" || specifier === "gort/natives";
      const from = isOwn ? `${specifier} ${context.parentURL?.replace(/[^/]*$/, "")}` : "";
      const kept = own.get(from);
      if (kept !== undefined) return kept;
      try {
        const alias = aliasOf(specifier, context, options);
        const found = whole(nextResolve(alias ?? specifier, context), options);
        if (isOwn) own.set(from, { ...found, shortCircuit: true });
        return found;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        return resolveOtherwise(specifier, context, nextResolve, options, error);
      }
    },
    load(url, context, nextLoad) {
      if (arriving.now || !url.startsWith("file:")) return nextLoad(url, context);
      const file = fileURLToPath(url.replace(/[?#].*$/, ""));
      const usual = OLD && !isRequired(context.conditions) ? withRequire : (made: module.LoadFnOutput) => made;
      if (!isCompiled(file, options))
        return usual(nextLoad(sliceOf(url) === null ? url : url.replace(/[?#].*$/, ""), context));
      compiled.add(url);
      if (!mapped && isPackages(file)) {
        mapped = true;
        enableSourceMaps(true);
      }
      return usual(load(file, sliceOf(url), options, (format) => nextLoad(url, { ...context, format })));
    },
  });
}

/** Whether it is `require` that asks. Node.js 22.15 has a set there. */
function isRequired(conditions: Iterable<string> | undefined): boolean {
  return [...(conditions ?? [])].includes("require");
}

/** An imported CommonJS module is given a `require` that finds no ECMAScript modules where there are hooks: it takes the usual one. */
function withRequire(made: module.LoadFnOutput): module.LoadFnOutput {
  if (made.format !== "commonjs" || made.source == null) return made;
  const text = typeof made.source === "string" ? made.source : Buffer.from(made.source as Uint8Array).toString();
  return { ...made, source: behindDirectives(text, USUAL) };
}

const USUAL =
  'require=process.getBuiltinModule("node:module").createRequire(__filename);require.cache[__filename]??=module;';

/** Other threads of the program load the same hooks, with the same options: the runtime starts them (register.ts). */
function tellThreads(options: LoaderOptions): void {
  const url = ownFile("register");
  const include = (options.include ?? []).join(",");
  if (include !== "") url.searchParams.set("include", include);
  if (options.force === true) url.searchParams.set("force", "1");
  (globalThis as { [key: symbol]: unknown })[Symbol.for("gort.hooks")] = [url.href];
}

/** Of a CommonJS module there are no slices: a thread loads it whole, once. */
function whole(found: module.ResolveFnOutput, options: LoaderOptions): module.ResolveFnOutput {
  const slice = sliceOf(found.url);
  if (!found.url.startsWith("file:") || slice === null) return found;
  const url = found.url.replace(/[?#].*$/, "");
  const file = fileURLToPath(url);
  if (!isCompiled(file, options)) return found;
  const text = withoutTypes(file, textOf(file));
  const told = toldFormat(file, text);
  // The parser need not be loaded where the slice has been compiled before.
  if (told === null && cachedText(text, optionsFor(file, text, "module", true, slice, options)) !== null) return found;
  return (told ?? writtenFormat(file, text)) === "commonjs" ? { ...found, url } : found;
}

/** Stacks in the lines the user wrote; packages' own maps are not read, unless `packages` says that some are compiled. */
function enableSourceMaps(packages: boolean): void {
  const modern = module as { setSourceMapsSupport?: (on: boolean, options: object) => void };
  if (modern.setSourceMapsSupport !== undefined) modern.setSourceMapsSupport(true, { nodeModules: packages });
  else process.setSourceMapsEnabled(true);
}

function isNotFound(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" || code === "ERR_UNSUPPORTED_DIR_IMPORT";
}

/** The file's path of who imports, where it is a module of the application in TypeScript or JSX; else null. */
function typeScriptParent(parentURL: string | undefined, options: LoaderOptions): string | null {
  const url = parentURL?.replace(/[?#].*$/, "") ?? "";
  if (!url.startsWith("file:") || !/\.(?:[cm]?ts|[jt]sx)$/.test(url)) return null;
  const file = fileURLToPath(url);
  return isCompiled(file, options) ? file : null;
}

/** What to ask Node for where tsconfig.json gives the name to a file: that goes first, as in TypeScript. */
function aliasOf(specifier: string, context: module.ResolveHookContext, options: LoaderOptions): string | null {
  if (/^(?:[./#]|node:|file:)/.test(specifier)) return null;
  const parent = typeScriptParent(context.parentURL, options);
  return parent !== null && isAliased(parent, bareOf(specifier)) ? fileFor(parent, specifier, context) : null;
}

/** The file that `parent` means, as `import` and `require` are asked for it; the specifier's query kept. Null where there is none. */
function fileFor(parent: string, specifier: string, { conditions }: module.ResolveHookContext): string | null {
  const bare = bareOf(specifier);
  const file = importedFile(parent, bare.startsWith("file:") ? fileURLToPath(bare) : bare);
  if (file === null || isRequired(conditions)) return file;
  return pathToFileURL(file).href + specifier.slice(bare.length);
}

function bareOf(specifier: string): string {
  return specifier.replace(/[?#].*$/, "");
}

function resolveOtherwise(
  specifier: string,
  context: module.ResolveHookContext,
  nextResolve: (specifier: string, context?: Partial<module.ResolveHookContext>) => module.ResolveFnOutput,
  options: LoaderOptions,
  error: unknown,
): module.ResolveFnOutput {
  const gort = /^gort(?:\/|$)/.test(specifier);
  const other = gort ? specifier : placeOf(specifier, context, options);
  if (other === null) throw error;
  try {
    // `require` looks from the module that calls it, whatever parent it is told.
    if (gort && isRequired(context.conditions))
      return { url: pathToFileURL(fromHere.resolve(specifier)).href, shortCircuit: true };
    return whole(nextResolve(other, { ...context, parentURL: gort ? import.meta.url : context.parentURL }), options);
  } catch {
    // What the user wrote is what was not found.
    throw error;
  }
}

/** What to ask Node for where a place means another file by TypeScript's rules. */
function placeOf(specifier: string, context: module.ResolveHookContext, options: LoaderOptions): string | null {
  const parent = typeScriptParent(context.parentURL, options);
  if (parent === null || !/^(?:\.{0,2}\/|\.{1,2}$|file:)/.test(specifier)) return null;
  return fileFor(parent, specifier, context);
}

/** `written`: nothing but its syntax tells what the file is. */
function optionsFor(
  file: string,
  text: string,
  format: Format,
  written: boolean,
  slice: string | null,
  options: LoaderOptions,
): CompileOptions {
  return {
    filename: file,
    ...(written && format === "module" && /(?:ts|x)$/.test(extname(file)) ? { asCommonJS: true } : {}),
    format,
    force: options.force === true,
    cyclic: isInCycle(file, UNCHANGED),
    ...(isAskedMain(text, written) && isProgram(file, written) ? { main: true } : {}),
    ...(slice === null ? {} : { slice }),
  };
}

function load(
  file: string,
  slice: string | null,
  options: LoaderOptions,
  asIs: (format: string) => module.LoadFnOutput,
): module.LoadFnOutput {
  const written = textOf(file);
  const text = withoutTypes(file, written);
  const told = toldFormat(file, text);
  const as = (format: Format): CompileOptions => optionsFor(file, text, format, told === null, slice, options);
  try {
    if (isOptedOut(text)) return loadUncompiled(file, text, told ?? writtenFormat(file, text), asIs);
    // An entry of the cache tells as well.
    for (const format of told === null ? FORMATS : []) {
      const source = cachedText(text, as(format));
      if (source !== null) return { format, source, shortCircuit: true };
    }
    const format = told ?? writtenFormat(file, text);
    return { format, source: compileCached(text, as(format)), shortCircuit: true };
  } catch (error) {
    if (error instanceof CompileError) showWhenUncaught(error, written);
    throw error;
  }
}

/** Whether a text asks whether it is the program; `either`: as CommonJS does, too. */
function isAskedMain(text: string, either: boolean): boolean {
  return text.includes("import.meta.main") || (either && /\brequire\.main\b/.test(text));
}

/** The program of `gort run`, which imports it (devtools, run.ts); with `either` Node's own, too. On other threads there is none. */
function isProgram(file: string, either: boolean): boolean {
  if ((globalThis as { [key: symbol]: unknown })[Symbol.for("gort.program")] === file) return true;
  const program = process.argv[1];
  if (!either || !isMainThread || program === undefined) return false;
  return resolve(program) === file || (existsSync(program) && realpathSync(program) === file);
}

/** Node prints the stack and the fields of an error nobody catches: here that is the code frame, without our own stack. */
function showWhenUncaught(error: CompileError, text: string): void {
  const color = process.stderr.isTTY === true && process.stderr.hasColors();
  const shown = showCompileError(error, { source: text, color });
  for (const key of Object.keys(error)) Object.defineProperty(error, key, { enumerable: false });
  error.stack = `${error.name}: ${shown}\n\n    at ${error.file}:${error.line}:${error.column}`;
}

/** A file that says `"use no gort"`: JavaScript is made of it, by Node itself where it has types alone. */
function loadUncompiled(
  file: string,
  text: string,
  format: Format,
  asIs: (format: string) => module.LoadFnOutput,
): module.LoadFnOutput {
  if (!/(?:ts|x)$/.test(extname(file))) return { format, source: text, shortCircuit: true };
  const { source } = compiler().read(text, file, { format, hasRequire: false, runsHere: true });
  if (source.isRewritten) return { format, source: withMap(source.text, mapOf(source)), shortCircuit: true };
  if (source.syntax === "jsx") return { format, source: text, shortCircuit: true };
  if (source.syntax === "ts" && process.features.typescript) return asIs(`${format}-typescript`);
  return { format, source: module.stripTypeScriptTypes(text), shortCircuit: true };
}

function mapOf(source: Source): object {
  return { version: 3, sources: [source.file], names: [], mappings: source.mappings() };
}
