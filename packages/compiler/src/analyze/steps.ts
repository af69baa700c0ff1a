/** What is lowered piece by piece: what has a safepoint inside, and what the engine does not do by itself. Marks: `node.$has`. */
import { eachChild, isFunction, loops, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { isConstant, isLate } from "../tree/use.ts";
import { inHead } from "./keep.ts";

/** Marks every node that has a safepoint inside, or must be taken apart as if, not looking into nested functions. */
export function markHas(node: Node): boolean {
  if (isFunction(node)) return false;
  // A mark on every node would be a table of its own for each.
  if (node.$has === true) node.$has = false;
  let has = node.$sp === true || (loops.has(node.type) && node.$short !== true) || isStepwise(node);
  if (node.type === "ClassExpression" || node.type === "ClassDeclaration") {
    if (node.superClass !== null && markHas(node.superClass as Node)) has = true;
    for (const m of node.body.body as Node[]) if (m.computed && markHas(m.key as Node)) has = true;
    const b = node.type === "ClassDeclaration" ? (node.id?.$b as Binding | undefined) : undefined;
    if (b?.refs.some((r) => inHead(node, r.node)) === true) has = true;
  } else eachChild(node, markChild, node);
  if (node.type === "VariableDeclaration" && (node.kind === "using" || node.kind === "await using")) has = true;
  if (has) node.$has = true;
  return node.$has === true;
}

function markChild(child: Node, parent: Node): void {
  if (markHas(child)) parent.$has = true;
}

/** The same where nothing can suspend: expressions only, what the engine does not do by itself. */
export function markSteps(node: Node): boolean {
  if (isFunction(node)) return false;
  let has = isStepwise(node);
  if (node.type === "ClassExpression" || node.type === "ClassDeclaration") {
    if (node.superClass !== null && markSteps(node.superClass as Node)) has = true;
    for (const m of node.body.body as Node[]) if (m.computed && markSteps(m.key as Node)) has = true;
    // At the top of a module: a function of its head that is made elsewhere is handed the variable, which the name would hide.
    if (node.type === "ClassDeclaration" && isInOwnHead(node)) node.$has = true;
  } else {
    eachChild(node, (child) => {
      if (markSteps(child)) has = true;
    });
  }
  if (/(?:Statement|Declaration|Declarator|SwitchCase|CatchClause)$/.test(node.type)) return false;
  if (has) node.$has = true;
  return has;
}

/** Whether the head of a class in a block that is taken apart mentions it. */
function isInOwnHead(node: Node): boolean {
  const b = node.id?.$b as Binding | undefined;
  return b?.apart === true && b.refs.some((r) => inHead(node, r.node));
}

/** A pattern that writes to a constant or to what may be uninitialised: the engine knows neither in a variable of ours. */
function isStepwise(node: Node): boolean {
  if (node.type === "ObjectPattern")
    return (node.properties as Node[]).some((p) =>
      isChecked((p.type === "RestElement" ? p.argument : p.value) as Node),
    );
  if (node.type === "ArrayPattern")
    return (node.elements as (Node | null)[]).some(
      (e) => e !== null && isChecked((e.type === "RestElement" ? e.argument : e) as Node),
    );
  return false;
}

function isChecked(target: Node): boolean {
  const id = target.type === "AssignmentPattern" ? (target.left as Node) : target;
  return isConstant(id) || isLate(id);
}
