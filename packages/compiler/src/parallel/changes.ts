/** What changes an object: assignments, methods that write to what they are called on, functions of the language that write to what they are given. */
import { keyOf, type Aliases } from "./aliases.ts";
import { eachChild, isFunction, type Node } from "../tree/ast.ts";

/** Methods that change what they are called on. */
export const mutating: ReadonlySet<string> = new Set(
  "add append clear copyWithin delete fill next pop push reverse set shift sort splice unshift".split(" "),
);
/** Those of them that nothing has which stays as it is. */
export const certain: ReadonlySet<string> = new Set("copyWithin pop push shift splice unshift".split(" "));
/** Functions of objects of the language that change what they are given first. */
const mutators: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["Object", new Set("assign defineProperties defineProperty setPrototypeOf".split(" "))],
  ["Reflect", new Set("defineProperty deleteProperty set setPrototypeOf".split(" "))],
  ["Atomics", new Set("add and compareExchange exchange or store sub xor".split(" "))],
]);

/** What a part of an object is asked to do, `method`, or null where it is written to. */
export interface Change {
  node: Node;
  method: string | null;
}

/** The objects that `node` itself changes, or may: what a method does is for the caller to judge. */
export function changedBy(node: Node, aliases: Aliases): Change[] {
  switch (node.type) {
    case "AssignmentExpression":
      return targets(node.left as Node);
    case "ForOfStatement":
    case "ForInStatement":
      return node.left.type === "VariableDeclaration" ? [] : targets(node.left as Node);
    case "UpdateExpression":
      return targets(node.argument as Node);
    case "UnaryExpression":
      return node.operator === "delete" ? targets(node.argument as Node) : [];
    case "CallExpression":
      return calledOn(node, aliases);
    default:
      return [];
  }
}

function calledOn(node: Node, aliases: Aliases): Change[] {
  const callee = node.callee as Node;
  const [first, second] = node.arguments as Node[];
  const language = aliases.globalMember(callee);
  if (callee.type !== "MemberExpression" && language === null) return [];
  const object = callee.object as Node;
  const method = language?.key ?? keyOf(callee);
  const name = language?.object ?? "";
  if (name === "Reflect" && method === "apply" && second !== undefined)
    return first!.type === "MemberExpression" ? [{ node: second, method: keyOf(first!) }] : [];
  if (mutators.has(name))
    return mutators.get(name)!.has(method) && first !== undefined ? [{ node: first, method: null }] : [];
  if (callee.type !== "MemberExpression") return [];
  // `list.push.apply(list, more)`
  if (/^(?:call|apply|bind)$/.test(method) && object.type === "MemberExpression")
    return first !== undefined ? [{ node: first, method: keyOf(object) }] : [];
  return [{ node: object, method }];
}

function targets(left: Node): Change[] {
  if (left.type === "ChainExpression") return targets(left.expression as Node);
  if (left.type === "MemberExpression") return [{ node: left.object as Node, method: null }];
  if (left.type !== "ArrayPattern" && left.type !== "ObjectPattern") return [];
  const found: Change[] = [];
  const visit = (n: Node): void => {
    if (n.type === "MemberExpression") found.push({ node: n.object as Node, method: null });
    else eachChild(n, visit);
  };
  visit(left);
  return found;
}

/** Whether a method changes what it is called on. */
export function changesThis(method: Node, aliases: Aliases): boolean {
  const visit = (node: Node): boolean => {
    if (node.type === "ClassBody" || (isFunction(node) && node.type !== "ArrowFunctionExpression")) return false;
    for (const { node: object, method: name } of changedBy(node, aliases))
      if (name === null || certain.has(name) || (mutating.has(name) && object.type === "MemberExpression"))
        if (aliases.partsOf(object).some((part) => part.id.type === "ThisExpression")) return true;
    let found = false;
    eachChild(node, (child) => {
      found ||= visit(child);
    });
    return found;
  };
  return visit(method.body as Node);
}
