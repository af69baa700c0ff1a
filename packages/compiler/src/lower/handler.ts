/**
 * What a catch clause does with what it has caught. An error gets its callers where somebody may read its `stack`; most handlers only
 * ask what it is, read `message` or `code`, or throw it on, and giving it callers costs a microsecond.
 */
import { eachChild, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";

/** Whether a handler, or whoever it hands the exception to, may read its `stack`. Throwing it on is not handing it: whoever catches it then asks anew. */
export function readsStack(param: Node, body: Node): boolean {
  if (param.type === "ObjectPattern") return !(param.properties as Node[]).every(takesOther);
  const b = param.type === "Identifier" ? (param.$b as Binding | undefined) : undefined;
  return b === undefined || b.writes > 0 || hands(body, b);
}

function takesOther(p: Node): boolean {
  return p.type === "Property" && !p.computed && p.key.type === "Identifier" && p.key.name !== "stack";
}

function hands(node: Node, b: Binding): boolean {
  // A method may read what it is called on.
  const called = node.type === "CallExpression" && node.callee.type === "MemberExpression" ? node.callee.object : null;
  let found = called?.type === "Identifier" && called.$b === b;
  eachChild(node, (child, _, key) => {
    if (child.type === "Identifier" && child.$b === b) found ||= !onlyLooks(node, key);
    else found ||= hands(child, b);
  });
  return found;
}

/** Whether `node` leaves what stands at `key` where it is, its stack unread. */
function onlyLooks(node: Node, key: string): boolean {
  switch (node.type) {
    case "BinaryExpression":
      return (
        node.operator === "instanceof" || node.operator === "===" || node.operator === "!==" || node.operator === "in"
      );
    case "UnaryExpression":
      return node.operator === "typeof" || node.operator === "!";
    case "MemberExpression":
      return key === "object" && !node.computed && node.property.name !== "stack";
    case "ThrowStatement":
      return true;
    default:
      return key === "test" || key === "discriminant";
  }
}
