/** Making nodes of the tree: the language's own, and those that the printers alone know. */
import type { Node } from "./ast.ts";
import type { Binding } from "./binding.ts";

export const at0: { start: number; end: number } = { start: 0, end: 0 };

/** A reference to a variable; raw = the box itself where it has one. */
export function ref(b: Binding, raw = false): Node {
  return { type: "Identifier", name: b.name, $b: b, $raw: raw, ...at0 };
}
export function literal(value: unknown): Node {
  return { type: "Literal", value, raw: JSON.stringify(value) ?? "undefined", ...at0 };
}
export const undef: Node = { type: "UnaryExpression", operator: "void", argument: literal(0), ...at0 };
export function assign(left: Node, right: Node): Node {
  return { type: "AssignmentExpression", operator: "=", left, right, start: left.start, end: right.end };
}
export function binary(operator: string, left: Node, right: Node): Node {
  return { type: "BinaryExpression", operator, left, right, start: left.start, end: right.end };
}
export function not(argument: Node): Node {
  return { type: "UnaryExpression", operator: "!", argument, start: argument.start, end: argument.end };
}
/** A call of a helper of the runtime: `$R.name(args)`. */
export function helper(name: string, ...args: Node[]): Node {
  return { type: "$Helper", name, args, ...at0 };
}
/** A question to the table of native functions: `$N.name(args)`. */
export function native(name: string, ...args: Node[]): Node {
  return { ...helper(name, ...args), of: "$N" };
}
export function rawHelper(name: string): Node {
  return { type: "$Field", name, ...at0 };
}
/** A field of another of the output's constants. */
export function field(name: string, of: string): Node {
  return { ...rawHelper(name), of };
}
export function member(object: Node, property: string, at = 0): Node {
  return {
    type: "MemberExpression",
    object,
    property: { type: "Identifier", name: property, start: at, end: at },
    computed: false,
    optional: false,
    start: at,
    end: at,
  };
}

/** `f.call`, where the object was evaluated before the arguments; `text` is what an error calls the function. */
export function called(f: Node, at: number, text: string): Node {
  return { ...member(helper("callable", f, literal(text)), "call", at), $called: f };
}

/**
 * Whether a call makes an object even when its function has suspended: `new`, and Reflect.construct. Told from what the user
 * has written, and kept, for the callee may become another expression.
 */
export function isFresh(call: Node): boolean {
  return (call.$fresh ??=
    call.type === "NewExpression" || isReflectConstruct(call.callee as Node | undefined)) as boolean;
}

function isReflectConstruct(c: Node | undefined): boolean {
  if (c?.type !== "MemberExpression" || c.object.name !== "Reflect" || c.object.$b !== undefined) return false;
  return c.computed ? c.property.value === "construct" : c.property.name === "construct";
}

export function boxOf(value: Node): Node {
  return { type: "$Box", value, ...at0 };
}

/** A box that reads and writes another variable, where that is. */
export function boxAround(variable: Node): Node {
  return { type: "$Box", value: variable, around: true, ...at0 };
}

export function emptyQuasi(tail: boolean): Node {
  return { type: "TemplateElement", value: { raw: "", cooked: "" }, tail, ...at0 };
}
