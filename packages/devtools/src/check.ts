/**
 * `gort check`: compiles a program and what it imports, without running any of it, and lists what the compiler refuses and
 * which functions cannot be suspended.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type Barrier,
  compile,
  CompileError,
  isCompiled,
  isOptedOut,
  moduleRequests,
  type Rules,
} from "@gort/compiler";

export interface Finding extends Barrier {
  /** Absolute path. */
  file: string;
}

export interface Checked {
  /** Compiled modules, absolute paths. */
  files: string[];
  /** How many functions can be suspended. */
  suspendable: number;
  /** Functions that cannot be suspended though they call others. */
  barriers: Finding[];
  /** Files the compiler refuses. */
  errors: CompileError[];
}

/** Checks a program (an absolute path) and the modules it imports by a literal specifier, as far as they are compiled. */
export function check(program: string, rules: Rules = {}): Checked {
  const checked: Checked = { files: [], suspendable: 0, barriers: [], errors: [] };
  const seen = new Set<string>([program]);
  for (const file of seen) {
    if (!isCompiled(file, rules)) continue;
    const text = readFileSync(file, "utf8");
    for (const specifier of moduleRequests(file, text)) {
      const found = resolveFrom(file, specifier);
      if (found !== null) seen.add(found);
    }
    if (isOptedOut(text)) continue;
    checked.files.push(file);
    try {
      const { barriers, suspendable } = compile(text, { filename: file });
      checked.suspendable += suspendable;
      for (const barrier of barriers) checked.barriers.push({ ...barrier, file });
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      checked.errors.push(error);
    }
  }
  return checked;
}

/** The file a specifier means, or null for what is not a file or not there: loading tells that better. */
function resolveFrom(file: string, specifier: string): string | null {
  try {
    if (specifier.startsWith("file:")) return fileURLToPath(specifier);
    if (/^\.{0,2}\//.test(specifier)) return existing(fileURLToPath(new URL(specifier, pathToFileURL(file))));
    const path = createRequire(file).resolve(specifier);
    return path.startsWith("node:") || path === specifier ? null : path;
  } catch {
    return null;
  }
}

function existing(path: string): string | null {
  for (const candidate of [path, path.replace(/\.([cm]?)js(x?)$/, ".$1ts$2")]) {
    try {
      readFileSync(candidate);
      return candidate;
    } catch {
      continue;
    }
  }
  return null;
}

/** The findings as lines for a person, without the errors. */
export function showChecked(checked: Checked): string {
  const lines = checked.barriers.map(({ file, line, column, what, name }) => {
    return `${relative(process.cwd(), file)}:${line}:${column}: ${name === "" ? "" : `${name}: `}${what} cannot be suspended`;
  });
  const { files, suspendable, barriers, errors } = checked;
  const refused = errors.length === 0 ? "" : `, ${count(errors.length, "file")} refused`;
  lines.push(
    `${count(files.length, "file")}: ${count(suspendable, "function")} can be suspended, ${barriers.length} cannot${refused}`,
  );
  return lines.join("\n");
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
