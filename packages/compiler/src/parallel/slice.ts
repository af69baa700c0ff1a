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
import type { Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { literal } from "../tree/node.ts";
import { namesIn } from "./declarations.ts";
import type { ModuleState } from "./state.ts";
import { patternNames } from "../tree/pattern.ts";
import type { Source } from "../read/source.ts";
import { ALL, CHANGED, lenient, sliceUrl } from "./address.ts";
import { exportFrom, importChanged, importFrom, importOf, sourceOf } from "./imports.ts";

/** Where each name that the module declares is declared: a statement, and in it a declarator, or null. */
interface Place {
  statement: Node;
  declarator: Node | null;
}

function places(body: readonly Node[]): Map<string, Place[]> {
  const found = new Map<string, Place[]>();
  const add = (name: string, place: Place): void => {
    const all = found.get(name);
    if (all === undefined) found.set(name, [place]);
    else all.push(place);
  };
  for (const statement of body) {
    const d =
      statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration"
        ? (statement.declaration as Node | null)
        : statement;
    if (d === null) continue;
    if (d.type === "VariableDeclaration") {
      for (const declarator of d.declarations as Node[])
        patternNames(declarator.id as Node, (id) => add(id.name as string, { statement, declarator }));
    } else if ((d.type === "FunctionDeclaration" || d.type === "ClassDeclaration") && d.id) {
      add(d.id.name as string, { statement, declarator: null });
    } else if (d.type === "ImportDeclaration") {
      for (const s of d.specifiers as Node[]) add(s.local.name as string, { statement, declarator: s });
    }
  }
  return found;
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

/** What a slice is cut from. */
export interface Whole {
  body: Node[];
  /** The body of another tree of the same text, whose names have been resolved. */
  model: readonly Node[];
  /** Its names. */
  top: ReadonlyMap<string, Binding>;
  state: ModuleState;
  source: Source;
}

/**
 * Cuts `body` down to the slice `name`.
 * @throws {CompileError} where what is asked for is another thing on each thread.
 */
export function cut(whole: Whole, name: string): Node[] {
  const { body, model, top, state, source } = whole;
  const self = `./${basename(source.file)}`;
  if (name.startsWith(CHANGED)) return changed(whole, name.slice(CHANGED.length));
  if (name === ALL) return everything(whole, self);
  const any = name.startsWith(ALL);
  if (any) name = name.slice(ALL.length);
  const what = exported(model, name);
  if (Array.isArray(what)) {
    return what.map(({ from, imported }) => {
      const asked = any && imported !== ALL ? lenient(imported) : imported;
      return imported === ALL || from.type === "ExportAllDeclaration"
        ? { ...from, source: sourceOf(source.file, from.source as Node, asked) }
        : exportFrom(sourceOf(source.file, from.source as Node, asked), imported, name);
    });
  }
  const { local } = what;
  const where = places(model);
  // One instance of what is the same for all.
  if (any && !touchesState(local, where, whole)) return [exportFrom(literal(sliceUrl(self, name)), name, name)];
  const kept = new Set<Node>();
  const siblings = new Set<string>();
  const seen = new Set<string>();
  const queue = [local];
  const root = where.get(local);
  if (local === "default") {
    const s = model.find((x) => x.type === "ExportDefaultDeclaration")!;
    kept.add(s);
    for (const b of namesIn(s)) queue.push(b.name);
  }
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const found = where.get(next);
    if (found === undefined) continue;
    const b = top.get(next);
    if (
      next !== local &&
      isOne(found[0]!) &&
      !(b !== undefined && state.declarations.isGenerated(b)) &&
      !shares(root, found)
    ) {
      siblings.add(next);
      continue;
    }
    if (!any && b !== undefined) check(b, whole);
    for (const { statement, declarator } of found) {
      kept.add(declarator ?? statement);
      if (statement.type === "ImportDeclaration") continue;
      for (const used of namesIn(declarator ?? statement)) queue.push(used.name);
    }
    for (const statement of state.declarations.completing(next)) {
      kept.add(statement);
      for (const used of namesIn(statement)) queue.push(used.name);
    }
  }
  const out = select(source.file, body, model, kept);
  if (!any)
    for (const node of kept)
      for (const what of state.foreign(node)) out.push(importChanged(source.file, statementOf(model, node), what));
  for (const sibling of siblings) {
    const asked = any ? lenient(sibling) : sibling;
    out.push(importFrom(literal(sliceUrl(self, asked)), sibling));
  }
  if (local !== "default" && root !== undefined) out.push(exportFrom(null, local, name));
  return out;
}

/** A variable or a class: a thread has one of each, so it has a slice of its own. */
function isOne({ statement, declarator }: Place): boolean {
  if (declarator !== null) return statement.type !== "ImportDeclaration";
  return (statement.declaration ?? statement).type === "ClassDeclaration";
}

/** The names of one pattern are made at once. */
function shares(root: Place[] | undefined, found: Place[]): boolean {
  return root?.[0]?.statement === found[0]?.statement && root?.[0]?.declarator === found[0]?.declarator;
}

function check(b: Binding, { state, source }: Whole): void {
  const reason = state.reasonOf(b);
  if (reason !== null)
    source.refuse(
      "GORT_PARALLEL_STATE",
      reason.at,
      `a parallel function uses \`${b.name}\`, ${reason.why}`,
      reason.hint,
    );
}

function touchesState(local: string, where: ReadonlyMap<string, Place[]>, { top, state }: Whole): boolean {
  const seen = new Set([local]);
  for (const name of seen) {
    const b = top.get(name);
    if (b !== undefined && state.reasonOf(b) !== null) return true;
    for (const place of where.get(name) ?? [])
      if (place.statement.type !== "ImportDeclaration")
        for (const used of namesIn(place.declarator ?? place.statement)) seen.add(used.name);
  }
  return false;
}

/** The statements of `body` that hold what was kept of `model`, without what was not, exporting nothing. */
function select(file: string, body: Node[], model: readonly Node[], kept: ReadonlySet<Node>): Node[] {
  const out: Node[] = [];
  body.forEach((statement, i) => {
    const twin = model[i]!;
    if (statement.directive) out.push(statement);
    else if (statement.type === "ImportDeclaration") {
      (statement.specifiers as Node[]).forEach((s, k) => {
        if (kept.has(twin.specifiers[k] as Node)) out.push(importOf(file, statement, s));
      });
    } else {
      // Also a default one that has a name: it is exported by its name, if it is what was asked for.
      const wrapped = statement.type === "ExportNamedDeclaration" || isNamedDefault(statement);
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

function isNamedDefault(s: Node): boolean {
  return (
    s.type === "ExportDefaultDeclaration" &&
    /^(?:Function|Class)Declaration$/.test(s.declaration.type) &&
    !!s.declaration.id
  );
}

/** The statement of an import. */
function statementOf(model: readonly Node[], specifier: Node): Node {
  return model.find((s) => s.type === "ImportDeclaration" && (s.specifiers as Node[]).includes(specifier))!;
}

/**
 * Another module does `what` to a name of this one: refused if that changes it, passed on if it is a third one's.
 * @throws {CompileError}
 */
function changed({ model, top, state, source }: Whole, what: string): Node[] {
  const [, name, path, method] = /^([^.]*?)((?:\.[^.]*?)*):([^:]*)$/.exec(what)!;
  const found = exported(model, name!);
  if (Array.isArray(found))
    return found.flatMap(({ from, imported }) => {
      // `export * as all`: the first key is the name.
      const of = imported === ALL ? path!.slice(1) : imported + path!;
      return of === "" ? [] : [importChanged(source.file, from, `${of}:${method}`)];
    });
  const b = top.get(found.local);
  if (b === undefined) {
    const value = model.find((s) => s.type === "ExportDefaultDeclaration")?.declaration as Node | undefined;
    if (name === "default" && value !== undefined && state.isChangedValue(value, method!))
      refuseChanged(source, value, "default");
    return [];
  }
  const keys = path!.split(".").slice(1);
  if (b.kind === "import") {
    const of = [...(b.imported === ALL ? [] : [b.imported]), ...keys].join(".");
    const from = statementOf(model, b.node!);
    return of === "" ? [] : [importChanged(source.file, from, `${of}:${method}`)];
  }
  if (state.isChanged(b, keys, method!)) refuseChanged(source, b.node ?? b.init ?? b.refs[0]!.node, b.name);
  return [];
}

function refuseChanged(source: Source, { start }: Node, name: string): never {
  const [what, own] = name === "default" ? ["the default export", "name"] : [`\`${name}\``, name];
  source.refuse(
    "GORT_PARALLEL_STATE",
    start,
    `a module with a parallel function changes ${what} of this one: each thread has its own, as it is declared, and would not see the change`,
    `Pass it as an argument, or say that each thread has its own: \`const ${own} = perThread(() => …)\`.`,
  );
}

/** Everything but the statements. */
function everything({ body, source }: Whole, self: string): Node[] {
  const names = new Set<string>();
  const out: Node[] = [];
  for (const s of body) {
    if (s.type === "ExportAllDeclaration") out.push({ ...s, source: sourceOf(source.file, s.source as Node, ALL) });
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
  for (const name of names) out.push(exportFrom(literal(sliceUrl(self, lenient(name))), name, name));
  return out;
}
