/**
 * Decorated classes, behind esbuild. What it makes of `@d class C { static own() { return C } }` is
 *
 *     let _C = class _C { static own() { return _C } };
 *     _C = __decorateElement(…, _C);
 *
 * where `_C` within is the class as it was, whatever `@d` gives in its place. In the language it is what `@d` gives, so the
 * expression's own name is taken away: within is then the variable, which is written. Static fields that mention the class stay
 * before the decorator (https://github.com/evanw/esbuild/issues/3787), and keep the name.
 *
 * Where only members are decorated it is `const _C = class _C { … }; …; let C = _C`, and so it is where static fields are assigned and a
 * key is computed: within, the class is called `C` again.
 */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Source } from "./source.ts";

/** Takes the names away, or gives the user's back, in a tree that came from esbuild. */
export function renameDecorated(node: Node, source: Source): void {
  eachChild(node, renameDecorated, source);
  const list = (node.type === "SwitchCase" ? node.consequent : node.body) as Node[] | undefined;
  if (!Array.isArray(list)) return;
  for (const s of list) {
    const made = declared(s);
    if (made === null) continue;
    const name = made.id.name as string;
    if (s.kind === "const") {
      if (source.hasWord(name)) continue;
      const own = list.map((other) => nameFor(other, name)).find((found) => found !== null);
      if (own !== undefined) rename(made.init as Node, name, own);
    } else if (list.some((other) => decorates(other, name)) && !mentionsNow(made.init.body as Node, name))
      made.init.id = null;
  }
}

/** The `C` of `let C = _C`. */
function nameFor(s: Node, name: string): string | null {
  const declaration = s.type === "ExportNamedDeclaration" ? (s.declaration as Node | null) : s;
  if (declaration?.type !== "VariableDeclaration" || declaration.kind !== "let") return null;
  const d = (declaration.declarations as Node[]).find((d) => d.init?.type === "Identifier" && d.init.name === name);
  return (d?.id.name as string | undefined) ?? null;
}

/** No variable within has either name: the first is one that esbuild has made, and the other meant the class. */
function rename(node: Node, from: string, to: string): void {
  if (node.type === "Identifier" && node.name === from) node.name = to;
  eachChild(node, (child, _, key) => {
    const isName = (key === "property" || key === "key") && node.computed !== true;
    if (!isName) rename(child, from, to);
  });
}

/** `let C = class C {}`, or `const`. */
function declared(s: Node): Node | null {
  if (s.type !== "VariableDeclaration" || (s.kind !== "let" && s.kind !== "const")) return null;
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
