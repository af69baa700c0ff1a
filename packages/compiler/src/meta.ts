/** `import.meta` where the engine would not say what a program expects: in a slice, and in the program that `gort run` imports. */
import { eachChild, type Node } from "./ast.ts";

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
