/**
 * What the factory of an object or a class is called with. The factory itself asks a spread object for its properties and
 * converts computed keys: where an operand behind them could tell, or would be told something else, both are done before it.
 */
import { isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { gortImport } from "../calls/callee.ts";
import { at0, helper } from "../tree/node.ts";

export interface Operand {
  /** `static`: the key of a static member of a class. */
  readonly kind: "key" | "static" | "spread" | "value";
  readonly node: Node;
}

export function inOrder(operands: readonly Operand[]): Node[] {
  const last = operands.findLastIndex(({ node }) => !isStable(node) && !isFunction(node));
  return operands.map(({ kind, node }, i) => {
    if (i >= last || kind === "value") return node;
    if (kind === "static") return staticKey(node);
    if (kind === "key") return isPrimitive(node) ? node : helper("key", node);
    return { type: "ObjectExpression", properties: [{ type: "SpreadElement", argument: node, ...at0 }], ...at0 };
  });
}

/** It may not be `prototype`. */
export function staticKey(node: Node): Node {
  return isPrimitive(node) && node.value !== "prototype" ? node : helper("staticKey", node);
}

/** Whether `e` is a primitive, written down. */
export function isPrimitive(e: Node): boolean {
  return e.type === "Literal" && e.regex === undefined;
}

/** Whether reading `e` later gives the same. */
export function isStable(e: Node): boolean {
  if (isPrimitive(e) || e.type === "ThisExpression" || e.type === "Super" || e.type === "$Site") return true;
  if (e.type !== "Identifier") return false;
  const b = e.$b as Binding | undefined;
  if (b === undefined) return e.name === "undefined";
  if (e.$tdz === true || b.boxed) return false;
  if (b.out.startsWith("$")) return b.name === "";
  if (b.module)
    return b.kind === "import" ? b.imported === "*" || gortImport(e) !== "" : b.kind === "function" && b.writes === 0;
  return b.writes === 0 && b.kind !== "var";
}
