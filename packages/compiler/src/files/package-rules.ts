/**
 * What is compiled: the application's own modules, and packages that are named or ask for it. A file belongs to the
 * nearest package.json above it; it is somebody else's when a `node_modules` folder stands in its path.
 */
import { readFileSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";

/** Which files are compiled. */
export interface Rules {
  /** Packages to compile beside the application's own modules, by name. Default: those that say `"gort": { "compile": true }`. */
  include?: readonly string[] | undefined;
  /** Files to leave as they are: a part of the path, or a pattern. Default: none. */
  exclude?: readonly (string | RegExp)[] | undefined;
}

/** The nearest package.json above a file; only what matters here. */
export interface Package {
  folder: string;
  name: string;
  type: "module" | "commonjs" | undefined;
  /** `"gort": { "compile": … }` */
  compile: boolean | undefined;
}

/** The extensions of the modules that are compiled. */
export const compiledExtension: RegExp = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/** Declarations; and modules of Svelte, whose runes (`$state`) only its own compiler knows. */
const others = /\.d\.[cm]?ts$|\.svelte\.[jt]s$/;

/** Folder to the package it belongs to; packages do not move while a program runs. */
const known = new Map<string, Package | null>();

/** The package a file belongs to, or null. */
export function packageOf(file: string): Package | null {
  return packageAt(dirname(file));
}

function packageAt(folder: string): Package | null {
  let found = known.get(folder);
  if (found === undefined) {
    const above = dirname(folder);
    found = read(folder) ?? (above === folder || basename(folder) === "node_modules" ? null : packageAt(above));
    known.set(folder, found);
  }
  return found;
}

function read(folder: string): Package | null {
  let text: string;
  try {
    text = readFileSync(join(folder, "package.json"), "utf8");
  } catch {
    return null;
  }
  try {
    const { name, type, gort } = JSON.parse(text) as {
      name?: unknown;
      type?: unknown;
      gort?: { compile?: unknown } | null;
    };
    return {
      folder,
      name: typeof name === "string" ? name : "",
      type: type === "module" || type === "commonjs" ? type : undefined,
      compile: typeof gort?.compile === "boolean" ? gort.compile : undefined,
    };
  } catch {
    // Node and npm report a broken package.json better than we can.
    return { folder, name: "", type: undefined, compile: undefined };
  }
}

/** Whether a module (an absolute path) is compiled, by its path and the package.json above it. Its text may still say `"use no gort"`. */
export function isCompiled(file: string, rules: Rules = {}): boolean {
  if (!compiledExtension.test(file) || others.test(file)) return false;
  // Not `test`: a pattern with the flag `g` would go on where it ended in the last file.
  for (const out of rules.exclude ?? [])
    if (typeof out === "string" ? file.includes(out) : file.search(out) >= 0) return false;
  const owner = packageOf(file);
  if (owner !== null && isOurs(owner, file)) return false;
  const inModules = file.lastIndexOf(`${sep}node_modules${sep}`);
  if (inModules < 0) return owner?.compile !== false;
  return owner?.compile === true || (rules.include?.includes(packageName(file, inModules)) ?? false);
}

/** Gort's own code runs under the scheduler, not on it. */
function isOurs(owner: Package, file: string): boolean {
  if (owner.name !== "gort" && !owner.name.startsWith("@gort/")) return false;
  return /^(?:src|dist|bin)[\\/]/.test(file.slice(owner.folder.length + 1));
}

/** The name a package is installed under: two parts where it has a scope. */
function packageName(file: string, inModules: number): string {
  const parts = file.slice(inModules + "/node_modules/".length).split(sep);
  return parts[0]!.startsWith("@") ? `${parts[0]}/${parts[1]}` : parts[0]!;
}
