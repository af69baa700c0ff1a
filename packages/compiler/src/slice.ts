/**
 * Slices: what a thread loads of a module to run a parallel function. One slice for each name: the declaration of it, and what
 * that reaches. Statements at the top of the module do not run again.
 *
 *     app.ts?gort-slice=count      const count = parallel((n) => … table[n] … step(n));
 *                                  function step …                        functions it reaches: copied
 *                                  import { table } from "app.ts?gort-slice=table";    variables: one module each,
 *                                  import { parse } from "./parse.ts?gort-slice=parse"; so that a thread has one of each
 */
import { basename } from "node:path";
import { eachChild, type Node } from "./ast.ts";
import type { Binding } from "./binding.ts";
import { patternNames } from "./pattern.ts";

/** The query of a slice. */
export const SLICE = "gort-slice";
/** The name of a slice that has everything but the statements: for `import * as`. */
export const ALL = "*";

/** The name a slice's URL asks for, or null. */
export function sliceOf(url: string): string | null {
  const query = /[?&]gort-slice=([^&#]*)/.exec(url)?.[1];
  return query === undefined ? null : decodeURIComponent(query);
}

export function sliceUrl(url: string, name: string): string {
  return `${url}?${SLICE}=${encodeURIComponent(name)}`;
}

/** A specifier that may name a module of the application. */
const own = /^(?:\.{0,2}\/|file:|#)/;

/** Where each name that the module declares is declared: a statement, and in it a declarator, or null. */
interface Place {
  statement: Node;
  declarator: Node | null;
}

function places(body: readonly Node[]): Map<string, Place> {
  const found = new Map<string, Place>();
  for (const statement of body) {
    const d =
      statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration"
        ? (statement.declaration as Node | null)
        : statement;
    if (d === null) continue;
    if (d.type === "VariableDeclaration") {
      for (const declarator of d.declarations as Node[])
        patternNames(declarator.id as Node, (id) => found.set(id.name as string, { statement, declarator }));
    } else if ((d.type === "FunctionDeclaration" || d.type === "ClassDeclaration") && d.id) {
      found.set(d.id.name as string, { statement, declarator: null });
    } else if (d.type === "ImportDeclaration") {
      for (const s of d.specifiers as Node[]) found.set(s.local.name as string, { statement, declarator: s });
    }
  }
  return found;
}

/** The names of the module itself that stand in `node`. */
export function namesIn(node: Node, into: Set<Binding> = new Set()): Set<Binding> {
  const b = node.type === "Identifier" ? (node.$b as Binding | undefined) : undefined;
  if (b?.module === true) into.add(b);
  eachChild(node, (child) => namesIn(child, into));
  return into;
}

/** What the exported name means: a name of the module, or one of another module. */
function exported(body: readonly Node[], name: string): { local: string } | { from: Node; imported: string }[] {
  const stars: { from: Node; imported: string }[] = [];
  for (const s of body) {
    if (s.type === "ExportAllDeclaration") {
      if (s.exported === null) stars.push({ from: s, imported: name });
      else if ((s.exported.name ?? s.exported.value) === name) return [{ from: s, imported: ALL }];
    } else if (s.type === "ExportDefaultDeclaration" && name === "default") {
      const d = s.declaration as Node;
      const named = d.type === "Identifier" ? d.name : d.id?.name;
      return { local: (named as string | undefined) ?? "default" };
    } else if (s.type === "ExportNamedDeclaration" && s.declaration === null) {
      for (const x of s.specifiers as Node[]) {
        if ((x.exported.name ?? x.exported.value) !== name) continue;
        const local = (x.local.name ?? x.local.value) as string;
        return s.source === null ? { local } : [{ from: s, imported: local }];
      }
    }
  }
  return stars.length > 0 && !places(body).has(name) ? stars : { local: name };
}

/** Cuts `body` down to the slice `name`; `model` is the body of another tree of the same text, whose names have been resolved. */
export function cut(body: Node[], model: readonly Node[], name: string, file: string): Node[] {
  const self = `./${basename(file)}`;
  if (name === ALL) return everything(body, self);
  const what = exported(model, name);
  if (Array.isArray(what)) {
    return what.map(({ from, imported }) =>
      imported === ALL || from.type === "ExportAllDeclaration"
        ? { ...from, source: sourceOf(from.source as Node, imported) }
        : exportFrom(sourceOf(from.source as Node, imported), imported, name),
    );
  }
  const { local } = what;
  const where = places(model);
  const kept = new Set<Node>();
  const siblings = new Set<string>();
  const seen = new Set<string>();
  const queue = [local];
  const root = where.get(local);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const place = where.get(next);
    if (place === undefined) continue;
    const { statement, declarator } = place;
    const isVariable = declarator !== null && statement.type !== "ImportDeclaration";
    const isClass = (statement.declaration ?? statement).type === "ClassDeclaration";
    if ((isVariable || isClass) && !(root?.statement === statement && root.declarator === declarator)) {
      siblings.add(next);
      continue;
    }
    kept.add(declarator ?? statement);
    if (statement.type === "ImportDeclaration") continue;
    for (const b of namesIn(declarator ?? statement)) queue.push(b.name);
  }
  if (local === "default") {
    const s = model.find((x) => x.type === "ExportDefaultDeclaration")!;
    kept.add(s);
    for (const b of namesIn(s)) if (!seen.has(b.name)) queue.push(b.name);
    return [...cut0(queue, where, body, model, kept, siblings, seen), ...siblingImports(self, siblings)];
  }
  const out = select(body, model, kept);
  out.push(...siblingImports(self, siblings));
  if (root !== undefined) out.push(exportName(local, name));
  return out;
}

/** The rest of a default export that has no name. */
function cut0(
  queue: string[],
  where: Map<string, Place>,
  body: Node[],
  model: readonly Node[],
  kept: Set<Node>,
  siblings: Set<string>,
  seen: Set<string>,
): Node[] {
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const place = where.get(next);
    if (place === undefined) continue;
    const { statement, declarator } = place;
    const isClass = (statement.declaration ?? statement).type === "ClassDeclaration";
    if ((declarator !== null && statement.type !== "ImportDeclaration") || isClass) siblings.add(next);
    else {
      kept.add(declarator ?? statement);
      if (statement.type !== "ImportDeclaration") for (const b of namesIn(statement)) queue.push(b.name);
    }
  }
  return select(body, model, kept);
}

/** The statements of `body` that hold what was kept of `model`, without what was not, exporting nothing. */
function select(body: Node[], model: readonly Node[], kept: ReadonlySet<Node>): Node[] {
  const out: Node[] = [];
  body.forEach((statement, i) => {
    const twin = model[i]!;
    if (statement.directive) out.push(statement);
    else if (statement.type === "ImportDeclaration") {
      (statement.specifiers as Node[]).forEach((s, k) => {
        if (kept.has(twin.specifiers[k] as Node)) out.push(importOf(statement, s));
      });
    } else {
      const wrapped = statement.type === "ExportNamedDeclaration";
      const d = (wrapped ? statement.declaration : statement) as Node | null;
      const t = (wrapped ? twin.declaration : twin) as Node | null;
      if (kept.has(twin) || (t !== null && kept.has(t))) out.push(d ?? statement);
      else if (d?.type === "VariableDeclaration") {
        const declarations = (d.declarations as Node[]).filter((_, k) => kept.has(t!.declarations[k] as Node));
        if (declarations.length > 0) out.push({ ...d, declarations });
      }
    }
  });
  return out;
}

/** Everything but the statements. */
function everything(body: Node[], self: string): Node[] {
  const names = new Set<string>();
  const out: Node[] = [];
  for (const s of body) {
    if (s.type === "ExportAllDeclaration") out.push({ ...s, source: sourceOf(s.source as Node, ALL) });
    else if (s.type === "ExportDefaultDeclaration") names.add("default");
    else if (s.type === "ExportNamedDeclaration") {
      if (s.declaration === null)
        for (const x of s.specifiers as Node[]) names.add((x.exported.name ?? x.exported.value) as string);
      else if (s.declaration.type === "VariableDeclaration")
        for (const d of s.declaration.declarations as Node[])
          patternNames(d.id as Node, (id) => names.add(id.name as string));
      else names.add(s.declaration.id.name as string);
    }
  }
  for (const name of names) out.push(exportFrom(literal(sliceUrl(self, name)), name, name));
  return out;
}

// ---- nodes

const at0 = { start: 0, end: 0 };

function literal(value: string): Node {
  return { type: "Literal", value, raw: JSON.stringify(value), ...at0 };
}

function identifier(name: string): Node {
  return { type: "Identifier", name, ...at0 };
}

/** The source of an import, for the slice of `name` where it is a module of the application. */
function sourceOf(source: Node, name: string): Node {
  const value = source.value as string;
  return own.test(value) ? { ...source, ...literal(sliceUrl(value.replace(/[?#].*$/, ""), name)) } : source;
}

/** One name of an import. */
function importOf(statement: Node, s: Node): Node {
  const name =
    s.type === "ImportSpecifier"
      ? ((s.imported.name ?? s.imported.value) as string)
      : s.type === "ImportDefaultSpecifier"
        ? "default"
        : ALL;
  return { ...statement, specifiers: [s], source: sourceOf(statement.source as Node, name) };
}

function siblingImports(self: string, names: ReadonlySet<string>): Node[] {
  return [...names].map((name) => ({
    type: "ImportDeclaration",
    specifiers: [{ type: "ImportSpecifier", imported: identifier(name), local: identifier(name), ...at0 }],
    source: literal(sliceUrl(self, name)),
    attributes: [],
    ...at0,
  }));
}

function exportFrom(source: Node, name: string, as: string): Node {
  return {
    type: "ExportNamedDeclaration",
    declaration: null,
    source,
    specifiers: [{ type: "ExportSpecifier", local: identifier(name), exported: identifier(as), ...at0 }],
    attributes: [],
    ...at0,
  };
}

function exportName(local: string, as: string): Node {
  return {
    type: "ExportNamedDeclaration",
    declaration: null,
    source: null,
    specifiers: [{ type: "ExportSpecifier", local: identifier(local), exported: identifier(as), ...at0 }],
    attributes: [],
    ...at0,
  };
}
