/**
 * What the factory of an object or a class is called with. The factory itself asks a spread object for its properties and
 * converts computed keys: where an operand behind them could tell, or would be told something else, both are done before it.
 */
import { isFunction, type Node } from "../ast.ts";
import { at0, helper, isConstant, isStable } from "../lower/node.ts";

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
    if (kind === "key") return isConstant(node) ? node : helper("key", node);
    return { type: "ObjectExpression", properties: [{ type: "SpreadElement", argument: node, ...at0 }], ...at0 };
  });
}

/** It may not be `prototype`. */
export function staticKey(node: Node): Node {
  return isConstant(node) && node.value !== "prototype" ? node : helper("staticKey", node);
}
