/** Expressions: operands before a safepoint are spilled, left to right. */
import { isAnonymous, isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { type Lowering } from "./lowering.ts";
import { assign, at0, binary, emptyQuasi, helper, literal, not, ref } from "../tree/node.ts";
import { bindPattern } from "./binding.ts";
import { lowerSelectField } from "./select.ts";
import { lowerCall, lowerCallee, lowerChain, lowerLink } from "./call.ts";
import { isPrimitive, staticKey } from "./operands.ts";
import { lowerChoice } from "./choice.ts";

/** Emits what `e` needs first, and returns an expression without safepoints for its value. */
export function lowerExpr(l: Lowering, e: Node): Node {
  if (e.$has !== true) return e;
  if (e.$sp === true) {
    const t = l.temp();
    lowerCall(l, e, t);
    return ref(t);
  }
  switch (e.type) {
    case "CallExpression": {
      const parts = lowerCallee(l, e);
      return parts;
    }
    case "NewExpression": {
      const [callee, ...args] = lowerOperands(l, [e.callee as Node, ...(e.arguments as Node[])]);
      return { ...e, callee: callee!, arguments: args, $has: false };
    }
    case "TaggedTemplateExpression":
      return lowerTagged(l, e);
    case "BinaryExpression": {
      if (e.left.type === "PrivateIdentifier") return { ...e, right: lowerExpr(l, e.right as Node), $has: false };
      const [left, right] = lowerOperands(l, [e.left as Node, e.right as Node]);
      return { ...e, left: left!, right: right!, $has: false };
    }
    case "LogicalExpression": {
      const t = l.temp();
      lowerTo(l, t, e.left as Node);
      const test =
        e.operator === "&&" ? ref(t) : e.operator === "||" ? not(ref(t)) : binary("==", ref(t), literal(null));
      l.push({ t: "if", test, yes: l.nested(() => lowerTo(l, t, e.right as Node)), no: [] });
      return ref(t);
    }
    case "ConditionalExpression": {
      const t = l.temp();
      lowerChoice(l, e, (choice) => lowerTo(l, t, choice));
      return ref(t);
    }
    case "SequenceExpression": {
      const list = e.expressions as Node[];
      for (const x of list.slice(0, -1)) {
        if (x.$sp === true) lowerCall(l, x, null);
        else l.effect(lowerExpr(l, x));
      }
      return lowerExpr(l, list[list.length - 1]!);
    }
    case "UnaryExpression":
      if (e.operator === "delete") return lowerDelete(l, e);
      if (e.operator === "typeof")
        return { ...e, argument: valueOf(l, e.argument as Node, lowerExpr(l, e.argument as Node)), $has: false };
      return { ...e, argument: lowerExpr(l, e.argument as Node), $has: false };
    case "SpreadElement":
      return { ...e, argument: lowerExpr(l, e.argument as Node), $has: false };
    case "UpdateExpression":
      return { ...e, argument: lowerTarget(l, e.argument as Node, false), $has: false };
    case "AssignmentExpression":
      return lowerAssignment(l, e);
    case "MemberExpression":
      return lowerSelectField(l, e) ?? lowerMember(l, e);
    case "ChainExpression":
      return lowerChain(l, e);
    case "ArrayExpression":
      return { ...e, elements: lowerOperands(l, e.elements as (Node | null)[]), $has: false };
    case "ObjectExpression":
      return lowerObject(l, e);
    case "TemplateLiteral":
      return lowerTemplate(l, e);
    case "ClassExpression":
      return lowerClass(l, e);
    case "AwaitExpression":
    case "YieldExpression":
      // A `yield` with nothing to hand out is not taken apart.
      return { ...e, argument: lowerExpr(l, e.argument as Node), $has: false };
    case "ImportExpression": {
      const [source, options] = lowerOperands(l, [e.source as Node, e.options as Node | null]);
      return { ...e, source: source!, options: options ?? null, $has: false };
    }
    default:
      return l.refuse(e, `\`${e.type}\` with a call inside`, "Call first, in a statement of its own.");
  }
}

/**
 * What became of `e` where more than its value would count: of `(a(), o.f)` only `o.f` is left, which would give a call its
 * `this`, `typeof` a name that need not be there, and a function the name of its place.
 */
export function valueOf(l: Lowering, e: Node, lowered: Node): Node {
  return e.type === "SequenceExpression" ? l.spill(lowered) : lowered;
}

/** Gives a temporary of the lowering's own, which `e` does not read, the value of `e`. */
function lowerTo(l: Lowering, t: Binding, e: Node): void {
  if (e.$sp === true) lowerCall(l, e, t);
  else l.set(t, lowerExpr(l, e));
}

/** Lowers operands in order; those before a safepoint are spilled. */
export function lowerOperands(l: Lowering, list: (Node | null)[]): Node[] {
  let last = -1;
  list.forEach((e, i) => {
    if (e?.$has === true) last = i;
  });
  return list.map((e, i) => {
    if (e === null) return e as never;
    if (e.type === "SpreadElement") {
      const inner = lowerExpr(l, e.argument as Node);
      if (i >= last) return { ...e, argument: inner, $has: false };
      // The iteration happens here, before what comes later.
      const all: Node = { type: "ArrayExpression", elements: [{ ...e, argument: inner, $has: false }], ...at0 };
      return { ...e, argument: l.spill(all), $has: false };
    }
    const value = lowerExpr(l, e);
    return i < last ? l.spill(value) : value;
  });
}

export function lowerMember(l: Lowering, e: Node): Node {
  if (e.object.type === "Super") return { ...e, property: lowerExpr(l, e.property as Node), $has: false };
  if (!e.computed) return { ...e, object: lowerExpr(l, e.object as Node), $has: false };
  const [object, property] = lowerOperands(l, [e.object as Node, e.property as Node]);
  return { ...e, object: object!, property: property!, $has: false };
}

/** An assignment target; `spilled` when more is evaluated before the write. */
export function lowerTarget(l: Lowering, e: Node, spilled: boolean): Node {
  if (e.type !== "MemberExpression") return e;
  const m = lowerMember(l, e);
  if (!spilled) return m;
  return {
    ...m,
    object: m.object.type === "Super" ? m.object : l.spill(m.object as Node),
    property: m.computed ? l.spill(m.property as Node) : m.property,
    $has: false,
  };
}

export function lowerAssignment(l: Lowering, e: Node): Node {
  const left = e.left as Node;
  if (left.type === "ObjectPattern" || left.type === "ArrayPattern") {
    const value = l.spill(lowerExpr(l, e.right as Node));
    bindPattern(l, left, value);
    return value;
  }
  const rightHas = e.right.$has === true;
  if (e.operator === "=") {
    const t = lowerTarget(l, left, rightHas);
    return { ...e, left: t, right: lowerExpr(l, e.right as Node), $has: false };
  }
  const logical = /^(&&|\|\||\?\?)=$/.exec(e.operator as string);
  if (!rightHas) return { ...e, left: lowerTarget(l, left, false), $has: false };
  // A computed key is converted twice, for the read and for the write, as engines do.
  const t = lowerTarget(l, left, true);
  if (logical !== null) {
    const value = l.temp();
    l.set(value, t);
    const op = logical[1];
    const test = op === "&&" ? ref(value) : op === "||" ? not(ref(value)) : binary("==", ref(value), literal(null));
    l.push({
      t: "if",
      test,
      yes: l.nested(() => {
        l.set(value, lowerExpr(l, e.right as Node));
        l.effect(assign(t, ref(value)));
      }),
      no: [],
    });
    return ref(value);
  }
  const old = l.temp();
  l.set(old, t);
  const right = lowerExpr(l, e.right as Node);
  return assign(t, binary((e.operator as string).slice(0, -1), ref(old), right));
}

export function lowerDelete(l: Lowering, e: Node): Node {
  if (e.argument.type === "ChainExpression") {
    const result = l.temp();
    const label = l.label();
    l.set(result, literal(true));
    const body = l.nested(() =>
      l.set(result, { ...e, argument: lowerLink(l, e.argument.expression as Node, label), $has: false }),
    );
    l.push({ t: "block", label, body });
    return ref(result);
  }
  if (e.argument.type !== "MemberExpression") {
    l.effect(lowerExpr(l, e.argument as Node));
    return literal(true);
  }
  return { ...e, argument: lowerMember(l, e.argument as Node), $has: false };
}

export function lowerTemplate(l: Lowering, e: Node): Node {
  const list = e.expressions as Node[];
  let last = -1;
  list.forEach((x, i) => {
    if (x.$has === true) last = i;
  });
  const parts = list.map((x, i) => {
    const v = lowerExpr(l, x);
    if (i >= last || isPrimitive(v)) return v;
    // ToString happens part by part.
    return l.spill({ ...e, quasis: [emptyQuasi(false), emptyQuasi(true)], expressions: [v], $has: false });
  });
  return { ...e, expressions: parts, $has: false };
}

export function lowerObject(l: Lowering, e: Node): Node {
  const properties = e.properties as Node[];
  const operands: (Node | null)[] = [];
  for (const p of properties) {
    if (p.type === "SpreadElement") operands.push(p);
    else {
      operands.push(p.computed ? (p.key as Node) : null);
      operands.push(isFunction(p.value as Node) ? null : (p.value as Node));
    }
  }
  let last = -1;
  operands.forEach((o, i) => {
    if (o?.$has === true) last = i;
  });
  let i = -1;
  const one = (o: Node | null, isKey: boolean): Node | null => {
    i++;
    if (o === null) return null;
    let v = lowerExpr(l, o);
    if (isKey && i <= last) v = helper("key", v);
    return i < last ? l.spill(v) : valueOf(l, o, v);
  };
  const made = properties.map((p) => {
    if (p.type === "SpreadElement") {
      i++;
      const inner = lowerExpr(l, p.argument as Node);
      if (i >= last) return { ...p, argument: inner, $has: false };
      return {
        ...p,
        argument: l.spill({
          type: "ObjectExpression",
          properties: [{ ...p, argument: inner, $has: false }],
          ...at0,
        }),
        $has: false,
      };
    }
    const key = one(p.computed ? (p.key as Node) : null, true);
    const value = one(isFunction(p.value as Node) ? null : (p.value as Node), false);
    // What has been kept in a variable no longer shows that its name is the key's.
    const $anonymous = p.computed === true && isAnonymous(p.value as Node);
    return { ...p, key: key ?? p.key, value: value ?? p.value, $has: false, $anonymous };
  });
  return { ...e, properties: made, $has: false };
}

export function lowerClass(l: Lowering, e: Node): Node {
  // The engine evaluates the keys, too, before it looks what the parent is.
  const superClass = e.superClass === null ? null : l.spill(lowerExpr(l, e.superClass as Node));
  const members = (e.body.body as Node[]).map((m) => {
    if (m.computed !== true) return m;
    const key = lowerExpr(l, m.key as Node);
    return { ...m, key: l.spill(m.static === true ? staticKey(key) : helper("key", key)) };
  });
  return { ...e, superClass, body: { ...e.body, body: members }, $has: false, $spilled: true };
}

export function lowerTagged(l: Lowering, e: Node): Node {
  // The site object must be one and the same in both copies: the printer lifts it to the module.
  const site: Node = { type: "$Site", quasi: e.quasi, start: e.start, end: e.start };
  const call: Node = {
    type: "CallExpression",
    callee: e.tag,
    arguments: [site, ...(e.quasi.expressions as Node[])],
    optional: false,
    start: e.start,
    end: e.end,
    $at: e.start,
    $has: true,
  };
  return lowerCallee(l, call);
}
