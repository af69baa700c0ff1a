/** The top of a module: whether it awaits there, and which calls are awaited with it. Marks: `call.$top`. */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import { isFrom, isLeaf, knownFunction } from "../calls/callee.ts";
import type { Scopes } from "../scope/resolution.ts";

/** The parts of a node that run where it stands: not the members of classes. */
function eachTopChild(node: Node, visit: (child: Node) => void): void {
  if (node.type === "StaticBlock") return;
  if (node.type === "PropertyDefinition" || node.type === "AccessorProperty") {
    if (node.computed) visit(node.key as Node);
  } else eachChild(node, visit);
}

export function awaitsAtTop(node: Node): boolean {
  if (isFunction(node)) return false;
  if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await === true)) return true;
  if (node.type === "VariableDeclaration" && node.kind === "await using") return true;
  let found = false;
  eachTopChild(node, (child) => {
    found ||= awaitsAtTop(child);
  });
  return found;
}

/** A module that awaits at its top waits there for what its calls become, too. */
export function markTop(node: Node, scopes: Scopes, leaves: readonly string[]): void {
  if (isFunction(node)) return;
  if (node.type === "ChainExpression") {
    markChain(node.expression as Node, scopes, leaves);
    return;
  }
  if (node.type === "CallExpression" || node.type === "NewExpression" || node.type === "TaggedTemplateExpression") {
    const callee = (node.type === "TaggedTemplateExpression" ? node.tag : node.callee) as Node;
    const known = knownFunction(callee, node.type === "NewExpression");
    const suspends = known === null ? !isLeaf(callee, node) && !isFrom(leaves, callee) : known.suspendable;
    if (suspends) scopes.waits = node.$top = true;
  }
  eachTopChild(node, (child) => markTop(child, scopes, leaves));
}

/** A link that `?.` may skip is not taken out of its chain; what stands before, and what it is given, is. */
function markChain(e: Node, scopes: Scopes, leaves: readonly string[]): void {
  if (e.type !== "CallExpression" && e.type !== "MemberExpression") {
    markTop(e, scopes, leaves);
    return;
  }
  const before = (e.type === "CallExpression" ? e.callee : e.object) as Node;
  if (!isSkipped(e)) {
    markTop(e, scopes, leaves);
    return;
  }
  markChain(before, scopes, leaves);
  if (e.type === "CallExpression") for (const a of e.arguments as Node[]) markTop(a, scopes, leaves);
  else if (e.computed === true) markTop(e.property as Node, scopes, leaves);
}

/** Whether a link of a chain, or one before it, stands behind `?.`. */
function isSkipped(link: Node): boolean {
  for (let e = link; e.type === "CallExpression" || e.type === "MemberExpression";) {
    if (e.optional === true) return true;
    e = (e.type === "CallExpression" ? e.callee : e.object) as Node;
  }
  return false;
}
