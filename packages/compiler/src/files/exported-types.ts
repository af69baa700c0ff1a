/** What the parser tells of `withoutTypes` (passed-on.ts): which of a module's exports are types of other modules. */
import { parseSync, type StaticExportEntry } from "oxc-parser";
import type { Node } from "../tree/ast.ts";
import { importedFile, isTypeScript } from "./files.ts";
import { textOf } from "./module-text.ts";
import { DEEP, nesting } from "../read/nesting.ts";

type Kind = "type" | "value";

interface Exports {
  entries: StaticExportEntry[];
  /** Names at the top of the module that are types and nothing else. */
  types: Set<string>;
}

/** The text of a module, with spaces in place of exports that are types of other modules; of the whole statement, where nothing else is in it. */
export function blankTypes(file: string, text: string): string {
  if (nesting(text) > DEEP) return text;
  const known = new Map<string, Exports>();
  const blanks: [start: number, end: number][] = [];
  for (const statement of parseSync(file, text, { sourceType: "module" }).module.staticExports) {
    const types = statement.entries.filter((e) => !e.isType && kindOfOrigin(file, e, known, new Set()) === "type");
    if (types.length === 0) continue;
    // Of what has been imported before, the statement is the import.
    const own = text.startsWith("export", statement.start);
    const all = statement.entries.every((e) => e.isType || types.includes(e));
    if (own && all) blanks.push([statement.start, statement.end]);
    else for (const { start, end } of types) blanks.push([start, end + /^\s*,?/.exec(text.slice(end))![0].length]);
  }
  return blanks.reduce((now, [start, end]) => {
    return now.slice(0, start) + now.slice(start, end).replace(/[^\n\r\u2028\u2029]/g, " ") + now.slice(end);
  }, text);
}

/** What an entry is in the module that it comes from; null where that is no file of TypeScript's, or has no such export. */
function kindOfOrigin(file: string, e: StaticExportEntry, known: Map<string, Exports>, seen: Set<string>): Kind | null {
  if (e.moduleRequest === null || e.importName.kind !== "Name") return null;
  const from = importedFile(file, e.moduleRequest.value);
  return from === null ? null : kindOf(from, e.importName.name!, known, seen);
}

/** What `file` exports as `name`: a value, also if it is a type too. */
function kindOf(file: string, name: string, known: Map<string, Exports>, seen: Set<string>): Kind | null {
  if (!isTypeScript(file) || seen.has(`${name} ${file}`)) return null;
  seen.add(`${name} ${file}`);
  const { entries, types } = exportsOf(file, known);
  const named = entries.filter(({ exportName: { kind, name: as } }) => {
    return kind === "Default" ? name === "default" : kind === "Name" && as === name;
  });
  const kinds = named.map((e): Kind | null => {
    if (e.isType) return "type";
    if (e.moduleRequest !== null) return e.importName.kind === "Name" ? kindOfOrigin(file, e, known, seen) : "value";
    return types.has(e.localName.name ?? "") ? "type" : "value";
  });
  if (named.length === 0 && name !== "default") {
    for (const e of entries.filter((each) => each.importName.kind === "AllButDefault")) {
      const from = importedFile(file, e.moduleRequest!.value);
      const kind = from === null ? null : kindOf(from, name, known, seen);
      kinds.push(e.isType && kind !== null ? "type" : kind);
    }
  }
  return kinds.includes("value") ? "value" : kinds.includes("type") ? "type" : null;
}

function exportsOf(file: string, known: Map<string, Exports>): Exports {
  let found = known.get(file);
  if (found === undefined) known.set(file, (found = read(file)));
  return found;
}

function read(file: string): Exports {
  const text = textOf(file);
  if (nesting(text) > DEEP) return { entries: [], types: new Set() };
  const { module, program } = parseSync(file, text, { sourceType: "module" });
  const [types, values] = [new Set<string>(), new Set<string>()];
  for (const s of program.body as unknown as Node[]) {
    const declared: Node = s.declaration ?? s;
    if (/^TS(?:Interface|TypeAlias)Declaration$/.test(declared.type)) types.add(declared.id.name);
    else if (declared.type === "VariableDeclaration") for (const d of declared.declarations) values.add(d.id.name);
    else if (declared.id != null) values.add(declared.id.name);
    for (const i of s.type === "ImportDeclaration" ? s.specifiers : []) values.add(i.local.name);
  }
  return { entries: module.staticExports.flatMap((e) => e.entries), types: types.difference(values) };
}
