/** CommonJS programs: what `require("gort")` gives is known by its names, as what is imported is. */
import type { Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { keyName } from "../tree/pattern.ts";

/** CommonJS: `require("gort")`. */
export function isRequireOfGort(node: Node): boolean {
  const { callee } = node;
  return (
    node.type === "CallExpression" &&
    callee.type === "Identifier" &&
    callee.name === "require" &&
    callee.$b === undefined &&
    node.arguments[0]?.value === "gort"
  );
}

export function nameGort(target: Node): void {
  if (target.type === "Identifier") (target.$b as Binding).gort = "*";
  if (target.type !== "ObjectPattern") return;
  for (const p of target.properties as Node[])
    if (p.type === "Property" && !p.computed && p.value.type === "Identifier")
      (p.value.$b as Binding).gort = keyName(p);
}
