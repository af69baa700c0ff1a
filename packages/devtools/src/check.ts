/**
 * `gort check`: compiles programs and what they import, without running any of it, and lists what the compiler refuses, what
 * cannot be suspended and why, and which functions could run on any thread.
 */
import { createRequire } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Barrier,
  type Candidate,
  compile,
  CompileError,
  formatOf,
  importedFile,
  isCompiled,
  isOptedOut,
  moduleRequests,
  type Rules,
  sliceOf,
  textOf,
} from "@gort/compiler";

/** What cannot be suspended, and in which file. */
export interface Finding extends Barrier {
  /** Absolute path. */
  file: string;
}

/** Where a function stands. */
export interface Place {
  /** Absolute path. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  name: string;
}

/** What {@link check} has found. */
export interface Checked {
  /** Compiled modules, absolute paths. */
  files: string[];
  /** How many functions can be suspended. */
  suspendable: number;
  /** What cannot be suspended, though it calls others or loops. */
  barriers: Finding[];
  /** Functions that could be `parallel` as they are. */
  parallel: Place[];
  /** Files the compiler refuses. */
  errors: CompileError[];
}

/**
 * Checks a program or several (absolute paths) and the modules they import by a literal specifier, as far as they are compiled. A module that several
 * of them import is one. Nothing is run; what the compiler refuses is told, not thrown. The same as `gort check`.
 * @throws Node's error if a file cannot be read
 */
export function check(programs: string | readonly string[], rules: Rules = {}): Checked {
  const checked: Checked = { files: [], suspendable: 0, barriers: [], parallel: [], errors: [] };
  const candidates: (Candidate & { file: string })[] = [];
  const functions: Slice[] = [];
  const seen = new Set([programs].flat());
  for (const file of seen) {
    if (!isCompiled(file, rules)) continue;
    const text = textOf(file);
    for (const specifier of moduleRequests(file, text)) {
      const found = resolveFrom(file, specifier);
      if (found !== null) seen.add(found);
    }
    if (isOptedOut(text)) continue;
    checked.files.push(file);
    try {
      const { report, suspendable, parallels } = compile(text, { filename: file, report: true });
      for (const name of parallels) functions.push({ file, name });
      checked.suspendable += suspendable;
      for (const barrier of report!.barriers)
        if (barrier.from === undefined || !isCompiledFrom(file, barrier.from, rules))
          checked.barriers.push({ ...barrier, file });
      for (const candidate of report!.parallel) candidates.push({ ...candidate, file });
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      checked.errors.push(error);
    }
  }
  checked.parallel = parallelOf(candidates, checked);
  checked.errors.push(...refusedSlices(functions, checked, rules));
  return checked;
}

/** What a thread loads of a module. */
interface Slice {
  file: string;
  name: string;
}

/**
 * What threads are refused that load these functions and what they import: state of other modules. A program that runs learns it when another
 * thread takes the function, which on one core is never.
 */
function refusedSlices(functions: readonly Slice[], { errors }: Checked, rules: Rules): CompileError[] {
  const refused = new Map<string, CompileError>();
  const broken = new Set(errors.map((e) => e.file));
  const slices = new Map(functions.map((f) => [`${f.file}?${f.name}`, f]));
  for (const { file, name } of slices.values()) {
    try {
      const { code } = compile(textOf(file), { filename: file, slice: name, format: "module" });
      for (const specifier of moduleRequests("slice.js", code)) {
        const slice = { file: importedFile(file, specifier) ?? "", name: sliceOf(specifier) ?? "" };
        if (slice.name !== "" && isSliced(slice.file, rules) && !broken.has(slice.file))
          slices.set(`${slice.file}?${slice.name}`, slice);
      }
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      refused.set(`${error.code} ${error.file}:${error.line}:${error.column}`, error);
    }
  }
  return [...refused.values()];
}

/** Whether threads load it in slices: others are loaded whole. */
function isSliced(file: string, rules: Rules): boolean {
  if (file === "" || !isCompiled(file, rules)) return false;
  const text = textOf(file);
  return !isOptedOut(text) && formatOf(file, text) !== "commonjs";
}

/** Whether a package that a file imports is compiled too: what is given to it can then be suspended. */
function isCompiledFrom(file: string, specifier: string, rules: Rules): boolean {
  const found = resolveFrom(file, specifier);
  return found !== null && isCompiled(found, rules);
}

/** The candidates whose imports are candidates too, or are no modules of the program. `main` has a thread: the main one. */
function parallelOf(candidates: (Candidate & { file: string })[], { files }: Checked): Place[] {
  const left = new Set(candidates);
  const compiled = new Set(files);
  const isFine = (from: string, specifier: string, name: string): boolean => {
    const file = resolveFrom(from, specifier);
    if (file === null || !compiled.has(file)) return true;
    return name !== "*" && [...left].some((c) => c.file === file && c.exported.includes(name));
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const c of left)
      if (!c.needs.every(({ from, name }) => isFine(c.file, from, name))) {
        left.delete(c);
        changed = true;
      }
  }
  return [...left]
    .filter((c) => c.works && !c.exported.includes("main"))
    .map(({ file, line, column, name }) => ({ file, line, column, name }));
}

/** The file a specifier means, or null for what is not a file or not there: loading tells that better. */
function resolveFrom(file: string, specifier: string): string | null {
  try {
    if (specifier.startsWith("file:")) return fileURLToPath(specifier);
    const found = importedFile(file, specifier);
    if (found !== null) return found;
    const path = createRequire(file).resolve(specifier);
    return path.startsWith("node:") || path === specifier ? null : path;
  } catch {
    return null;
  }
}

/** The findings as lines for a person, without the errors. */
export function showChecked(checked: Checked): string {
  const { files, suspendable, barriers, parallel, errors } = checked;
  const lines = barriers.map(
    (b) => `${placeOf(b)}: ${b.name === "" ? "" : `${b.name}: `}${b.what} cannot be suspended: ${b.reason}`,
  );
  for (const p of parallel) lines.push(`${placeOf(p)}: ${p.name} could be parallel`);
  const refused = errors.length === 0 ? "" : `, ${count(new Set(errors.map((e) => e.file)).size, "file")} refused`;
  const could = parallel.length === 0 ? "" : `, ${parallel.length} could be parallel`;
  lines.push(
    `${count(files.length, "file")}: ${count(suspendable, "function")} can be suspended, ${barriers.length} cannot${could}${refused}`,
  );
  return lines.join("\n");
}

/** The same for programs, errors included; paths are relative to the current folder. */
export function jsonOf(checked: Checked): string {
  const at = <T extends { file: string }>(found: T): T => ({ ...found, file: relative(process.cwd(), found.file) });
  const json = {
    files: checked.files.map((file) => relative(process.cwd(), file)),
    suspendable: checked.suspendable,
    barriers: checked.barriers.map(({ file, line, column, what, name, reason }) =>
      at({ file, line, column, what, name, reason }),
    ),
    parallel: checked.parallel.map(at),
    errors: checked.errors.map(({ code, file, line, column, message, hint }) =>
      at({ code, file, line, column, message, hint }),
    ),
  };
  return JSON.stringify(json, null, 2);
}

function placeOf({ file, line, column }: Place | Finding): string {
  return `${relative(process.cwd(), file)}:${line}:${column}`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
