/**
 * The compile cache: one file per compiled module, named by a hash of everything the output depends on. Entries are
 * written under another name and renamed, so that a reader sees a whole entry or none, whoever writes at the same time.
 * A cache that cannot be read or written is no cache: never an error.
 *
 *     key = hash(fingerprint of the compiler, options, file name, language, hash of the source)
 *     node_modules/.cache/gort/<first two digits of the key>/<the rest>.js
 *
 * A package's source map stands beside its entry: it is nearly as large as the text.
 *
 * `GORT_CACHE=0` turns it off, `GORT_CACHE_DIR` moves it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { CompileOptions } from "../compile.ts";
import { Hash } from "./hash.ts";
import { languageOf } from "../read/language.ts";
import { compiler, ownFile } from "../lazy.ts";
import { packageOf } from "../files/package-rules.ts";

/** Changes with every build of the compiler: the size and time of each of its own files. */
let fingerprint: string | undefined;

function compilerFingerprint(): string {
  if (fingerprint !== undefined) return fingerprint;
  const hash = new Hash();
  const folder = fileURLToPath(new URL(".", ownFile("index")));
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted()) {
    const { size, mtimeMs } = statSync(join(folder, name));
    hash.update(`${name} ${size} ${mtimeMs}\n`);
  }
  fingerprint = hash.digest();
  return fingerprint;
}

/** What an earlier compilation of exactly this has made; null where there is none. */
export function cachedText(text: string, options: CompileOptions): string | null {
  const path = entryPath(text, options);
  return path === null ? null : readEntry(path);
}

/** The compiled text with its source map, made now or by an earlier compilation of exactly this. Throws what `compile` throws. */
export function compileCached(text: string, options: CompileOptions): string {
  const path = entryPath(text, options);
  const kept = path === null ? null : readEntry(path);
  if (kept !== null) return kept;
  const { code, map } = compiler().compile(text, options);
  if (path === null) return withMap(code, map);
  const beside = isPackages(options.filename) && write(`${path}.map`, JSON.stringify(map));
  // Without the scheme: Node.js reads no map by a URL of a file.
  const made = beside ? `${code}\n//# sourceMappingURL=${pathToFileURL(`${path}.map`).pathname}\n` : withMap(code, map);
  write(path, `//${made.length}\n${made}`);
  return made;
}

/** Whether a file belongs to an installed package. */
export function isPackages(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}

const MAP = "\n//# sourceMappingURL=data:application/json;base64,";

/** A module's text with its source map at the end. */
export function withMap(code: string, map: object): string {
  return `${code}${MAP}${Buffer.from(JSON.stringify(map)).toString("base64")}\n`;
}

function entryPath(text: string, options: CompileOptions): string | null {
  const folder = cacheFolder(options.filename);
  if (folder === null) return null;
  const said = JSON.stringify([options, languageOf(options.filename)]);
  const key = new Hash().update(`${compilerFingerprint()}\n${said}\n${digestOf(text)}`).digest();
  return join(folder, key.slice(0, 2), `${key.slice(2)}.js`);
}

/** Of the text asked about last: it may be looked for as either kind of module. */
const digested = { text: "", digest: "" };

function digestOf(text: string): string {
  if (digested.text !== text || digested.digest === "") {
    digested.text = text;
    digested.digest = new Hash().update(text).digest();
  }
  return digested.digest;
}

/** Where the cache of the package a file belongs to is; null when it is turned off. */
export function cacheFolder(file: string): string | null {
  const { GORT_CACHE, GORT_CACHE_DIR } = process.env;
  if (GORT_CACHE === "0") return null;
  if (GORT_CACHE_DIR !== undefined && GORT_CACHE_DIR !== "") return GORT_CACHE_DIR;
  const folder = dirname(file);
  let found = folders.get(folder);
  if (found === undefined) folders.set(folder, (found = findFolder(file)));
  return found;
}

/** By the folder of the file: folders do not move while a program starts. */
const folders: Map<string, string> = new Map();

function findFolder(file: string): string {
  for (let folder = packageOf(file)?.folder; folder !== undefined; folder = above(folder)) {
    if (existsSync(join(folder, "node_modules"))) return join(folder, "node_modules", ".cache", "gort");
  }
  return userCacheFolder();
}

function above(folder: string): string | undefined {
  const parent = dirname(folder);
  return parent === folder ? undefined : parent;
}

function userCacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === "win32") return join(LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "gort", "cache");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "gort");
  return join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "gort");
}

/** The first line of an entry: the length of its text, so that half an entry is none. */
const HEAD = /^\/\/(\d+)\n/;

function readEntry(path: string): string | null {
  try {
    const kept = readFileSync(path, "utf8");
    const head = HEAD.exec(kept);
    if (head === null) return null;
    const text = kept.slice(head[0].length);
    return text.length === Number(head[1]) ? text : null;
  } catch {
    return null;
  }
}

/** Whether it has been written. */
function write(path: string, text: string): boolean {
  // Not `Math.random`: a program that has seeded it may be loading modules.
  const draft = `${path}.${process.pid}.${process.hrtime.bigint()}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, path);
    return true;
  } catch {
    discard(draft);
    return false;
  }
}

/** Removes a draft that could not be put in place; it may not even have been begun. */
function discard(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // Its folder is no folder: then there is nothing to remove.
  }
}
