/** Objects and classes as they are written down: their members, and the language's own by their names. */
import type { Node } from "../tree/ast.ts";

/** The name of something of the language itself. */
export function globalName(node: Node): string {
  return node.type === "Identifier" && node.$b === undefined ? (node.name as string) : "";
}

/** A member of an object or class as it is written down; null if there is none, or it cannot be seen. */
export function memberOfValue(value: Node, key: string): Node | null {
  if (value.type === "ObjectExpression") {
    const p = (value.properties as Node[]).find((x) => x.type === "Property" && isNamed(x, key));
    return (p?.value as Node | undefined) ?? null;
  }
  if (value.type !== "ClassDeclaration" && value.type !== "ClassExpression") return null;
  const m = (value.body.body as Node[]).find((x) => x.static === true && isNamed(x, key));
  return (m?.value as Node | null | undefined) ?? null;
}

export function isNamed(member: Node, key: string): boolean {
  if (member.computed || !member.key) return false;
  const name = (member.key.name ?? member.key.value) as string;
  return (member.key.type === "PrivateIdentifier" ? `#${name}` : String(name)) === key;
}
