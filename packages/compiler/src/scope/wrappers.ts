/**
 * What bundlers put around a CommonJS module: functions that are run once, as the module is loaded. Their variables are the module's in
 * all but name. Taken for ordinary functions, everything in them would be a closure: lifted out, its captures handed on, what changes in
 * a box. So they stay as they are, as the top of a module does, and copies of the functions in them stand at their ends.
 *
 *     (function (root, factory) { … })(this, function (exports) { … })         both
 *     var x = (() => { … })(), y = (function (modules) { … })([function (module) { … }])
 *
 * Should one run more often, each run makes copies of its own, which belong to its variables. Nothing in it can be suspended while it
 * runs, as while a module is loaded.
 */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";

/** Marks them. Where names are looked up when it runs, nothing is done. */
export function markWrappers(program: Node, text: string): void {
  if (/\b(?:eval|with)\b/.test(text) && looksUp(program)) return;
  statements(program.body as Node[]);
}

function looksUp(node: Node): boolean {
  if (node.type === "WithStatement") return true;
  if (node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === "eval") return true;
  let found = false;
  eachChild(node, (child) => {
    found ||= looksUp(child);
  });
  return found;
}

function statements(list: readonly Node[]): void {
  for (const s of list)
    if (s.type === "ExpressionStatement") expression(s.expression as Node);
    else if (s.type === "ReturnStatement") expression(s.argument as Node | null);
    else if (s.type === "VariableDeclaration")
      for (const d of s.declarations as Node[]) expression(d.init as Node | null);
}

/** What is evaluated once, where it stands. */
function expression(e: Node | null): void {
  switch (e?.type) {
    case "UnaryExpression":
      expression(e.argument as Node);
      return;
    case "AssignmentExpression":
      expression(e.right as Node);
      return;
    case "SequenceExpression":
      for (const x of e.expressions as Node[]) expression(x);
      return;
    case "ConditionalExpression":
      expression(e.consequent as Node);
      expression(e.alternate as Node);
      return;
    case "LogicalExpression":
      expression(e.right as Node);
      return;
    case "CallExpression":
      call(e);
  }
}

function call(e: Node): void {
  let callee = e.callee as Node;
  // (function () { … }).call(this)
  if (callee.type === "MemberExpression" && !callee.computed && /^(?:call|apply)$/.test(callee.property.name as string))
    callee = callee.object as Node;
  if (!isFunction(callee)) return;
  wrapper(callee);
  for (const a of e.arguments as Node[]) given(a);
}

/** A function the wrapper is given, or a list of them. */
function given(a: Node): void {
  if (isFunction(a)) wrapper(a);
  else if (a.type === "ArrayExpression")
    for (const x of a.elements as (Node | null)[]) if (x !== null && isFunction(x)) wrapper(x);
  if (a.type === "ObjectExpression")
    for (const p of a.properties as Node[])
      if (p.type === "Property" && p.kind === "init" && !p.computed && !p.method && isFunction(p.value as Node))
        wrapper(p.value as Node);
}

function wrapper(f: Node): void {
  const body = f.body as Node;
  const plain = !f.async && !f.generator && !f.id && body.type === "BlockStatement";
  if (!plain || !(f.params as Node[]).every((p) => p.type === "Identifier")) return;
  if ((body.body as Node[]).some((s) => s.directive && s.directive !== "use strict")) return;
  f.$wraps = true;
  statements(body.body as Node[]);
}
