/**
 * Is a module in a cycle of imports? Asked of the files on disk before it is compiled: outside a cycle nothing can call its
 * functions before its body runs, and they reach the runtime the fast way (early.ts). When in doubt it is in one.
 */
import { readFileSync, statSync } from "node:fs";
import { components } from "../components.ts";
import { importedFile, isAliased } from "./files.ts";

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

/** For all that `file` leads to: a file that cannot be told about, or leads to one, may be in a cycle. */
function answerFrom(file: string, now: number, lasts: number): void {
  const doubted = new Set<string>();
  const links = new Map<string, readonly string[]>();
  const to = (f: string): readonly string[] => {
    const found = linksOf(f, now, lasts);
    if (found === null) doubted.add(f);
    links.set(f, found ?? []);
    return found ?? [];
  };
  for (const together of components([file], to)) {
    const doubt = together.some((f) => doubted.has(f) || links.get(f)!.some((next) => doubted.has(next)));
    for (const f of together) {
      if (doubt) doubted.add(f);
      const inCycle = doubt || together.length > 1 || links.get(f)!.includes(f);
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
    if (foreign.test(specifier) && !isAliased(file, specifier)) continue;
    const found = importedFile(file, specifier);
    if (found === null) return null;
    to.push(found);
  }
  return to;
}
