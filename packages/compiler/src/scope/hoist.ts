/** What a function, a block or a module declares, before anything in it is looked at: a scope's names. */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import { Binding, type BindingKind, type Fn } from "../tree/binding.ts";
import { patternNames } from "../tree/pattern.ts";

/** The names of a part of the program. `top`: of the module, or of a wrapper in it. */
export class Scope {
  readonly names: Map<string, Binding> = new Map();
  readonly fn: Fn;
  readonly parent: Scope | null;
  readonly inSwitch: boolean;
  readonly top: boolean;
  constructor(fn: Fn, parent: Scope | null, inSwitch = false, top: boolean = parent === null) {
    this.fn = fn;
    this.parent = parent;
    this.inSwitch = inSwitch;
    this.top = top;
  }
}

/** Hears of a function that is left as it is, and why. */
export type Leave = (fn: Fn, why: string) => void;

export function declare(scope: Scope, name: string, kind: BindingKind): Binding {
  const known = scope.names.get(name);
  if (known !== undefined && (kind === "var" || kind === "function")) return known;
  const binding = new Binding(name, kind, scope.fn, scope.top && kind !== "self", scope.inSwitch);
  scope.names.set(name, binding);
  scope.fn.bindings.push(binding);
  return binding;
}

/** Declares the `var`s of a function body, wherever they stand in it. */
export function hoistVars(node: Node, scope: Scope, leave: Leave): void {
  eachChild(node, visit);

  function visit(child: Node): void {
    if (isFunction(child) || child.type === "ClassDeclaration" || child.type === "ClassExpression") return;
    if (child.type === "VariableDeclaration" && child.kind === "var")
      for (const d of child.declarations as Node[])
        patternNames(d.id as Node, (id) => {
          // `var arguments` is the function's own arguments.
          if (id.name !== "arguments" || scope.fn.kind === "module" || scope.fn.kind === "arrow")
            declare(scope, id.name, "var");
          else if (d.init !== null) leave(scope.fn, "a function that assigns to `arguments`");
        });
    eachChild(child, visit);
  }
}

/** A `var` among the statements of a function itself gets its value once: what is made behind it sees no other, if nobody else writes it. */
export function markSteady(statements: readonly Node[], scope: Scope): void {
  for (const node of statements)
    if (node.type === "VariableDeclaration" && node.kind === "var")
      for (const d of node.declarations as Node[]) {
        const b = d.id.type === "Identifier" && d.init !== null ? scope.names.get(d.id.name as string) : undefined;
        if (b?.kind === "var") b.initEnd = d.end;
      }
}

/** Declares what the statements of one block declare for that block. */
export function hoistLexical(statements: Node[], scope: Scope): void {
  unlabel(statements);
  for (let node of statements) {
    if (
      (node.type === "ExportNamedDeclaration" || node.type === "ExportDefaultDeclaration") &&
      node.declaration !== null
    )
      node = node.declaration as Node;
    if (node.type === "VariableDeclaration" && node.kind !== "var") {
      const kind = node.kind === "let" ? "let" : "const";
      for (const d of node.declarations as Node[])
        patternNames(d.id as Node, (id) => {
          const binding = declare(scope, id.name, kind);
          binding.initEnd = d.end;
          if (d.id === id && d.init !== null) binding.init = d.init as Node;
        });
    } else if (node.type === "FunctionDeclaration" && node.id !== null) {
      const binding = declare(scope, node.id.name, "function");
      if (binding.node !== null) binding.writes++;
      binding.node = node;
    } else if (node.type === "ClassDeclaration" && node.id !== null) {
      const binding = declare(scope, node.id.name, "class");
      binding.node = node;
      binding.initEnd = node.end;
    } else if (node.type === "ImportDeclaration") {
      for (const s of node.specifiers as Node[]) {
        const binding = declare(scope, s.local.name, "import");
        binding.node = s;
        binding.from = node.source.value as string;
        binding.imported =
          s.type === "ImportSpecifier"
            ? ((s.imported.name ?? s.imported.value) as string)
            : s.type === "ImportNamespaceSpecifier"
              ? "*"
              : "default";
        if (binding.from === "gort" && binding.imported !== "default") binding.gort = binding.imported;
      }
    }
  }
}

/** `l: function f() {}` declares `f`; nothing can jump to the label. */
function unlabel(statements: Node[]): void {
  statements.forEach((s, i) => {
    if (s.type !== "LabeledStatement") return;
    let body = s.body as Node;
    while (body.type === "LabeledStatement") body = body.body as Node;
    if (body.type === "FunctionDeclaration") statements[i] = body;
  });
}

/**
 * Sloppy code sees functions declared in blocks outside them: each is a `var` of its function too, written where the
 * declaration stands, unless that `var` could not be declared there. `taken`: names a `var` would collide with.
 */
function hoistBlockFunctions(node: Node, scope: Scope, taken: Set<string>, inBlock: boolean): void {
  const lists = node.type === "SwitchStatement" ? (node.cases as Node[]).flatMap((c) => c.consequent as Node[]) : null;
  const list = lists ?? (node.type === "BlockStatement" || node.type === "StaticBlock" ? (node.body as Node[]) : null);
  const within = new Set(taken);
  if (list !== null && inBlock) {
    const own = list.filter((s) => s.type === "FunctionDeclaration");
    for (const s of list)
      if (s.type === "ClassDeclaration") within.add(s.id.name as string);
      else if (s.type === "VariableDeclaration" && s.kind !== "var")
        for (const d of s.declarations as Node[]) patternNames(d.id as Node, (id) => within.add(id.name as string));
    for (const s of own) {
      const name = s.id.name as string;
      if (within.has(name) || s.async || s.generator || name === "arguments") continue;
      const b = declare(scope, name, "var");
      b.writes++;
      s.$hoist = b;
    }
    // A plain one around it would be in the way of a `var`, says the language; the engine does not mind.
    for (const s of own) if (s.async || s.generator) within.add(s.id.name as string);
  }
  if (node.type === "CatchClause" && node.param !== null && node.param.type !== "Identifier")
    patternNames(node.param as Node, (id) => within.add(id.name as string));
  const head = (node.type === "ForStatement" ? node.init : node.left) as Node | null | undefined;
  if (node.type.startsWith("For") && head?.type === "VariableDeclaration" && head.kind !== "var")
    for (const d of head.declarations as Node[]) patternNames(d.id as Node, (id) => within.add(id.name as string));
  eachChild(node, (child) => {
    if (isFunction(child) || child.type === "ClassDeclaration" || child.type === "ClassExpression") return;
    hoistBlockFunctions(child, scope, within, true);
  });
}

/** `if (x) function f() {}` is a block with the function; labels of functions are gone. */
function blocksOfIf(node: Node): void {
  const list = node.type === "SwitchCase" ? node.consequent : node.body;
  if (Array.isArray(list)) unlabel(list as Node[]);
  for (const key of ["consequent", "alternate"])
    if (node[key]?.type === "FunctionDeclaration")
      node[key] = { type: "BlockStatement", body: [node[key]], start: node[key].start, end: node[key].end };
  eachChild(node, (child) => {
    if (!isFunction(child)) blocksOfIf(child);
  });
}

/** What a body of sloppy code declares in its blocks. */
export function hoistSloppy(body: Node, scope: Scope, params: Scope): void {
  blocksOfIf(body);
  const taken = new Set<string>();
  for (const s of [scope, params])
    for (const [name, b] of s.names) if (b.kind !== "var" && b.kind !== "function") taken.add(name);
  hoistBlockFunctions(body, scope, taken, false);
}
