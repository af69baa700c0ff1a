/**
 * Which declaration each name means, and what each function captures.
 *
 * One walk, scopes hoisted on entry. The results are marks on the tree: `identifier.$b` is its {@link Binding},
 * `function.$fn` its {@link Fn}. Names that resolve to nothing are globals and carry no mark.
 */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import { type Binding, Fn, type FnKind } from "../tree/binding.ts";
import { visitClass, type Walk } from "./class.ts";
import { saysStrict, takenOutBy } from "./directives.ts";
import { declare, hoistLexical, hoistSloppy, hoistVars, markSteady, Scope } from "./hoist.ts";
import { listenersOf, markCalledByEngine } from "./engine.ts";
import { infer, isCovered, nameGiven } from "./inferred.ts";
import { memberName, patternNames } from "../tree/pattern.ts";
import { isRequireOfGort, nameGort } from "./require.ts";
import { leaveAlone, markUse, resolve, type Scopes } from "./resolution.ts";

export function analyzeScopes(program: Node): Scopes {
  const module = new Fn(program, "module", null);
  const top = new Scope(module, null);
  const scopes: Scopes = {
    module,
    wrappers: [],
    fns: [],
    globals: new Set(),
    reserved: undefined,
    top: top.names,
    evals: [],
    left: new Map(),
    listeners: [],
    waits: false,
    swaps: false,
  };
  const { wrappers, fns, evals, listeners } = scopes;
  const walk: Walk = { visit, visitFunction };
  const leave = (fn: Fn, why: string): void => leaveAlone(scopes, fn, why);
  let strict = program.sourceType === "module" || saysStrict(program.body as Node[]);
  module.strict = strict;
  program.$fn = module;
  hoistVars(program, top, leave);
  hoistLexical(program.body as Node[], top);
  if (!strict) hoistSloppy(program, top, top);
  for (const statement of program.body as Node[]) visit(statement, top);
  return scopes;

  /** A pattern that is assigned to or declared: `write` for assignments. */
  function visitPattern(node: Node, scope: Scope, write: boolean): void {
    switch (node.type) {
      case "Identifier":
        if (!write) node.$decl = true;
        resolve(scopes, node, scope, write);
        return;
      case "ObjectPattern":
        for (const p of node.properties as Node[]) {
          if (p.type === "RestElement") visitPattern(p.argument as Node, scope, write);
          else {
            if (p.computed) visit(p.key as Node, scope);
            visitPattern(p.value as Node, scope, write);
          }
        }
        return;
      case "ArrayPattern":
        for (const e of node.elements as (Node | null)[]) if (e !== null) visitPattern(e, scope, write);
        return;
      case "RestElement":
        visitPattern(node.argument as Node, scope, write);
        return;
      case "AssignmentPattern":
        if (!isCovered(node)) infer(node.right as Node, node.left as Node);
        visitPattern(node.left as Node, scope, write);
        visit(node.right as Node, scope);
        return;
      default:
        visit(node, scope);
    }
  }

  function visitFunction(node: Node, scope: Scope, kind: FnKind): Fn {
    const isWrapper = node.$wraps === true;
    const fn = new Fn(node, isWrapper ? "module" : kind, scope.fn);
    if (!isWrapper) fns.push(fn);
    node.$fn = fn;
    const around = strict;
    strict ||= node.body.type === "BlockStatement" && saysStrict(node.body.body as Node[]);
    fn.strict = strict;
    let outer = scope;
    if (node.type === "FunctionExpression" && node.id !== null && node.id !== undefined) {
      outer = new Scope(fn, scope);
      const self = declare(outer, node.id.name, "self");
      fn.self = self;
    }
    fn.inferred = node.id?.name === undefined ? (node.$name ?? "") : "";
    fn.name = node.id?.name ?? node.$name ?? "";
    const inner = new Scope(fn, outer, false, isWrapper);
    if (isWrapper) wrappers.push({ fn, top: inner.names });
    for (const p of node.params as Node[])
      patternNames(p, (id, bound) => {
        declare(inner, id.name, "param").initEnd = bound;
      });
    for (const p of node.params as Node[]) visitPattern(p, inner, false);
    // Its body runs later than its defaults, so these could share no box.
    if (fn.generator && [...inner.names.values()].some((b) => b.refs.some((ref) => ref.fn !== fn)))
      leave(fn, "a generator with a function among its parameters that uses a parameter");
    if (fn.generator && (node.params as Node[]).some(writesPattern))
      leave(fn, "a generator with a pattern among its parameters that writes to other variables");
    const body = node.body as Node;
    if (body.type === "BlockStatement") {
      // Defaults and patterns do not see what the body declares.
      const simple = (node.params as Node[]).every((p) => p.type === "Identifier");
      const within = simple ? inner : new Scope(fn, inner);
      hoistVars(body, within, leave);
      if (within !== inner)
        for (const [name, b] of within.names) {
          const param = b.kind === "var" ? inner.names.get(name) : undefined;
          if (param === undefined) continue;
          if (param.refs.some((ref) => ref.fn !== fn))
            leave(fn, "a function that declares a parameter again which a function among its parameters uses");
          within.names.delete(name);
        }
      hoistLexical(body.body as Node[], within);
      markSteady(body.body as Node[], within);
      if (!strict) hoistSloppy(body, within, inner);
      for (const statement of body.body as Node[]) visit(statement, within);
      // With the values of the variables it finds there.
      const says = scope.fn.kind === "module" ? undefined : takenOutBy(body);
      if (says !== undefined) leave(fn, `a function around one that says "${says}"`);
    } else visit(body, inner);
    strict = around;
    return fn;
  }

  function visitStrictly(node: Node, scope: Scope): void {
    const around = strict;
    strict = true;
    visitClass(scopes, node, scope, walk);
    strict = around;
  }

  function visitBlock(statements: Node[], scope: Scope, inSwitch = false): void {
    const inner = new Scope(scope.fn, scope, inSwitch);
    hoistLexical(statements, inner);
    for (const s of statements) visit(s, inner);
  }

  function visit(node: Node, scope: Scope): void {
    switch (node.type) {
      case "Identifier":
        resolve(scopes, node, scope, false);
        return;
      case "FunctionDeclaration":
      case "FunctionExpression": {
        const fn = visitFunction(node, scope, "function");
        if (node.type === "FunctionDeclaration" && node.id !== null) {
          for (let s: Scope | null = scope; s !== null; s = s.parent) {
            const binding = s.names.get(node.id.name);
            if (binding === undefined) continue;
            node.id.$b = binding;
            break;
          }
          if (node.id.$b !== undefined && !node.id.$b.module) fn.self = node.id.$b as Binding;
        }
        return;
      }
      case "ArrowFunctionExpression":
        visitFunction(node, scope, "arrow");
        return;
      case "ClassDeclaration":
      case "ClassExpression":
        if (node.type === "ClassDeclaration" && node.id !== null) {
          for (let s: Scope | null = scope; s !== null && node.id.$b === undefined; s = s.parent)
            node.id.$b = s.names.get(node.id.name);
        }
        visitStrictly(node, scope);
        return;
      case "ThisExpression":
        markUse(scope.fn, "usesThis");
        return;
      case "Super":
        markUse(scope.fn, "usesSuper");
        markUse(scope.fn, "usesThis");
        return;
      case "MetaProperty":
        if (node.meta.name === "new") markUse(scope.fn, "usesNewTarget");
        return;
      case "CallExpression":
      case "NewExpression":
        for (const a of node.arguments as Node[]) if (isFunction(a)) a.$callback = true;
        if (node.callee.type === "Super")
          if (scope.fn.kind === "arrow") leave(scope.fn, "a function with `super()` in an arrow function");
        for (const a of listenersOf(node)) {
          if (isFunction(a)) a.$engine = true;
          else if (a.type === "Identifier") listeners.push(a);
        }
        eachChild(node, visit, scope);
        if (node.callee.type === "Identifier" && node.callee.name === "eval" && node.callee.$b === undefined) {
          evals.push(scope.fn);
          leave(scope.fn, "a function with direct `eval`");
        }
        return;
      case "MemberExpression":
        visit(node.object as Node, scope);
        if (node.computed) visit(node.property as Node, scope);
        return;
      case "Property":
        if (node.computed) visit(node.key as Node, scope);
        markCalledByEngine(node.key as Node, node.computed as boolean, node.value as Node);
        if (isFunction(node.value as Node)) {
          const value = node.value as Node;
          if (node.method || node.kind !== "init") {
            const fn = visitFunction(
              value,
              scope,
              node.kind === "get" ? "getter" : node.kind === "set" ? "setter" : "method",
            );
            fn.name = memberName(node);
            return;
          }
          if (!node.computed) value.$name ??= nameGiven(node);
        } else if (node.value.type === "ClassExpression" && !node.computed) node.value.$name ??= nameGiven(node);
        visit(node.value as Node, scope);
        return;
      case "VariableDeclarator":
        infer(node.init as Node | null, node.id as Node);
        visitPattern(node.id as Node, scope, false);
        if (node.init !== null) {
          visit(node.init as Node, scope);
          if (scope === top && isRequireOfGort(node.init as Node)) nameGort(node.id as Node);
          // A `var` with an initialiser is written where it stands, not where it is hoisted to.
          patternNames(node.id as Node, (id) => {
            const b = id.$b as Binding | undefined;
            if (b !== undefined && b.kind !== "let" && b.kind !== "const") b.writes++;
          });
        }
        return;
      case "AssignmentExpression":
        if (!isCovered(node) && (node.operator === "=" || /^(&&|\|\||\?\?)=$/.test(node.operator)))
          infer(node.right as Node, node.left as Node);
        if (node.left.type === "MemberExpression")
          markCalledByEngine(node.left.property as Node, node.left.computed as boolean, node.right as Node);
        visitPattern(node.left as Node, scope, true);
        visit(node.right as Node, scope);
        return;
      case "UpdateExpression":
        visitPattern(node.argument as Node, scope, true);
        return;
      case "BlockStatement":
        visitBlock(node.body as Node[], scope);
        return;
      case "SwitchStatement":
        visit(node.discriminant as Node, scope);
        {
          const inner = new Scope(scope.fn, scope, true);
          for (const c of node.cases as Node[]) hoistLexical(c.consequent as Node[], inner);
          for (const c of node.cases as Node[]) {
            if (c.test !== null) visit(c.test as Node, inner);
            for (const s of c.consequent as Node[]) visit(s, inner);
          }
        }
        return;
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement": {
        const inner = new Scope(scope.fn, scope);
        const head = (node.type === "ForStatement" ? node.init : node.left) as Node | null;
        if (head !== null && head.type === "VariableDeclaration") {
          hoistLexical([head], inner);
          // What is gone through sees the loop's names, uninitialised.
          if (node.type !== "ForStatement") for (const b of inner.names.values()) b.initEnd = (node.right as Node).end;
        }
        if (node.type === "ForStatement") {
          if (head !== null) visit(head, inner);
          if (node.test !== null) visit(node.test as Node, inner);
          if (node.update !== null) visit(node.update as Node, inner);
        } else {
          if (head!.type === "VariableDeclaration") {
            const id = (head!.declarations as Node[])[0]!.id as Node;
            const { init } = head!.declarations[0] as { init: Node | null };
            if (init !== null) visit(init, inner);
            visitPattern(id, inner, false);
            // `var` and the loop's own names get a new value each round.
            patternNames(id, (x) => {
              const b = x.$b as Binding | undefined;
              if (b !== undefined && b.kind !== "let" && b.kind !== "const") b.writes++;
            });
          } else visitPattern(head!, inner, true);
          visit(node.right as Node, inner);
        }
        visit(node.body as Node, inner);
        return;
      }
      case "CatchClause": {
        const inner = new Scope(scope.fn, scope);
        if (node.param !== null) {
          const param = node.param as Node;
          // A pattern binds one after the other.
          const bound = param.type === "Identifier" ? 0 : param.end;
          patternNames(param, (id) => {
            declare(inner, id.name, "catch").initEnd = bound;
          });
          visitPattern(param, inner, false);
        }
        const body = node.body.body as Node[];
        hoistLexical(body, inner);
        for (const s of body) visit(s, inner);
        return;
      }
      case "WithStatement":
        // Its names are looked up when it runs.
        leave(scope.fn, "a function with `with`");
        visit(node.object as Node, scope);
        visit(node.body as Node, scope);
        return;
      case "LabeledStatement":
        visit(node.body as Node, scope);
        return;
      case "BreakStatement":
      case "ContinueStatement":
      case "ImportDeclaration":
      case "ExportAllDeclaration":
        return;
      case "ExportNamedDeclaration":
        if (node.declaration !== null) visit(node.declaration as Node, scope);
        else if (node.source === null)
          for (const s of node.specifiers as Node[])
            if (s.local.type === "Identifier") resolve(scopes, s.local as Node, scope, false);
        return;
      case "ExportDefaultDeclaration":
        if (!(node.declaration as Node).id) (node.declaration as Node).$name = "default";
        visit(node.declaration as Node, scope);
        return;
      default:
        eachChild(node, visit, scope);
    }
  }
}

/** Whether `[a, b] = c` stands in it, which is taken apart. */
function writesPattern(node: Node): boolean {
  if (node.type === "AssignmentExpression" && node.left.type.endsWith("Pattern")) return true;
  let found = false;
  eachChild(node, (child) => {
    found ||= !isFunction(child) && writesPattern(child);
  });
  return found;
}
