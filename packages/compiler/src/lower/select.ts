/**
 * `select({ a, b: sending(ch, v), none: otherwise })`, the literal taken apart: no object is made for the cases.
 *
 *     $1 = $R.select2(2, a, sending(ch, v))        the index; 2 is `none`
 *
 * Nor for the result, where that is only asked for `case`, `value` and `ok`: at once, or by the name of a variable that is never
 * anything but asked. Literals whose keys cannot be seen here (spread, computed) stay calls of `select`.
 */
import { gortImport } from "../calls/callee.ts";
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { lowerOperands } from "./expression.ts";
import type { Lowering } from "./lowering.ts";
import { assign, at0, binary, field, literal, ref, undef } from "../tree/node.ts";

interface Cases {
  names: string[];
  values: Node[];
  /** The index of the case that is `otherwise`, behind all others; -1: there is none. */
  byDefault: number;
}

/** What a result has. */
const fields = new Set(["case", "value", "ok"]);

/** The cases of a call that is a select of a literal; null for any other. */
function casesOf(e: Node): Cases | null {
  if (e.type !== "CallExpression" || e.optional === true || gortImport(e.callee as Node) !== "select") return null;
  const [literal, ...more] = e.arguments as Node[];
  if (literal?.type !== "ObjectExpression" || more.length > 0) return null;
  const names: string[] = [];
  const values: Node[] = [];
  let otherwise = "";
  for (const p of literal.properties as Node[]) {
    if (p.type !== "Property" || p.kind !== "init" || p.method || p.computed) return null;
    const name: unknown = p.key.type === "Identifier" ? p.key.name : p.key.value;
    if (typeof name !== "string" || name === "__proto__" || names.includes(name) || name === otherwise) return null;
    const value = p.value as Node;
    if (isFunction(value)) return null;
    if (gortImport(value) === "otherwise") {
      if (otherwise !== "") return null;
      otherwise = name;
    } else {
      names.push(name);
      values.push(value);
    }
  }
  if (names.length === 0) return null;
  if (otherwise === "") return { names, values, byDefault: -1 };
  return { names: [...names, otherwise], values, byDefault: names.length };
}

/** Not in an async body: between the wait and what follows it others run there, and write what was received over. */
export function isSelectOfLiteral(l: Lowering, e: Node): boolean {
  return e.$sp === true && !l.fn.awaits && casesOf(e) !== null;
}

/** The call; its index is left in a temporary. */
function pushSelect(l: Lowering, e: Node): { index: Binding; names: string[] } {
  const { names, values, byDefault } = casesOf(e)!;
  const given = lowerOperands(l, values);
  const own = given.length >= 2 && given.length <= 4;
  const args: Node[] = own ? given : [{ type: "ArrayExpression", elements: given, ...at0 }];
  const index = l.temp();
  const call: Node = {
    type: "CallExpression",
    callee: field(own ? `select${given.length}` : "selectN", "$R"),
    arguments: [literal(byDefault), ...args],
    optional: false,
    start: e.start,
    end: e.end,
    $at: e.start,
    $checked: true,
  };
  l.push({ t: "call", v: index, e: call, via: null, fresh: false, flagOnly: false, pc: 0 });
  return { index, names };
}

/** The name that belongs to an index. */
function nameOf(index: Binding, names: string[]): Node {
  return names.slice(0, -1).reduceRight<Node>(
    (rest, name, i) => ({
      type: "ConditionalExpression",
      test: binary("===", ref(index), literal(i)),
      consequent: literal(name),
      alternate: rest,
      ...at0,
    }),
    literal(names.at(-1)),
  );
}

function property(name: string, value: Node): Node {
  const key: Node = { type: "Identifier", name, ...at0 };
  return { type: "Property", kind: "init", method: false, shorthand: false, computed: false, key, value, ...at0 };
}

/** What was received must not be kept alive by R. */
function forget(l: Lowering): void {
  l.push({ t: "expr", e: assign(field("sv", "$R"), undef) });
}

/** The select as a whole, its result to `v`. */
export function lowerSelect(l: Lowering, e: Node, v: Binding | null): void {
  const { index, names } = pushSelect(l, e);
  if (v === null) {
    forget(l);
    return;
  }
  const properties = [
    property("case", nameOf(index, names)),
    property("value", field("sv", "$R")),
    property("ok", field("sok", "$R")),
  ];
  l.set(v, { type: "ObjectExpression", properties, ...at0 });
  forget(l);
}

/** `select({ … }).case` and the other two; null for anything else. */
export function lowerSelectField(l: Lowering, e: Node): Node | null {
  const name: unknown = e.property.name;
  if (e.computed || e.optional || !fields.has(name as string) || !isSelectOfLiteral(l, e.object as Node)) return null;
  const { index, names } = pushSelect(l, e.object as Node);
  const read = name === "case" ? nameOf(index, names) : l.spill(field(name === "value" ? "sv" : "sok", "$R"));
  forget(l);
  return read;
}

/** `const r = select({ … })`, where `r` is only asked: three variables in its place. False if it is used otherwise. */
export function lowerSelectVariable(l: Lowering, b: Binding, e: Node): boolean {
  if (b.module || b.boxed || b.captured || b.tdz || b.writes > 0 || b.kind === "var") return false;
  const fields = (e.$fields ??= fieldsOf(l, b)) as Map<string, Binding> | null;
  if (fields === null) return false;
  const { index, names } = pushSelect(l, e);
  const values: Record<string, Node> = { case: nameOf(index, names), value: field("sv", "$R"), ok: field("sok", "$R") };
  for (const [name, t] of fields) l.set(t, values[name]!);
  forget(l);
  return true;
}

/** A variable for each field that is read, put in the place of its reads; null if `b` is used otherwise. */
function fieldsOf(l: Lowering, b: Binding): Map<string, Binding> | null {
  const reads = readsOf(b, l.fn.node);
  if (reads === null) return null;
  const variables = new Map<string, Binding>();
  for (const m of reads) {
    const name = m.property.name as string;
    const t = variables.get(name) ?? l.temp();
    variables.set(name, t);
    const { start, end } = m;
    for (const key of Object.keys(m)) delete m[key];
    Object.assign(m, ref(t), { start, end });
  }
  return variables;
}

/** The places that read a field of `b`; null if there are others. */
function readsOf(b: Binding, body: Node): Node[] | null {
  const reads: Node[] = [];
  const objects = new Set<Node>();
  /** Properties of patterns: what stands in them is written. */
  const written = new Set<Node>();
  const visit = (parent: Node): void =>
    eachChild(parent, (n, _, key) => {
      if (n.type === "ObjectPattern") for (const p of n.properties as Node[]) written.add(p);
      if (
        n.type === "MemberExpression" &&
        n.object.type === "Identifier" &&
        n.object.$b === b &&
        !n.computed &&
        !n.optional &&
        fields.has(n.property.name as string) &&
        !written.has(parent) &&
        isRead(parent, key)
      ) {
        reads.push(n);
        objects.add(n.object as Node);
      } else visit(n);
    });
  visit(body);
  return b.refs.every(({ node }) => node.$decl === true || objects.has(node)) ? reads : null;
}

/** Whether what stands in a parent's field is read, and nothing else. */
function isRead(parent: Node, key: string): boolean {
  switch (parent.type) {
    case "AssignmentExpression":
    case "AssignmentPattern":
    case "ForInStatement":
    case "ForOfStatement":
      return key !== "left";
    case "UpdateExpression":
    case "ArrayPattern":
    case "RestElement":
      return false;
    case "UnaryExpression":
      return parent.operator !== "delete";
    // `r.value()` is called with `r` as its `this`.
    case "CallExpression":
    case "NewExpression":
      return key !== "callee";
    case "TaggedTemplateExpression":
      return key !== "tag";
    default:
      return true;
  }
}
