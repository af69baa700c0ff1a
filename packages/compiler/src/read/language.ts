/**
 * How a file is to be read beyond its extension: what the nearest tsconfig.json says, as far as it changes what a program
 * does when it runs. Without one: standard decorators, fields that are defined, JSX for the automatic runtime.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import type { PathsMatcher, TsConfigJsonResolved, TsConfigResult } from "get-tsconfig";

/** Where there is a tsconfig.json; by `require`, which loads less of Node (scripts/builtins.mjs). */
function reader(): typeof import("get-tsconfig") {
  return createRequire(import.meta.url)("get-tsconfig") as typeof import("get-tsconfig");
}

export interface Language {
  /** `preserve` is for a tool behind the compiler; here that means `automatic`. */
  jsx: "automatic" | "classic";
  jsxFactory: string | undefined;
  jsxFragmentFactory: string | undefined;
  jsxImportSource: string | undefined;
  /** Decorators as they were before the standard. */
  experimentalDecorators: boolean;
  emitDecoratorMetadata: boolean;
  strictNullChecks: boolean;
  /** False: fields are assigned, and those without a value are no fields. */
  useDefineForClassFields: boolean;
  /** Imports stand as written, also those used only as types. */
  verbatimModuleSyntax: boolean;
  /** Names of modules, each with at most one `*`, that mean files of the application (`paths`); "*" for a `baseUrl`, which may mean any. */
  paths: readonly string[];
}

const standard: Language = {
  jsx: "automatic",
  jsxFactory: undefined,
  jsxFragmentFactory: undefined,
  jsxImportSource: undefined,
  experimentalDecorators: false,
  emitDecoratorMetadata: false,
  strictNullChecks: true,
  useDefineForClassFields: true,
  verbatimModuleSyntax: false,
  paths: [],
};

/** Folder to the tsconfig.json above it, and the projects it refers to; they do not change while a program runs. */
const known = new Map<string, TsConfigResult[]>();
const files = new Map();
const languages = new Map<TsConfigResult, Language>();
const matchers = new Map<TsConfigResult, PathsMatcher | null>();

/** The language of a file, an absolute path. */
export function languageOf(file: string): Language {
  const config = configOf(file);
  if (config === undefined) return standard;
  let language = languages.get(config);
  if (language === undefined) languages.set(config, (language = read(config)));
  return language;
}

/** Where `paths` and `baseUrl` say that the module `specifier`, which `file` imports, may be: absolute paths, perhaps without an extension. */
export function aliasesOf(file: string, specifier: string): string[] {
  const config = configOf(file);
  if (config === undefined) return [];
  let matcher = matchers.get(config);
  if (matcher === undefined) matchers.set(config, (matcher = reader().createPathsMatcher(config)));
  return matcher?.(specifier) ?? [];
}

function configOf(file: string): TsConfigResult | undefined {
  const folder = dirname(file);
  let configs = known.get(folder);
  if (configs === undefined) known.set(folder, (configs = configsOf(folder)));
  const [nearest] = configs;
  // A tsconfig.json of references alone: the project that names the file is the one that says.
  return configs.length < 2 ? nearest : (configs.find((c) => reader().createFilesMatcher(c)(file)) ?? nearest);
}

function configsOf(folder: string): TsConfigResult[] {
  const found = nearestOf(folder);
  if (found === null || !(says.test(found.text) || old.test(found.text))) return [];
  const { path } = found;
  // What a package was written with is not what the application around it says.
  const inModules = folder.lastIndexOf(`${sep}node_modules${sep}`);
  if (inModules >= 0 && path.lastIndexOf(`${sep}node_modules${sep}`) < inModules) return [];
  const alone = optionsOf(found.text);
  if (alone !== null) return [{ path, config: { compilerOptions: alone } }];
  let nearest: TsConfigResult | null;
  try {
    nearest = reader().getTsconfig(folder, "tsconfig.json", files);
  } catch {
    // TypeScript and the editor report a broken tsconfig.json better than we can.
    return [];
  }
  if (nearest === null) return [];
  const { config } = nearest;
  if (config.references === undefined || config.files?.length !== 0) return [nearest];
  return [nearest, ...config.references.flatMap((reference) => referred(join(dirname(path), reference.path)))];
}

function nearestOf(folder: string): { path: string; text: string } | null {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, "tsconfig.json");
    const text = textOf(path);
    if (text !== null) return { path, text };
    if (dirname(at) === at) return null;
  }
}

/** Whether a tsconfig.json says anything that matters here: most do not, and need not be read. */
const says =
  /"(?:extends|references|jsx\w*|experimentalDecorators|emitDecoratorMetadata|useDefineForClassFields|verbatimModuleSyntax|paths|baseUrl)"|\\u/;
/** A target before classes had fields. */
const old = /"target"(?!\s*:\s*"(?:ESNext|ES(?:202[2-9]|20[3-9]\d))")/i;

/**
 * The options of a tsconfig.json that stands alone, as `tsc --init` writes it; null where it builds on others, or cannot be read so simply. The
 * package that knows all of it takes 9 ms to load.
 */
function optionsOf(text: string): TsConfigJsonResolved["compilerOptions"] | null {
  if (/"(?:extends|references)"|\\u/.test(text)) return null;
  const string = String.raw`"(?:[^"\\]|\\.)*"`;
  const kept = (s: string): string => (s[0] === '"' ? s : "");
  const json = text
    .replace(/^\uFEFF/, "")
    .replace(new RegExp(String.raw`${string}|//[^\n]*|/\*[^]*?\*/`, "g"), kept)
    .replace(new RegExp(String.raw`${string}|,(?=\s*[}\]])`, "g"), kept);
  try {
    const { compilerOptions = {} } = JSON.parse(json) as TsConfigJsonResolved;
    return compilerOptions;
  } catch {
    return null;
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function referred(path: string): TsConfigResult[] {
  const file = path.endsWith(".json") ? path : join(path, "tsconfig.json");
  return existsSync(file) ? [{ path: file, config: reader().parseTsconfig(file) }] : [];
}

function read({ config }: TsConfigResult): Language {
  const options = config.compilerOptions ?? {};
  return {
    jsx: options.jsx === "react" ? "classic" : "automatic",
    jsxFactory: options.jsxFactory,
    jsxFragmentFactory: options.jsxFragmentFactory,
    jsxImportSource: options.jsxImportSource,
    experimentalDecorators: options.experimentalDecorators === true,
    emitDecoratorMetadata: options.experimentalDecorators === true && options.emitDecoratorMetadata === true,
    strictNullChecks: options.strictNullChecks ?? options.strict ?? true,
    useDefineForClassFields: options.useDefineForClassFields ?? definesFields(options.target),
    verbatimModuleSyntax: options.verbatimModuleSyntax === true,
    paths: Object.keys(options.paths ?? (options.baseUrl === undefined ? {} : { "*": [] })),
  };
}

/** TypeScript's rule: fields are defined from ES2022 on. */
function definesFields(target: string | undefined): boolean {
  if (target === undefined || /^esnext$/i.test(target)) return true;
  const year = /^es(\d{4})$/i.exec(target);
  return year !== null && Number(year[1]) >= 2022;
}
