/** What the printers ask of a node. */
import type { Node } from "../tree/ast.ts";

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
