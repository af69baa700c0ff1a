/**
 * Is a module in a cycle of imports? Asked of the files on disk before it is compiled: outside a cycle nothing can call its
 * functions before its body runs, and they reach the runtime the fast way (early.ts). When in doubt it is in one.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";

interface Links {
  /** The file's time and size when it was read. */
  stamp: string;
  /** Files it imports; null when one of them could not be told. */
  to: readonly string[] | null;
}

/** What is known of each file; looked at again when it changes. */
const known: Map<string, Links> = new Map();

/** Each specifier of a file, roughly: one too many only makes a cycle more likely. */
const imports = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(["'])([^"'\n]+)\1/g;

/** Names of other packages: they do not import the application. `#name` and `@/name` may be its own. */
const foreign = /^(?:node:|[\w-]|@[\w-]+\/)/;

export function isInCycle(file: string): boolean {
  const seen = new Set<string>();
  const queue = [file];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const to = linksOf(next);
    if (to === null) return true;
    for (const f of to) {
      if (f === file) return true;
      if (seen.has(f)) continue;
      seen.add(f);
      queue.push(f);
    }
  }
  return false;
}

function linksOf(file: string): readonly string[] | null {
  let stamp: string;
  try {
    const { mtimeMs, size } = statSync(file);
    stamp = `${mtimeMs} ${size}`;
  } catch {
    return null;
  }
  let links = known.get(file);
  if (links?.stamp !== stamp) {
    links = { stamp, to: read(file) };
    known.set(file, links);
  }
  return links.to;
}

function read(file: string): readonly string[] | null {
  if (!/\.[cm]?[jt]sx?$/.test(file)) return [];
  const to: string[] = [];
  for (const [, , specifier = ""] of readFileSync(file, "utf8").matchAll(imports)) {
    if (foreign.test(specifier)) continue;
    const found = /^\.{0,2}\//.test(specifier) ? fileOf(dirname(file), specifier.replace(/[?#].*$/, "")) : null;
    if (found === null) return null;
    to.push(found);
  }
  return to;
}

/** The file as Node finds it, or as TypeScript and bundlers do. */
export function fileOf(folder: string, specifier: string): string | null {
  const path = resolve(folder, specifier);
  const bare = path.slice(0, path.length - extname(path).length);
  const candidates = [
    path,
    ...["ts", "tsx", "mts", "cts"].map((e) => `${bare}.${e}`),
    ...["ts", "tsx", "js", "jsx", "mjs", "cjs", "mts"].flatMap((e) => [`${path}.${e}`, `${path}/index.${e}`]),
  ];
  return candidates.find(isFile) ?? null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
