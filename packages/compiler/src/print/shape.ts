/** What the printers ask of a node. */
import type { Node } from "../ast.ts";
import type { Binding } from "../binding.ts";

/** A function or class its place in the program would give a name. */
export function isAnonymous(e: Node): boolean {
  const can = e.type === "FunctionExpression" || e.type === "ArrowFunctionExpression" || e.type === "ClassExpression";
  return can && (e.id === null || e.id === undefined) && e.$name === undefined;
}

/** A constant the compiler keeps in a variable: assigning to it throws. */
export function isConstant(e: Node): boolean {
  const b = e.type === "Identifier" && e.$decl !== true ? (e.$b as Binding | undefined) : undefined;
  return b !== undefined && b.kind === "const" && !b.module && (b.fn.converted || b.apart);
}

/** A use of a variable that may still be uninitialised. */
export function isLate(e: Node): boolean {
  if (e.type !== "Identifier" || e.$tdz !== true || e.$decl === true || e.$raw === true || e.$own === true)
    return false;
  const b = e.$b as Binding;
  return !b.module;
}

/** Whether there may be a call in its text, outside of brackets: what has functions in it is made by one. */
export function hasCall(e: Node): boolean {
  switch (e.type) {
    case "CallExpression":
    case "$Helper":
    case "ImportExpression":
    case "ChainExpression":
    case "TaggedTemplateExpression":
    case "FunctionExpression":
    case "ClassExpression":
    case "ObjectExpression":
      return true;
    case "MemberExpression":
      return hasCall(e.object as Node) || e.object.type === "Super";
    default:
      return e.type === "Identifier" && e.$tdz === true;
  }
}

/** Whether the text of `e` begins with `{`, `function`, `class` or `let [`. */
export function startsLikeDeclaration(e: Node): boolean {
  switch (e.type) {
    case "ObjectExpression":
    case "FunctionExpression":
    case "ClassExpression":
      return true;
    case "Identifier":
      return e.name === "let";
    case "SequenceExpression":
      return startsLikeDeclaration(e.expressions[0] as Node);
    case "AssignmentExpression":
    case "BinaryExpression":
    case "LogicalExpression":
      return e.left.type !== "ObjectPattern" && startsLikeDeclaration(e.left as Node);
    case "ConditionalExpression":
      return startsLikeDeclaration(e.test as Node);
    case "CallExpression":
      return startsLikeDeclaration(e.callee as Node);
    case "TaggedTemplateExpression":
      return startsLikeDeclaration(e.tag as Node);
    case "MemberExpression":
      return startsLikeDeclaration(e.object as Node);
    case "ChainExpression":
      return startsLikeDeclaration(e.expression as Node);
    case "UpdateExpression":
      return !e.prefix && startsLikeDeclaration(e.argument as Node);
    default:
      return false;
  }
}
