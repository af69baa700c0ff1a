/**
 * Parameters that are one variable with their elements of `arguments`: in sloppy functions with plain parameters. The engine
 * keeps the two together in the activation the function began with, which a clone and a closure made elsewhere are no longer
 * in. So where it can be seen, such a parameter lives in a box that reads and writes the variable of that activation.
 */
import { eachChild, type Node } from "../tree/ast.ts";
import type { Fn } from "../tree/binding.ts";

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
    (b) => b.writes > 0 || b.node !== null || b.refs.some(({ node }) => node.$decl === true && !isHead(fn, node)),
  );
  if (uses.written || (uses.read && assigned))
    for (const b of params) {
      b.boxed = b.mapped = true;
      if (b.node?.type === "FunctionDeclaration") (b.node.$fn as Fn).self = null;
    }
}

function isHead(fn: Fn, node: Node): boolean {
  return (fn.node.params as Node[]).includes(node);
}

/** Whether elements of `arguments` are looked at or written, here or by who is given the object. */
function elements(node: Node, uses: { read: boolean; written: boolean }): void {
  if (node.type === "Identifier") {
    // Who has it may write.
    if (node.$arguments === true) uses.read = uses.written = true;
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
  eachChild(node, (child, _, key) => {
    if (child.$arguments === true) {
      // Of `arguments.length` and `arguments.callee` nobody learns an element.
      if (key === "object") {
        uses.read ||= node.computed === true;
        return;
      }
      if (key === "arguments" ? isReader(node, child) : onlyReads(node)) {
        uses.read = true;
        return;
      }
    }
    if (child.type === "FunctionExpression" || child.type === "FunctionDeclaration") return;
    elements(child, uses);
  });
}

/** `...arguments`, `for (const x of arguments)`, `typeof arguments`. */
function onlyReads(node: Node): boolean {
  return node.type === "SpreadElement" || node.type === "ForOfStatement" || node.type === "UnaryExpression";
}

const readers = new Set(["slice", "concat", "join", "indexOf", "includes"]);

/** Calls that certainly only read: `f.apply(this, arguments)`, `slice.call(arguments)`, `Array.from(arguments)`. */
function isReader(call: Node, object: Node): boolean {
  const callee = call.callee as Node;
  if (callee.type !== "MemberExpression" || callee.computed === true) return false;
  const list = call.arguments as Node[];
  if (callee.property.name === "apply") return list[1] === object;
  if (callee.property.name === "from") return callee.object.name === "Array" && list[0] === object;
  const of = callee.object as Node;
  return callee.property.name === "call" && list[0] === object && readers.has((of.property?.name ?? of.name) as string);
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
