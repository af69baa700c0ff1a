/** The names that functions and classes without one get from where they stand. */
import { isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { keyName } from "../tree/pattern.ts";

/** Gives an anonymous function or class the name of what it is assigned to. */
export function infer(value: Node | null, target: Node): void {
  if (value === null || target.type !== "Identifier") return;
  if ((!isFunction(value) && value.type !== "ClassExpression") || value.id) return;
  value.$name ??= target.name;
  value.$target = target;
}

/** What it is assigned to is in a box, after whose key the engine would name it. */
export function isForBox(value: Node): boolean {
  return (value.$target?.$b as Binding | undefined)?.boxed === true;
}

/** `(f) = function () {}`: the brackets keep it from being named. */
export function isCovered(node: Node): boolean {
  return node.start < (node.left as Node).start;
}

/** The name a property gives its function or class; `__proto__: f` is no property. */
export function nameGiven(property: Node): string {
  const name = keyName(property);
  return name === "__proto__" ? "" : name;
}
