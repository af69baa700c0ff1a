/**
 * Is a module in a cycle of imports? Asked of the files on disk before it is compiled: outside a cycle nothing can call its
 * functions before its body runs, and they reach the runtime the fast way (early.ts). When in doubt it is in one.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";

interface Links {
  /** The file's time and size when it was read. */
  stamp: string;
  /** When that was seen. */
  seen: number;
  /** Files it imports; null when one of them could not be told. */
  to: readonly string[] | null;
}

/** What is known of each file; looked at again when it changes. */
const known: Map<string, Links> = new Map();

interface Answer {
  inCycle: boolean;
  stamp: string;
  given: number;
}

/** The answers for all files that one question led to: a program's modules are asked about in a row. */
const answers: Map<string, Answer> = new Map();

/** Each specifier of a file, roughly: one too many only makes a cycle more likely. */
const imports = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(["'])([^"'\n]+)\1/g;

/** Names of other packages: they do not import the application. `#name` and `@/name` may be its own. */
const foreign = /^(?:node:|[\w-]|@[\w-]+\/)/;

/** `lasts`: so long, in ms, files are taken to be unchanged; 0 where somebody is writing them. */
export function isInCycle(file: string, lasts: number = 0): boolean {
  const stamp = stampOf(file);
  if (stamp === null) return true;
  const now = performance.now();
  const kept = answers.get(file);
  if (kept?.stamp === stamp && now - kept.given < lasts) return kept.inCycle;
  answerFrom(file, now, lasts);
  return answers.get(file)!.inCycle;
}

/** Walks what `file` imports (Tarjan's components): a file that cannot be told about, or leads to one, may be in a cycle. */
function answerFrom(file: string, now: number, lasts: number): void {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const doubt = new Set<string>();
  const onPath = new Set<string>();
  const open: string[] = [];
  const begin = (f: string): { f: string; to: readonly string[]; next: number } => {
    const to = linksOf(f, now, lasts);
    if (to === null) doubt.add(f);
    index.set(f, index.size);
    low.set(f, index.get(f)!);
    open.push(f);
    onPath.add(f);
    return { f, to: to ?? [], next: 0 };
  };
  const work = [begin(file)];
  while (work.length > 0) {
    const at = work[work.length - 1]!;
    const child = at.to[at.next++];
    if (child !== undefined) {
      if (!index.has(child)) work.push(begin(child));
      else if (onPath.has(child)) low.set(at.f, Math.min(low.get(at.f)!, index.get(child)!));
      continue;
    }
    work.pop();
    if (at.to.some((f) => doubt.has(f))) doubt.add(at.f);
    const parent = work[work.length - 1]?.f;
    if (parent !== undefined) low.set(parent, Math.min(low.get(parent)!, low.get(at.f)!));
    if (low.get(at.f) !== index.get(at.f)) continue;
    const component = open.splice(open.indexOf(at.f));
    const doubted = component.some((f) => doubt.has(f));
    const inCycle = component.length > 1 || at.to.includes(at.f) || doubted;
    for (const f of component) {
      onPath.delete(f);
      if (doubted) doubt.add(f);
      answers.set(f, { inCycle, stamp: known.get(f)?.stamp ?? "", given: now });
    }
  }
}

function stampOf(file: string): string | null {
  try {
    const { mtimeMs, size } = statSync(file);
    return `${mtimeMs} ${size}`;
  } catch {
    return null;
  }
}

function linksOf(file: string, now: number, lasts: number): readonly string[] | null {
  let links = known.get(file);
  if (links !== undefined && now - links.seen < lasts) return links.to;
  const stamp = stampOf(file);
  if (stamp === null) return null;
  if (links?.stamp !== stamp) known.set(file, (links = { stamp, seen: now, to: read(file) }));
  links.seen = now;
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
