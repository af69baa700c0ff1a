/**
 * Functions that could run on any thread as they are: declared at the top of a module, they touch nothing but their
 * parameters, constants, and functions and classes of which the same is true. What is imported is for the caller to judge, who sees the
 * other modules: `needs` names it.
 */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import { callbackOf } from "../calls/natives.ts";
import type { Scopes } from "../scope/resolution.ts";
import type { Source } from "../read/source.ts";

/** A function that could be `parallel`, if what it needs of other modules can cross too. */
export interface Candidate {
  name: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** What it uses of other modules: a specifier as written, and the export's name (`*` for all of it). */
  needs: { from: string; name: string }[];
  /** The names under which the module exports it. */
  exported: string[];
  /** Worth a thread, and can be given what it takes: it loops or calls itself, and takes no function. What does not work may still be needed by others. */
  works: boolean;
}

export function parallelCandidates(program: Node, scopes: Scopes, source: Source): Candidate[] {
  markWritten(program);
  const exported = exportsOf(scopes.module.node);
  const uses = usesOf(scopes);
  const found: Candidate[] = [];
  for (const b of scopes.module.bindings) {
    const fn = functionOf(b);
    if (fn === null || fn.async || fn.generator || fn.usesThis || !source.isWritten(fn.node.start)) continue;
    const reached = reach(b, uses);
    if (reached === null) continue;
    found.push({
      name: b.name,
      ...source.position(fn.node.start),
      needs: reached.filter((r) => r.kind === "import").map((r) => ({ from: r.from, name: r.imported })),
      exported: exported.get(b.name) ?? [],
      works: fn.suspendable && !takesFunction(fn),
    });
  }
  return found;
}

/** A module-level function that is never another one. */
function functionOf(b: Binding): Fn | null {
  if (!b.module || b.fn.parent !== null || b.writes > 0) return null;
  const node =
    b.kind === "function" ? b.node : b.kind === "const" && b.init !== null && isFunction(b.init) ? b.init : null;
  return (node?.$fn as Fn | undefined) ?? null;
}

/** Whether a parameter is a function, which cannot go to another thread: it is called, or given to what calls it (`items.map(f)`). */
function takesFunction(fn: Fn): boolean {
  const isOwn = (node: Node | undefined): boolean => {
    const b = node?.type === "Identifier" ? (node.$b as Binding | undefined) : undefined;
    return b?.kind === "param" && b.fn === fn;
  };
  return some(fn.node, (n) => n.type === "CallExpression" && (isOwn(n.callee as Node) || isOwn(callbackOf(n))));
}

/** Module-level names by what uses them: the declaration whose text holds the reference. */
function usesOf(scopes: Scopes): Map<Binding, Set<Binding>> {
  const uses = new Map<Binding, Set<Binding>>();
  const owners = scopes.module.bindings.flatMap((b) => {
    const node = b.kind === "class" || b.kind === "function" ? b.node : b.init;
    return b.module && node !== null ? [{ b, start: node.start, end: node.end }] : [];
  });
  for (const used of scopes.module.bindings) {
    if (!used.module) continue;
    for (const { node } of used.refs)
      for (const { b, start, end } of owners)
        if (b !== used && node.start >= start && node.end <= end) {
          let set = uses.get(b);
          if (set === undefined) uses.set(b, (set = new Set()));
          set.add(used);
        }
  }
  return uses;
}

/** Everything of the module that a function reaches; null if something of it is not the same on every thread. */
function reach(start: Binding, uses: Map<Binding, Set<Binding>>): Binding[] | null {
  const seen = new Set([start]);
  for (const b of seen) {
    if (b !== start && !isFixed(b)) return null;
    for (const used of uses.get(b) ?? []) seen.add(used);
  }
  return [...seen];
}

/** Whether a name of the module means the same in a copy of the module. */
function isFixed(b: Binding): boolean {
  if (b.kind === "import") return true;
  if (b.writes > 0) return false;
  if (b.kind === "class") return !some(b.node!, (n) => n.static === true && n.type === "PropertyDefinition");
  if (functionOf(b) !== null) return true;
  return b.kind === "const" && b.init !== null && isConstant(b.init) && b.refs.every(({ node }) => isRead(node));
}

/** A literal, or a literal array or object of literals. */
function isConstant(node: Node): boolean {
  switch (node.type) {
    case "Literal":
      return true;
    case "TemplateLiteral":
      return node.expressions.length === 0;
    case "UnaryExpression":
      return isConstant(node.argument as Node);
    case "BinaryExpression":
      return isConstant(node.left as Node) && isConstant(node.right as Node);
    case "ArrayExpression":
      return (node.elements as (Node | null)[]).every((e) => e === null || isConstant(e));
    case "ObjectExpression":
      return (node.properties as Node[]).every(
        (p) => p.type === "Property" && !p.computed && isConstant(p.value as Node),
      );
    default:
      return false;
  }
}

/** Not written to, nor a member of it; `$written` is set by {@link markWritten}. */
function isRead(node: Node): boolean {
  return node.$written !== true;
}

/** Marks the names whose value, or a part of it, is assigned, given away, or asked to do something. */
function markWritten(node: Node): void {
  switch (node.type) {
    case "AssignmentExpression":
      written(node.left as Node);
      written(node.right as Node, false);
      break;
    case "UpdateExpression":
      written(node.argument as Node);
      break;
    case "UnaryExpression":
      if (node.operator === "delete") written(node.argument as Node);
      break;
    case "CallExpression":
      if (node.callee.type === "MemberExpression") written(node.callee.object as Node);
      for (const a of node.arguments as Node[]) written(a, false);
      break;
    case "NewExpression":
      for (const a of node.arguments as Node[]) written(a, false);
      break;
    case "ReturnStatement":
    case "ArrowFunctionExpression": {
      const value = (node.type === "ReturnStatement" ? node.argument : node.body) as Node | null;
      if (value !== null) written(value, false);
      break;
    }
    case "VariableDeclarator":
      if (node.init !== null) written(node.init as Node, false);
      break;
    case "Property":
    case "PropertyDefinition":
      if (node.value !== null) written(node.value as Node, false);
      break;
    case "ArrayExpression":
      for (const e of node.elements as (Node | null)[]) if (e !== null) written(e, false);
      break;
    default:
  }
  eachChild(node, markWritten);
}

/** `deep`: also where a member of it is meant. An object that is given away may be written to elsewhere; a literal cannot. */
function written(node: Node, deep = true): void {
  let root = node;
  while (deep && root.type === "MemberExpression") root = root.object as Node;
  const b = root.type === "Identifier" ? (root.$b as Binding | undefined) : undefined;
  if (b?.module !== true) return;
  const init = b.init;
  if (init !== null && !isFunction(init) && (init.type === "ArrayExpression" || init.type === "ObjectExpression"))
    root.$written = true;
}

function exportsOf(module: Node): Map<string, string[]> {
  const names = new Map<string, string[]>();
  const add = (local: string, as: string): void => {
    const all = names.get(local);
    if (all === undefined) names.set(local, [as]);
    else all.push(as);
  };
  for (const s of module.body as Node[]) {
    if (s.type === "ExportDefaultDeclaration") {
      const local = (s.declaration.type === "Identifier" ? s.declaration.name : s.declaration.id?.name) as
        | string
        | undefined;
      if (local !== undefined) add(local, "default");
    } else if (s.type === "ExportNamedDeclaration" && s.source === null) {
      for (const spec of s.specifiers as Node[])
        add(spec.local.name as string, (spec.exported.name ?? spec.exported.value) as string);
      const declared = s.declaration as Node | null;
      if (declared === null) continue;
      for (const { id } of declared.type === "VariableDeclaration" ? (declared.declarations as Node[]) : [declared])
        if (id?.type === "Identifier") add(id.name as string, id.name as string);
    }
  }
  return names;
}

function some(node: Node, is: (node: Node) => boolean): boolean {
  let found = is(node);
  eachChild(node, (child) => {
    found ||= some(child, is);
  });
  return found;
}
