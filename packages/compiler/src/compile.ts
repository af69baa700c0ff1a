/** The compiler's front door: TypeScript or JavaScript in, suspendable JavaScript and its source map out. */
import { pathToFileURL } from "node:url";
import { analyze } from "./analyze/analyze.ts";
import { compileDeep, isDeep } from "./deep.ts";
import { markEarly } from "./analyze/early.ts";
import { emitModule } from "./emit/module.ts";
import { exportedHint } from "./emit/exported.ts";
import type { Format } from "./files/module-text.ts";
import type { Node } from "./tree/ast.ts";
import { type Candidate, parallelCandidates } from "./parallel/candidates.ts";
import { replaceMeta, replaceRequireMain } from "./read/meta.ts";
import { clashing } from "./scope/names.ts";
import { markParallels } from "./parallel/functions.ts";
import { read, type Read } from "./read/read.ts";
import { ModuleState } from "./parallel/state.ts";
import { cut } from "./parallel/slice.ts";
import { wrapSyscalls } from "./calls/syscalls.ts";
import { type Barrier, barriersOf } from "./analyze/barriers.ts";
import { analyzeScopes } from "./scope/scope.ts";
import { markWrappers } from "./scope/wrappers.ts";

/** What {@link compile} is to know of a module. */
export interface CompileOptions {
  /** Absolute path of the file; its extension says which language it is. */
  filename: string;
  /** The name frames and stacks show; `filename` when not given. */
  shown?: string;
  /** Suspend at every safepoint: a test mode that must never change a result. Default: false. */
  force?: boolean;
  /** How the output loads the runtime; told from the source when not given. */
  format?: Format;
  /** Whether the module may be in a cycle of imports: its functions may then run before its body. Default: true. */
  cyclic?: boolean;
  /** Whether TypeScript takes this module for CommonJS: it has `__filename`, `__dirname` and `require` then. Default: false. */
  asCommonJS?: boolean;
  /** Whether it is the program that runs, though something imports it: `import.meta.main` is true. Default: false. */
  main?: boolean;
  /** Compile only what a thread loads of it for the export of this name (see {@link sliceOf}). Default: all of it. */
  slice?: string;
  /** Whether to tell the runtime where calls stand, which preemption needs; bundlers move them. Default: true. */
  positions?: boolean;
  /** Whether to tell what cannot be suspended, and what could be parallel: for `gort check`. Default: false. */
  report?: boolean;
}

/** What is around the module: for the runtime's own build, which compiles parts of itself. */
export interface Surroundings {
  /** Where the output finds the runtime's state. */
  runtime: string;
  /** Modules whose exports never suspend. */
  leaves: readonly string[];
}

const usual: Surroundings = { runtime: "gort/internal", leaves: [] };

/** A source map, version 3. */
export interface SourceMap {
  version: 3;
  file: string;
  sources: string[];
  sourcesContent: string[];
  names: string[];
  mappings: string;
}

/** What `gort check` tells of a module. */
export interface Report {
  /** What cannot be suspended, though it calls others or loops: functions, and callbacks of what is not compiled. */
  barriers: Barrier[];
  /** Functions that could run on any thread, if what they import can. */
  parallel: Candidate[];
}

/** What became of a module. */
export interface CompileResult {
  /** JavaScript, in the format that was asked for; it imports `gort/internal` where it needs the runtime. */
  code: string;
  map: SourceMap;
  /** Where it was asked for, else `undefined`. */
  report?: Report;
  /** How many functions got a resume clone. */
  suspendable: number;
  /** The names of its parallel functions. */
  parallels: string[];
}

/**
 * Compiles one module: its text, TypeScript or JavaScript, is made suspendable JavaScript with a source map. Nothing of it is run; the file itself
 * is not read, the nearest package.json and tsconfig.json are. A directive `"use no gort"` is for the caller to look at ({@link isOptedOut}).
 * @throws CompileError with code, file, line, column and what to write instead
 * @throws TypeError without a text or a `filename`
 */
export function compile(text: string, options: CompileOptions): CompileResult {
  // Asked in a transform of one's own, by JavaScript.
  const given: { filename?: unknown } | undefined = options;
  if (typeof text !== "string" || typeof given?.filename !== "string")
    throw new TypeError(
      "compile(text, { filename }) wants two strings: the source, and the absolute path of its file, whose extension says which language it is",
    );
  if (isDeep(text)) return compileDeep(text, options);
  try {
    return compileIn(usual, text, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return compileDeep(text, options, error);
  }
}

export function compileIn(around: Surroundings, text: string, options: CompileOptions): CompileResult {
  const { program, source, format, language } = readSlice(text, options);
  if (format === "commonjs") markWrappers(program, text);
  const scopes = analyzeScopes(program);
  const parallels =
    around === usual
      ? markParallels(program, source, options.shown ?? options.filename, options.positions === false, format)
      : [];
  if (around === usual) wrapSyscalls(program);
  analyze(scopes, around.leaves);
  if (format === "module" && options.cyclic !== false && around === usual) markEarly(program, scopes);
  const name = scopes.reserved ?? clashing(scopes)?.refs[0]?.node;
  if (name !== undefined)
    source.refuse(
      "GORT_UNSUPPORTED",
      name.start,
      `the name \`${name.name}\`, which the compiler uses itself`,
      "Rename it.",
    );
  // Before the tree is emitted, which takes it apart.
  const report =
    options.report === true
      ? { barriers: barriersOf(scopes, source), parallel: parallelCandidates(program, scopes, source) }
      : undefined;
  const output = emitModule(program, scopes, source, {
    force: options.force === true,
    format,
    verbatim: !source.typescript || language.verbatimModuleSyntax,
    shown: options.shown ?? options.filename,
    runtime: around.runtime,
  });
  const { code, mappings, names, sites } = output.finish(source);
  const url = format === "commonjs" ? "__filename" : "import.meta.url";
  // At the top: a module may run goroutines before it has come to its end.
  const register = options.positions === false ? "" : `$R.module(${url},"${sites}");`;
  const given = options.asCommonJS === true ? commonjsNames(scopes.globals) : "";
  const named = format === "commonjs" && options.positions !== false && !source.typescript;
  return {
    code:
      code.slice(0, output.hole) + given + register + code.slice(output.hole) + (named ? exportedHint(text, code) : ""),
    map: {
      version: 3,
      file: options.filename,
      sources: [options.filename],
      sourcesContent: [text],
      names,
      mappings,
    },
    report,
    suspendable: scopes.fns.filter((f) => f.suspendable).length,
    parallels,
  };
}

/**
 * Declarations of what a CommonJS module has, where the module uses it. Whoever uses `module` means to be one; without that there is no telling
 * what `require.main` is to be compared with.
 */
function commonjsNames(globals: ReadonlySet<string>): string {
  const made: string[] = [];
  if (globals.has("__filename")) made.push("__filename=import.meta.filename");
  if (globals.has("__dirname")) made.push("__dirname=import.meta.dirname");
  if (globals.has("require") && !globals.has("module"))
    made.push('require=process.getBuiltinModule("node:module").createRequire(import.meta.filename)');
  return made.length === 0 ? "" : `var ${made.join(",")};`;
}

/** A variable of the module's own that is called like CommonJS's. */
const OWN_MODULE = /\b(?:const|let|var|function|class|as|import)\s+(?:module|require)\b/;

/** The tree of the module, or of the slice that is asked for. */
function readSlice(text: string, options: CompileOptions): Read {
  const isBundled = options.positions === false;
  const how = {
    format: options.format,
    hasRequire: isBundled || options.asCommonJS === true,
    runsHere: !isBundled,
  };
  const whole = read(text, options.filename, how);
  if (options.main === true) replaceMeta(whole.program.body as Node[], "main", true);
  if (options.asCommonJS === true && !OWN_MODULE.test(text))
    replaceRequireMain(whole.program.body as Node[], options.main === true);
  if (options.slice === undefined) return whole;
  const model = whole.program.body as Node[];
  const { top } = analyzeScopes(whole.program);
  const slice = read(text, options.filename, how);
  const { source } = slice;
  const state = new ModuleState(model, source);
  slice.program.body = cut({ body: slice.program.body as Node[], model, top, state, source }, options.slice);
  // A slice's own URL is nobody's business. A bundle has one for all that is in it.
  if (options.positions !== false)
    replaceMeta(slice.program.body as Node[], "url", pathToFileURL(options.filename).href);
  return slice;
}
