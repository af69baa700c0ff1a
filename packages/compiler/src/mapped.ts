/**
 * Parameters that are one variable with their elements of `arguments`: in sloppy functions with plain parameters. The engine
 * keeps the two together in the activation the function began with, which a clone and a closure made elsewhere are no longer
 * in. So where it can be seen, such a parameter lives in a box that reads and writes the variable of that activation.
 */
import { eachChild, type Node } from "./ast.ts";
import type { Fn } from "./binding.ts";

/** Marks the parameters of `fn` that need it. Asked once it is known which functions can suspend. */
export function mapParameters(fn: Fn): void {
  if (fn.strict || !fn.usesArguments || fn.kind === "arrow") return;
  const names = (fn.node.params as Node[] | undefined) ?? [];
  if (!names.every((p) => p.type === "Identifier")) return;
  const params = fn.bindings.filter((b) => names.some((p) => p.name === b.name) && b.kind === "param");
  if (!fn.suspendable && !params.some((b) => b.captured)) return;
  const uses = { read: false, written: false };
  elements(fn.node.body as Node, uses);
  const assigned = params.some(
    (b) => b.writes > 0 || b.refs.some(({ node }) => node.$decl === true && !isHead(fn, node)),
  );
  if (uses.written || (uses.read && assigned)) for (const b of params) b.boxed = b.mapped = true;
}

function isHead(fn: Fn, node: Node): boolean {
  return (fn.node.params as Node[]).includes(node);
}

/** Whether elements of `arguments` are looked at, perhaps by others, or written. */
function elements(node: Node, uses: { read: boolean; written: boolean }): void {
  if (node.type === "Identifier") {
    uses.read ||= node.$arguments === true;
    return;
  }
  if (isElement(node)) uses.read = true;
  const target =
    node.type === "AssignmentExpression" || node.type === "ForInStatement" || node.type === "ForOfStatement"
      ? (node.left as Node)
      : node.type === "UpdateExpression" || (node.type === "UnaryExpression" && node.operator === "delete")
        ? (node.argument as Node)
        : null;
  if (target !== null && holdsElement(target)) uses.written = true;
  eachChild(node, (child, key) => {
    // Of `arguments.length` and `arguments.callee` nobody learns an element.
    if (key === "object" && node.computed !== true && child.$arguments === true) return;
    if (child.type === "FunctionExpression" || child.type === "FunctionDeclaration") return;
    elements(child, uses);
  });
}

function isElement(node: Node): boolean {
  return node.type === "MemberExpression" && node.computed === true && node.object.$arguments === true;
}

/** The target itself, or one in a pattern. */
function holdsElement(target: Node): boolean {
  if (isElement(target)) return true;
  let found = false;
  eachChild(target, (child) => void (found ||= holdsElement(child)));
  return found;
}
