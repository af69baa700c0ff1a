/**
 * Types that a TypeScript module passes on as if they were values: `export { Row } from "./row"`, or `import` and `export { Row }`. Files are
 * compiled one by one, so that the export would stay, and the module it comes from has none of that name. TypeScript, which sees
 * the whole program, leaves it out; so they are blanked here, before anything else reads the text.
 */
import { readFileSync } from "node:fs";
import { importedFile, isTypeScript } from "./files.ts";
import { languageOf } from "../read/language.ts";
import { compiler } from "../lazy.ts";

/** What stands in braces behind `export`, and where it comes from. */
const exported = /\bexport\s*\{([^{}]*)\}(?:\s*from\s*(["'])([^"'\n]+)\2)?/g;
const imported = /\bimport\s*(?:[\w$]+\s*,\s*)?\{([^{}]*)\}\s*from\s*(["'])([^"'\n]+)\2/g;
const everything = /\bexport\s*\*\s*from\s*(["'])([^"'\n]+)\1/g;

/** A name in braces, and whose: `to` is what others know it by. */
interface Passed {
  name: string;
  to: string;
  specifier: string;
}

/** What a file shows of its exports without a parser. */
interface Shown {
  text: string;
  passedOn: Passed[];
  /** Where it has everything from (`export *`). */
  stars: string[];
}

/** The text of `file` without the exports that turn out to be types; every other character stays where it is. */
export function withoutTypes(file: string, text: string): string {
  if (!isTypeScript(file) || languageOf(file).verbatimModuleSyntax) return text;
  const known = new Map<string, Shown>();
  const doubtful = passedOn(text).some((p) => mayBeType(file, p, known, new Set()));
  // The parser is loaded only where a look at the texts finds a reason.
  return doubtful ? compiler().blankTypes(file, text) : text;
}

/** What a module exports that it has from others, by name. Roughly: one too many only costs a closer look. */
function passedOn(text: string): Passed[] {
  const found: Passed[] = [];
  for (const [, names = "", , from] of text.matchAll(exported)) {
    for (const { name, to } of inBraces(names)) {
      const origin = from === undefined ? originOf(text, name) : { name, specifier: from };
      if (origin !== null) found.push({ ...origin, to });
    }
  }
  return found;
}

function originOf(text: string, local: string): { name: string; specifier: string } | null {
  for (const [, names = "", , specifier = ""] of text.matchAll(imported)) {
    const found = inBraces(names).find((n) => n.to === local);
    if (found !== undefined) return { name: found.name, specifier };
  }
  return null;
}

function inBraces(names: string): { name: string; to: string }[] {
  return [...names.matchAll(/([\w$]+)(?:\s+as\s+([\w$]+))?\s*(?:,|$)/g)].map(([, name = "", to = name]) => ({
    name,
    to,
  }));
}

/** Whether the file that a name comes from declares a type of that name, as far as its text shows. */
function mayBeType(file: string, { name, specifier }: Passed, known: Map<string, Shown>, seen: Set<string>): boolean {
  const from = importedFile(file, specifier);
  if (from === null || !isTypeScript(from) || seen.has(`${name} ${from}`)) return false;
  seen.add(`${name} ${from}`);
  let shown = known.get(from);
  if (shown === undefined) known.set(from, (shown = look(readFileSync(from, "utf8"))));
  if (new RegExp(`\\b(?:interface|type)\\s+${name.replaceAll("$", "\\$")}(?![\\w$])`).test(shown.text)) return true;
  return (
    shown.passedOn.some((p) => p.to === name && mayBeType(from, p, known, seen)) ||
    shown.stars.some((star) => mayBeType(from, { name, to: name, specifier: star }, known, seen))
  );
}

function look(text: string): Shown {
  return { text, passedOn: passedOn(text), stars: [...text.matchAll(everything)].map((m) => m[2]!) };
}
