/**
 * Calls of methods that certainly are the engine's own, and call nobody back: of literals, and of constants and private fields that
 * hold a collection made in place and are only used as one, so that nobody can give them a method of their own.
 *
 * That nobody has replaced a method of a prototype by a function that blocks is taken for granted, as it is of `Math.max`.
 */
import { eachChild, type Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";

function names(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

const array = names(
  "push pop shift unshift slice splice concat indexOf lastIndexOf includes reverse at fill copyWithin join keys entries values with " +
    "toReversed toSpliced",
);
const map = names("get set has delete clear keys values entries");
const set = names("add has delete clear keys values entries");
const weakMap = names("get set has delete");
const weakSet = names("add has delete");
const string = names(
  "charAt charCodeAt codePointAt at slice substring substr indexOf lastIndexOf includes startsWith endsWith trim trimStart trimEnd " +
    "padStart padEnd repeat toLowerCase toUpperCase concat normalize localeCompare",
);

const pattern = names("test exec");

/** Methods that return what they are called on. */
const chained = names("set add reverse fill copyWithin");
/** Fields that can be read: numbers. */
const fields = names("length size lastIndex");

const made: Readonly<Record<string, ReadonlySet<string>>> = { Map: map, Set: set, WeakMap: weakMap, WeakSet: weakSet };

/** Whether the callee, `object.name`, is such a method. */
export function isIntrinsicMethod(callee: Node): boolean {
  if (callee.type !== "MemberExpression" || callee.computed || callee.optional === true) return false;
  const methods = methodsOf(callee.object as Node);
  return methods !== null && methods.has(callee.property.name as string);
}

/**
 * Whether it looks like one: of a constant, or of a field of `made`, the class around, that begins as a collection or a string. No more
 * than a guess, because others can write the field.
 */
export function looksIntrinsic(callee: Node, made: Node | null): boolean {
  if (callee.computed || callee.property.type !== "Identifier") return false;
  const object = callee.object as Node;
  let value: Node | null = object;
  if (object.type === "Identifier") {
    const b = object.$b as Binding | undefined;
    value = b !== undefined && b.kind === "const" ? b.init : null;
  } else if (object.type === "MemberExpression") {
    if (object.object.type !== "ThisExpression" || object.computed || made === null) return false;
    const { type, name } = object.property as Node;
    const isField = (m: Node): boolean =>
      m.type === "PropertyDefinition" && !m.computed && m.key.type === type && m.key.name === name;
    value = ((made.body.body as Node[]).find(isField)?.value ?? null) as Node | null;
  }
  return value !== null && methodsOfValue(value)?.has(callee.property.name as string) === true;
}

function methodsOf(object: Node): ReadonlySet<string> | null {
  const own = methodsOfValue(object);
  if (own !== null) return own;
  if (object.type === "MemberExpression" && object.property.type === "PrivateIdentifier")
    return methodsOfPrivate(object);
  const b = object.type === "Identifier" ? (object.$b as Binding | undefined) : undefined;
  if (b === undefined || b.kind !== "const" || b.writes > 0 || b.init === null) return null;
  const methods = methodsOfValue(b.init);
  // A string has no properties of its own.
  return methods === null || methods === string || keepsToItself(b, methods) ? methods : null;
}

function methodsOfValue(e: Node): ReadonlySet<string> | null {
  if (e.type === "ArrayExpression") return array;
  if (e.type === "Literal" && e.regex !== undefined) return pattern;
  if (e.type === "TemplateLiteral" || (e.type === "Literal" && typeof e.value === "string")) return string;
  if (e.type === "BinaryExpression" && e.operator === "+")
    return isString(e.left as Node) || isString(e.right as Node) ? string : null;
  if (e.type !== "NewExpression" || e.callee.type !== "Identifier" || e.callee.$b !== undefined) return null;
  return made[e.callee.name as string] ?? null;
}

function isString(e: Node): boolean {
  return methodsOfValue(e) === string;
}

/** Of `x.#items`, which nobody can reach but the class: what it is made as, if it is never anything else and used as one. */
function methodsOfPrivate(object: Node): ReadonlySet<string> | null {
  const { name } = object.property as Node;
  const isField = (m: Node): boolean => m.key?.type === "PrivateIdentifier" && m.key.name === name;
  for (let around = object.$up as Node | undefined; around !== undefined; around = around.$up as Node | undefined) {
    const field = around.type === "ClassBody" ? (around.body as Node[]).find(isField) : undefined;
    if (field === undefined) continue;
    const methods = field.type === "PropertyDefinition" && field.value ? methodsOfValue(field.value as Node) : null;
    if (methods === null) return null;
    field.$contained ??= usesOf(name as string, around).every(
      (use) => isElementUse(use, methods, null) || isAnew(use, methods),
    );
    return field.$contained === true ? methods : null;
  }
  return null;
}

function usesOf(name: string, node: Node): Node[] {
  const found: Node[] = [];
  const visit = (n: Node): void => {
    if (n.type === "MemberExpression" && n.property.type === "PrivateIdentifier" && n.property.name === name)
      found.push(n);
    eachChild(n, visit);
  };
  visit(node);
  return found;
}

/** `x.#items = []` */
function isAnew(use: Node, methods: ReadonlySet<string>): boolean {
  const parent = use.$up as Node;
  return (
    parent.type === "AssignmentExpression" &&
    parent.left === use &&
    parent.operator === "=" &&
    methodsOfValue(parent.right as Node) === methods &&
    parent.$up?.type === "ExpressionStatement"
  );
}

/** Whether a collection is used for nothing else but its elements: whoever is given it could give it methods. */
function keepsToItself(b: Binding, methods: ReadonlySet<string>): boolean {
  b.contained ??= !isExported(b) && b.refs.every(({ node }) => node.$decl === true || isElementUse(node, methods, b));
  return b.contained;
}

function isExported(b: Binding): boolean {
  return b.init!.$up?.$up?.$up?.type === "ExportNamedDeclaration";
}

function isElementUse(node: Node, methods: ReadonlySet<string>, b: Binding | null): boolean {
  const parent = node.$up as Node | undefined;
  if (parent === undefined) return false;
  switch (parent.type) {
    case "MemberExpression": {
      if (parent.object !== node) return false;
      const { property } = parent;
      const above = parent.$up as Node | undefined;
      const called = above?.type === "CallExpression" && above.callee === parent;
      const written =
        (above?.type === "AssignmentExpression" && above.left === parent) || above?.type === "UpdateExpression";
      if (!parent.computed) {
        const name = property.name as string;
        if (called && chained.has(name) && above.$up?.type !== "ExpressionStatement") return false;
        return called ? methods.has(name) : fields.has(name);
      }
      // Written under a name that is no number, it might be a method.
      return !called && (!written || isNumber(property as Node)) && !isPattern(above);
    }
    case "ForOfStatement":
      return parent.right === node;
    case "SpreadElement":
      return true;
    case "ReturnStatement":
      // Nobody is left here who would call a method of it.
      return b !== null && !b.captured && !b.module;
    default:
      return false;
  }
}

/** What is assigned to in a pattern is written. */
function isPattern(above: Node | undefined): boolean {
  return (
    above === undefined ||
    /Pattern$|^RestElement$|^For(?:In|Of)Statement$/.test(above.type) ||
    above.type === "Property"
  );
}

function isNumber(e: Node): boolean {
  if (e.type === "Literal") return typeof e.value === "number";
  if (e.type === "UpdateExpression") return true;
  if (e.type === "MemberExpression") return !e.computed && e.property.name === "length";
  return e.type === "BinaryExpression" && /^(?:[-*/%&|^]|<<|>>>?)$/.test(e.operator as string);
}

/** Marks each node with the one around it, where some constant is asked about. */
export function linkParents(program: Node, fns: readonly Fn[]): void {
  const asked = fns.some(
    ({ node, bindings }) =>
      (node.type === "PropertyDefinition" && node.key.type === "PrivateIdentifier") ||
      bindings.some((b) => {
        const methods = b.kind === "const" && b.init !== null ? methodsOfValue(b.init) : null;
        return methods !== null && methods !== string;
      }),
  );
  if (!asked) return;
  eachChild(program, link, program);
}

function link(node: Node, parent: Node): void {
  node.$up = parent;
  eachChild(node, link, node);
}
