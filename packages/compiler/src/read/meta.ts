/**
 * `import.meta` where the engine would not say what a program expects: in a slice, and in the program that `gort run` imports; `require.main` in what
 * TypeScript takes for CommonJS.
 */
import { eachChild, type Node } from "../tree/ast.ts";

/** Puts `value` in place of `import.meta.name`. */
export function replaceMeta(nodes: readonly Node[], name: string, value: string | boolean): void {
  const visit = (node: Node): void => {
    if (node.type === "MemberExpression" && node.object.type === "MetaProperty" && !node.computed) {
      if (node.object.meta.name === "import" && node.property.name === name)
        Object.assign(node, { type: "Literal", value, raw: JSON.stringify(value) });
      return;
    }
    eachChild(node, visit);
  };
  for (const node of nodes) visit(node);
}

/** Puts `value` in place of `require.main === module`, which asks whether this is the program. */
export function replaceRequireMain(nodes: readonly Node[], value: boolean): void {
  const visit = (node: Node): void => {
    const sides = node.type === "BinaryExpression" ? [node.left as Node, node.right as Node] : [];
    if (
      /^[!=]==?$/.test(String(node.operator)) &&
      sides.some(isRequireMain) &&
      sides.some((s) => isNamed(s, "module"))
    ) {
      const said = value === (node.operator[0] === "=");
      Object.assign(node, { type: "Literal", value: said, raw: String(said) });
      return;
    }
    eachChild(node, visit);
  };
  for (const node of nodes) visit(node);
}

function isRequireMain(node: Node): boolean {
  if (node.type !== "MemberExpression" || node.computed) return false;
  return isNamed(node.object as Node, "require") && isNamed(node.property as Node, "main");
}

function isNamed(node: Node, name: string): boolean {
  return node.type === "Identifier" && node.name === name;
}
