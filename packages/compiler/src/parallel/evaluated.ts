/** What the text that a direct `eval` is given names, where it is written down. */
import { parseSync } from "oxc-parser";
import { eachChild, type Node } from "../tree/ast.ts";

/** The names that are read or written in the text of `argument` and not declared there; none where the text is made when it runs, or is none. */
export function namesIn(argument: Node | undefined): Set<string> {
  const text =
    argument?.type === "TemplateLiteral" && argument.quasis.length === 1
      ? (argument.quasis[0].value.cooked as string)
      : argument?.value;
  const found = new Set<string>();
  if (typeof text !== "string") return found;
  const { program, errors } = parseSync("eval.js", text, { sourceType: "script" });
  if (errors.length > 0) return found;
  const declared = new Set<string>();
  const visit = (node: Node): void => {
    if (node.type === "VariableDeclarator" || /Function/.test(node.type) || node.type.startsWith("Class"))
      for (const p of [node.id, ...((node.params ?? []) as Node[])]) if (p) names(p as Node, declared);
    if (node.type === "Identifier") found.add(node.name as string);
    else if (node.type === "MemberExpression" && !node.computed) visit(node.object as Node);
    else if (/^(?:Property|MethodDefinition|PropertyDefinition)$/.test(node.type) && !node.computed) {
      if (node.value) visit(node.value as Node);
    } else eachChild(node, visit);
  };
  visit(program as unknown as Node);
  for (const name of declared) found.delete(name);
  return found;
}

/** Every name in a pattern, and what its defaults name: too many is no harm. */
function names(node: Node, into: Set<string>): void {
  if (node.type === "Identifier") into.add(node.name as string);
  eachChild(node, (child) => names(child, into));
}
