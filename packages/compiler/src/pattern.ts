/** Names in patterns and of members. */
import type { Node } from "./ast.ts";

/** The name a key gives to its function; empty for a computed key. */
export function keyName(member: Node): string {
  if (member.computed) return "";
  const key = member.key as Node;
  if (key.type === "Identifier") return key.name as string;
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  return String(key.value);
}

/** Calls `visit` with each identifier a pattern declares. */
export function patternNames(node: Node, visit: (identifier: Node) => void): void {
  switch (node.type) {
    case "Identifier":
      visit(node);
      return;
    case "ObjectPattern":
      for (const p of node.properties as Node[])
        patternNames((p.type === "RestElement" ? p.argument : p.value) as Node, visit);
      return;
    case "ArrayPattern":
      for (const e of node.elements as (Node | null)[]) if (e !== null) patternNames(e, visit);
      return;
    case "RestElement":
      patternNames(node.argument as Node, visit);
      return;
    case "AssignmentPattern":
      patternNames(node.left as Node, visit);
      return;
  }
}
