/**
 * Which declaration each name means, and what each function captures.
 *
 * One walk, scopes hoisted on entry. The results are marks on the tree: `identifier.$b` is its {@link Binding},
 * `function.$fn` its {@link Fn}. Names that resolve to nothing are globals and carry no mark.
 */
import { eachChild, isFunction, type Node } from "./ast.ts";
import { type Binding, Fn, type FnKind } from "./binding.ts";
import { saysStrict, takenOutBy } from "./directives.ts";
import { declare, hoistLexical, hoistSloppy, hoistVars, markSteady, Scope } from "./hoist.ts";
import { listenersOf, markCalledByEngine } from "./engine.ts";
import { infer, isCovered, nameGiven } from "./inferred.ts";
import { isReservedGlobal } from "./names.ts";
import { keyName, memberName, patternNames } from "./pattern.ts";
import { isRequireOfGort, nameGort } from "./require.ts";

export interface Scopes {
  module: Fn;
  /** The functions that are run once to make the module: see wrappers.ts. */
  wrappers: Wrapper[];
  fns: Fn[];
  /** Names used that nothing in the module declares. */
  globals: Set<string>;
  /** One of them that is called like what the output uses itself. */
  reserved: Node | undefined;
  /** Names declared at the top of the module. */
  top: Map<string, Binding>;
  /** Functions that call `eval` directly: it sees their variables and those around them. */
  evals: Fn[];
  /** Functions that are left as they are, with the reason. */
  left: Map<Fn, string>;
  /** Names of functions that are given away as listeners. */
  listeners: Node[];
  /** Calls at the top of the module may be awaited. */
  waits: boolean;
  /** Some call may mean a native function that has a compiled version. */
  swaps: boolean;
}

/** A wrapper, and the names declared at its top. */
export interface Wrapper {
  fn: Fn;
  top: Map<string, Binding>;
}

export function analyzeScopes(program: Node): Scopes {
  const wrappers: Wrapper[] = [];
  const module = new Fn(program, "module", null);
  const fns: Fn[] = [];
  const globals = new Set<string>();
  let reserved: Node | undefined;
  const evals: Fn[] = [];
  const left: Map<Fn, string> = new Map();
  const listeners: Node[] = [];
  const top = new Scope(module, null);
  let strict = program.sourceType === "module" || saysStrict(program.body as Node[]);
  module.strict = strict;
  program.$fn = module;
  hoistVars(program, top, leave);
  hoistLexical(program.body as Node[], top);
  if (!strict) hoistSloppy(program, top, top);
  for (const statement of program.body as Node[]) visit(statement, top);
  return {
    module,
    wrappers,
    fns,
    globals,
    reserved,
    top: top.names,
    evals,
    left,
    listeners,
    waits: false,
    swaps: false,
  };

  function leave(fn: Fn, why: string): void {
    if (!left.has(fn)) left.set(fn, why);
  }

  function resolve(node: Node, scope: Scope, write: boolean): void {
    for (let s: Scope | null = scope; s !== null; s = s.parent) {
      const binding = s.names.get(node.name);
      if (binding === undefined) {
        // Each function but an arrow has its own.
        if (node.name === "arguments" && s.fn.kind !== "arrow" && s.parent?.fn !== s.fn) break;
        continue;
      }
      node.$b = binding;
      binding.refs.push({ node, fn: scope.fn });
      if (write) binding.writes++;
      // The name of a function or class expression: assigning to it does nothing, or throws.
      if (write && binding.kind === "self") leave(scope.fn, "a function that assigns to the name of one around it");
      if (!binding.module && binding.fn !== scope.fn) {
        binding.captured = true;
        for (let f: Fn | null = scope.fn; f !== null && f !== binding.fn; f = f.parent) f.captures.add(binding);
      }
      return;
    }
    if (node.name === "arguments") {
      // Left as it is: the clone keeps the object, not the variable.
      if (write) leave(scope.fn, "a function that assigns to `arguments`");
      for (let f: Fn | null = scope.fn; f !== null; f = f.parent) {
        f.usesArguments = true;
        if (f.kind !== "arrow") break;
      }
      node.$arguments = true;
      return;
    }
    globals.add(node.name);
    (scope.fn.globals ??= new Set()).add(node.name);
    if (reserved === undefined && isReservedGlobal(node.name as string)) reserved = node;
  }

  /** A pattern that is assigned to or declared: `write` for assignments. */
  function visitPattern(node: Node, scope: Scope, write: boolean): void {
    switch (node.type) {
      case "Identifier":
        if (!write) node.$decl = true;
        resolve(node, scope, write);
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

  function visitClass(node: Node, scope: Scope): void {
    const around = strict;
    strict = true;
    visitClassBody(node, scope);
    strict = around;
  }

  function visitClassBody(node: Node, scope: Scope): void {
    node.$token = { factory: "" };
    let inner = scope;
    if (node.type === "ClassExpression" && node.id !== null) {
      inner = new Scope(scope.fn, scope);
      const self = declare(inner, node.id.name, "self");
      node.$self = self;
    }
    const name = node.id?.name as string | undefined;
    // The name of a declaration has a dead zone of ours, until the class is there.
    const isExpression = node.type === "ClassExpression";
    if (node.superClass !== null) {
      visit(node.superClass as Node, inner);
      // The parent and the keys are evaluated ahead of the class, where its name and its private names do not mean it.
      if (name !== undefined && mentions(node.superClass as Node, name, isExpression))
        leave(scope.fn, "a function with a class whose parent is made with its name");
    }
    for (const member of node.body.body as Node[]) {
      if (member.computed) {
        const before = fns.length;
        visit(member.key as Node, inner);
        if (name !== undefined && scope.fn.kind !== "module" && mentions(member.key as Node, name, isExpression))
          leave(scope.fn, "a function with a computed key made with the name of its class");
        // Clones that use it would stand in the class, whose static block is run behind its keys.
        if (mentions(member.key as Node, null, true))
          for (const fn of [scope.fn, ...fns.slice(before)])
            leave(fn, "a function with a private name in a computed key");
      }
      if (member.type !== "StaticBlock")
        markCalledByEngine(member.key as Node, member.computed as boolean, member.value as Node | null);
      if (member.type === "MethodDefinition") {
        const kind: FnKind =
          member.kind === "get"
            ? "getter"
            : member.kind === "set"
              ? "setter"
              : member.kind === "constructor"
                ? "constructor"
                : "method";
        const fn = visitFunction(member.value as Node, inner, kind);
        fn.classNode = node;
        const owner = node.id?.name ?? node.$name ?? "";
        const key = memberName(member);
        fn.name = kind === "constructor" ? `new ${owner}` : owner === "" ? key : `${owner}.${key}`;
        fn.inferred = "";
      } else if (member.type === "StaticBlock" || (member.type === "PropertyDefinition" && member.value !== null)) {
        const fn = new Fn(member, "init", inner.fn);
        fn.strict = true;
        fns.push(fn);
        member.$fn = fn;
        fn.classNode = node;
        const scopeOfInit = new Scope(fn, inner);
        if (member.type === "StaticBlock") {
          hoistVars(member, scopeOfInit, leave);
          hoistLexical(member.body as Node[], scopeOfInit);
          for (const s of member.body as Node[]) visit(s, scopeOfInit);
        } else {
          if (!member.computed) (member.value as Node).$name ??= keyName(member);
          visit(member.value as Node, scopeOfInit);
        }
      }
    }
  }

  function visitBlock(statements: Node[], scope: Scope, inSwitch = false): void {
    const inner = new Scope(scope.fn, scope, inSwitch);
    hoistLexical(statements, inner);
    for (const s of statements) visit(s, inner);
  }

  function markUse(fn: Fn, what: "usesThis" | "usesNewTarget" | "usesSuper"): void {
    for (let f: Fn | null = fn; f !== null; f = f.parent) {
      f[what] = true;
      if (f.kind !== "arrow") break;
    }
  }

  function visit(node: Node, scope: Scope): void {
    switch (node.type) {
      case "Identifier":
        resolve(node, scope, false);
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
        visitClass(node, scope);
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
            if (s.local.type === "Identifier") resolve(s.local as Node, scope, false);
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

/** Whether a function inside `node` uses a name; with null, whether a private name stands anywhere in it. */
function mentions(node: Node, name: string | null, inside: boolean): boolean {
  if (name === null ? node.type === "PrivateIdentifier" : inside && node.type === "Identifier" && node.name === name)
    return true;
  const within = inside || isFunction(node);
  let found = false;
  eachChild(node, (child) => {
    found ||= mentions(child, name, within);
  });
  return found;
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
