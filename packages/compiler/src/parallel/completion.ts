/** Statements that complete a declaration: what namespaces, enums in several parts and members given to functions and classes become. */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";

export function rootOf(node: Node): Node[] {
  while (node.type === "MemberExpression") node = node.object as Node;
  return node.type === "Identifier" ? [node] : [];
}

/** The name that a statement completes, `(N => { … })(N || (N = {}))`; null for any other statement. */
export function namespaceOf(statement: Node): string | null {
  const call = statement.type === "ExpressionStatement" ? bare(statement.expression as Node) : null;
  if (call?.type !== "CallExpression" || call.arguments.length !== 1 || !isFunction(bare(call.callee as Node)))
    return null;
  const or = bare(call.arguments[0] as Node);
  if (or.type !== "LogicalExpression" || or.operator !== "||" || or.left.type !== "Identifier") return null;
  const made = bare(or.right as Node);
  const name = or.left.name as string;
  return made.type === "AssignmentExpression" && made.left.type === "Identifier" && made.left.name === name
    ? name
    : null;
}

/** The function or class that a statement gives a member: `F.prototype.run = function () { … }`, `C.limit = 5`. One that does more is left alone. */
export function memberOf(statement: Node): Binding | null {
  const set = statement.expression as Node;
  if (set.type !== "AssignmentExpression" || set.operator !== "=" || set.left.type !== "MemberExpression") return null;
  const id = rootOf(set.left as Node)[0];
  const b = id?.$b as Binding | undefined;
  if (b?.module !== true || !(b.kind === "function" || b.kind === "class" || isMade(b.init))) return null;
  const inherits = set.left.property.name === "prototype";
  return inherits || isCalm(set.right as Node) ? b : null;
}

/** A function or class expression. */
function isMade(init: Node | null): boolean {
  return init !== null && (isFunction(init) || init.type === "ClassExpression");
}

/** Calls nothing. */
function isCalm(node: Node): boolean {
  if (isMade(node)) return true;
  if (/^(?:CallExpression|NewExpression|AwaitExpression|ImportExpression|TaggedTemplateExpression)$/.test(node.type))
    return false;
  let calm = true;
  eachChild(node, (child) => {
    calm &&= isCalm(child);
  });
  return calm;
}

/** `(E => { … })(E || {})`: a part of an enum. */
export function isEnum(init: Node): boolean {
  const call = bare(init);
  if (call.type !== "CallExpression" || call.arguments.length !== 1 || !isFunction(bare(call.callee as Node)))
    return false;
  const or = bare(call.arguments[0] as Node);
  return or.type === "LogicalExpression" && or.operator === "||" && bare(or.right as Node).type === "ObjectExpression";
}

export function bare(node: Node): Node {
  while (node.type === "ParenthesizedExpression") node = node.expression as Node;
  return node;
}
