/**
 * Calls that may mean a native function which calls back: `items.map(f)`. Where the property turns out to be the engine's
 * own function, its compiled version from `gort/natives` runs instead, and may suspend in the callback.
 *
 * Asked about the name and the arguments only; what the object is shows at run time. A call that gives no function which
 * could suspend stays as it is, and costs nothing.
 */
import { isFunction, type Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";

/** Method to the place of its callback among the arguments. The names of `natives` in the runtime's table.ts. */
const callbackAt: Map<string, number> = new Map([
  ["forEach", 0],
  ["map", 0],
  ["filter", 0],
  ["some", 0],
  ["every", 0],
  ["find", 0],
  ["findIndex", 0],
  ["findLast", 0],
  ["findLastIndex", 0],
  ["reduce", 0],
  ["reduceRight", 0],
  ["flatMap", 0],
  ["sort", 0],
  ["toSorted", 0],
  ["exit", 0],
  ["runInAsyncScope", 0],
  ["from", 1],
  ["groupBy", 1],
  ["getOrInsertComputed", 1],
  ["replace", 1],
  ["replaceAll", 1],
  ["run", 1],
]);

/** Methods whose first argument is a function, whatever the object is. `find` is not: `users.find(id)`. */
const callsFirst = new Set(["forEach", "map", "filter", "every", "reduce", "reduceRight", "flatMap", "sort"]);

/** What a call of a method like `items.map(f)` gives to be called. */
export function callbackOf(call: Node): Node | undefined {
  if (call.callee.type !== "MemberExpression" || !callsFirst.has(nameOf(call.callee as Node))) return undefined;
  return call.arguments[0] as Node | undefined;
}

/** Expressions whose value is never a function that runs user code. */
const neverFunctions = new Set([
  "Literal",
  "TemplateLiteral",
  "ObjectExpression",
  "ArrayExpression",
  "BinaryExpression",
  "UnaryExpression",
  "UpdateExpression",
]);

/** Whether a call's name is one of those, whatever it is given. */
export function mayBeSwapped(call: Node): boolean {
  if (call.type !== "CallExpression" || call.callee.type !== "MemberExpression") return false;
  return isSwapped(nameOf(call.callee as Node));
}

function isSwapped(name: string): boolean {
  return name === "call" || name === "apply" || callbackAt.has(name);
}

/** The method's name, when a compiled version may have to stand in for this call; else "". */
export function swappedName(call: Node, isLeafGlobal: (name: string) => boolean): string {
  if (call.type !== "CallExpression" || call.callee.type !== "MemberExpression") return "";
  const { property, computed } = call.callee as Node;
  const name = computed ? property.value : property.type === "Identifier" ? property.name : undefined;
  const args = call.arguments as Node[];
  if (name === "call" || name === "apply") {
    // map.call(…), Array.prototype.map.apply(…), Reflect.apply(map, …), Function.prototype.apply.call(…): others only pass the call on.
    const { object } = call.callee as Node;
    const reflects = object.type === "Identifier" && object.$b === undefined && object.name === "Reflect";
    const f = reflects ? args[0] : (object as Node);
    return f !== undefined && isSwapped(nameOf(f)) ? name : "";
  }
  const at = typeof name === "string" ? callbackAt.get(name) : undefined;
  if (at === undefined) return "";
  const spread = args.findIndex((a) => a.type === "SpreadElement");
  // How many arguments there are decides what `reduce` starts with.
  if (spread >= 0 && hasInitial(name as string)) return "";
  if (spread >= 0 && spread <= at) return name as string;
  const f = args[at];
  return f !== undefined && maySuspend(f, isLeafGlobal) ? (name as string) : "";
}

/** The last name of an expression that may be a native function. */
function nameOf(f: Node): string {
  if (f.type === "Identifier") return f.name as string;
  return f.type === "MemberExpression" && !f.computed && f.property.type === "Identifier"
    ? (f.property.name as string)
    : "";
}

/** Whether a missing second argument means something else than `undefined`. */
export function hasInitial(name: string): boolean {
  return name === "reduce" || name === "reduceRight";
}

export function isNeverFunction(e: Node): boolean {
  return neverFunctions.has(e.type);
}

function maySuspend(f: Node, isLeafGlobal: (name: string) => boolean): boolean {
  if (isNeverFunction(f)) return false;
  if (isFunction(f)) return (f.$fn as Fn).suspendable;
  if (f.type !== "Identifier") return true;
  const b = f.$b as Binding | undefined;
  if (b === undefined) return f.name !== "undefined" && !isLeafGlobal(f.name as string);
  if (b.writes > 0) return true;
  if (b.kind === "function" && b.node !== null) return (b.node.$fn as Fn).suspendable;
  if (b.kind === "const" && b.init !== null && isFunction(b.init)) return (b.init.$fn as Fn).suspendable;
  return true;
}
