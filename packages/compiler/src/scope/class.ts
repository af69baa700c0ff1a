/** Classes: their heads, which are evaluated ahead of them, and their members, each a function. */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import { Fn, type FnKind } from "../tree/binding.ts";
import { keyName, memberName } from "../tree/pattern.ts";
import { markCalledByEngine } from "./engine.ts";
import { declare, hoistLexical, hoistVars, Scope } from "./hoist.ts";
import { leaveAlone, type Scopes } from "./resolution.ts";

/** How what stands in a class is gone through. */
export interface Walk {
  visit(node: Node, scope: Scope): void;
  visitFunction(node: Node, scope: Scope, kind: FnKind): Fn;
}

/** Goes through a class, whose code is strict. */
export function visitClass(scopes: Scopes, node: Node, scope: Scope, walk: Walk): void {
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
    walk.visit(node.superClass as Node, inner);
    // The parent and the keys are evaluated ahead of the class, where its name and its private names do not mean it.
    if (name !== undefined && mentions(node.superClass as Node, name, isExpression))
      leaveAlone(scopes, scope.fn, "a function with a class whose parent is made with its name");
  }
  for (const member of node.body.body as Node[]) {
    if (member.computed) {
      const before = scopes.fns.length;
      walk.visit(member.key as Node, inner);
      if (name !== undefined && scope.fn.kind !== "module" && mentions(member.key as Node, name, isExpression))
        leaveAlone(scopes, scope.fn, "a function with a computed key made with the name of its class");
      // Clones that use it would stand in the class, whose static block is run behind its keys.
      if (mentions(member.key as Node, null, true))
        for (const fn of [scope.fn, ...scopes.fns.slice(before)])
          leaveAlone(scopes, fn, "a function with a private name in a computed key");
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
      const fn = walk.visitFunction(member.value as Node, inner, kind);
      fn.classNode = node;
      const owner = node.id?.name ?? node.$name ?? "";
      const key = memberName(member);
      fn.name = kind === "constructor" ? `new ${owner}` : owner === "" ? key : `${owner}.${key}`;
      fn.inferred = "";
    } else if (member.type === "StaticBlock" || (member.type === "PropertyDefinition" && member.value !== null)) {
      const fn = new Fn(member, "init", inner.fn);
      fn.strict = true;
      scopes.fns.push(fn);
      member.$fn = fn;
      fn.classNode = node;
      const scopeOfInit = new Scope(fn, inner);
      if (member.type === "StaticBlock") {
        hoistVars(member, scopeOfInit, (f, why) => leaveAlone(scopes, f, why));
        hoistLexical(member.body as Node[], scopeOfInit);
        for (const s of member.body as Node[]) walk.visit(s, scopeOfInit);
      } else {
        if (!member.computed) (member.value as Node).$name ??= keyName(member);
        walk.visit(member.value as Node, scopeOfInit);
      }
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
