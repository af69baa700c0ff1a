/**
 * Decorated classes, behind esbuild. What it makes of `@d class C { static own() { return C } }` is
 *
 *     let _C = class _C { static own() { return _C } };
 *     _C = __decorateElement(…, _C);
 *
 * where `_C` within is the class as it was, whatever `@d` gives in its place. In the language it is what `@d` gives, so the
 * expression's own name is taken away: within is then the variable, which is written. Static fields that mention the class stay
 * before the decorator (https://github.com/evanw/esbuild/issues/3787), and keep the name.
 */
import { eachChild, isFunction, type Node } from "./ast.ts";

/** Takes the names away, in a tree that came from esbuild. */
export function unnameDecorated(node: Node): void {
  eachChild(node, unnameDecorated);
  const list = node.body as Node[] | undefined;
  if (!Array.isArray(list)) return;
  for (const s of list) {
    const made = declared(s);
    if (made === null || !list.some((other) => decorates(other, made.id.name as string))) continue;
    if (!mentionsNow(made.init.body as Node, made.id.name as string)) made.init.id = null;
  }
}

/** `let C = class C {}`. */
function declared(s: Node): Node | null {
  if (s.type !== "VariableDeclaration" || s.kind !== "let") return null;
  const d = (s.declarations as Node[]).find((d) => d.init?.type === "ClassExpression");
  return d?.init.id !== null && d?.init.id?.name === d?.id.name ? (d ?? null) : null;
}

/** `C = __decorateElement(…)`. */
function decorates(s: Node, name: string): boolean {
  const e = s.type === "ExpressionStatement" ? (s.expression as Node) : null;
  return (
    e?.type === "AssignmentExpression" &&
    e.left.name === name &&
    e.right.type === "CallExpression" &&
    /^__decorateElement\d*$/.test((e.right.callee.name as string | undefined) ?? "")
  );
}

/** Whether the class is mentioned by what runs while it is made. */
function mentionsNow(node: Node, name: string): boolean {
  if (node.type === "Identifier") return node.name === name;
  if (node.type === "PropertyDefinition" && node.static !== true)
    return node.computed === true && mentionsNow(node.key as Node, name);
  if (isFunction(node)) return false;
  let found = false;
  eachChild(node, (child) => {
    found ||= mentionsNow(child, name);
  });
  return found;
}
