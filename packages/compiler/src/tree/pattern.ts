/** Names in patterns and of members. */
import type { Node } from "./ast.ts";

/** The name a key gives to its function; empty for a computed key. */
export function keyName(member: Node): string {
  if (member.computed) return "";
  const key = member.key as Node;
  if (key.type === "Identifier") return key.name as string;
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  return key.bigint ? String(BigInt(key.bigint as string)) : String(key.value);
}

/** What dumps call a method: a key that is computed stands in its brackets, as in the engine's stacks. */
export function memberName(member: Node): string {
  if (!member.computed) return keyName(member);
  const key = member.key as Node;
  if (key.type === "Literal") return String(key.value);
  if (key.type === "Identifier") return `[${key.name}]`;
  const isPath = key.type === "MemberExpression" && !key.computed && key.object.type === "Identifier";
  return isPath ? `[${key.object.name}.${key.property.name}]` : "[…]";
}

/**
 * Calls `visit` with each identifier a pattern declares, and the place behind which it is bound: its end, or that of the
 * outermost default it lies in.
 */
export function patternNames(node: Node, visit: (identifier: Node, bound: number) => void, within = 0): void {
  switch (node.type) {
    case "Identifier":
      visit(node, within || node.end);
      return;
    case "ObjectPattern":
      for (const p of node.properties as Node[])
        patternNames((p.type === "RestElement" ? p.argument : p.value) as Node, visit, within);
      return;
    case "ArrayPattern":
      for (const e of node.elements as (Node | null)[]) if (e !== null) patternNames(e, visit, within);
      return;
    case "RestElement":
      patternNames(node.argument as Node, visit, within);
      return;
    case "AssignmentPattern":
      patternNames(node.left as Node, visit, within || node.end);
      return;
  }
}
