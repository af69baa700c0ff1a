/**
 * Functions the engine itself calls in the middle of an operation: `${o}` calls `toString`, `for … of` calls `next`, `o.x`
 * calls a proxy's `get`, `emit` a listener. Such a caller cannot be suspended, and goes on with whatever it is given. They are known by
 * the name of the property they are put into; before one is suspended, the runtime looks who called it.
 */
import { isFunction, type Node } from "../tree/ast.ts";

const names = new Set([
  // Conversions.
  "toString",
  "toLocaleString",
  "valueOf",
  "toJSON",
  // Iterators and promises.
  "next",
  "return",
  "throw",
  "then",
  // Property descriptors, and a proxy's traps.
  "get",
  "set",
  "has",
  "deleteProperty",
  "ownKeys",
  "defineProperty",
  "getOwnPropertyDescriptor",
  "getPrototypeOf",
  "setPrototypeOf",
  "isExtensible",
  "preventExtensions",
  "apply",
  "construct",
]);

/** Methods that keep a function for `emit` and `dispatchEvent` to call, which go on with the next listener. */
const listens = new Set(["on", "once", "addListener", "prependListener", "prependOnceListener", "addEventListener"]);

/** The arguments of a call that becomes listeners. */
export function listenersOf(call: Node): Node[] {
  const callee = call.callee as Node;
  const named = callee.type === "MemberExpression" && !callee.computed && callee.property.type === "Identifier";
  return named && listens.has(callee.property.name as string) ? (call.arguments as Node[]) : [];
}

/** Marks `value`, which becomes the property `key`, if the engine may call it. A computed key may be any symbol. */
export function markCalledByEngine(key: Node, computed: boolean, value: Node | null): void {
  if (value === null || !isFunction(value)) return;
  const name = key.type === "Identifier" && !computed ? (key.name as string) : key.value;
  if (typeof name === "string" ? names.has(name) : computed) value.$engine = true;
}
