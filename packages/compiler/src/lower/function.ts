/**
 * Tree to intermediate form, one function at a time.
 *
 * The order of evaluation is the point: when an operand holds a safepoint, everything evaluated before it is spilled
 * into a temporary first, because the caller's registers are gone after a suspension.
 */
import type { Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import { patternNames } from "../tree/pattern.ts";
import { endsHere } from "../analyze/recursion.ts";
import type { Source } from "../read/source.ts";
import { Lowering, type Lowered } from "./lowering.ts";
import { boxAround, boxOf, helper, ref, undef } from "../tree/node.ts";
import { applyDefault, bindPattern } from "./binding.ts";
import { lowerReturn } from "./jump.ts";
import { lowerExpr } from "./expression.ts";
import { enterName, enterScope, makeVarBoxes } from "./scope.ts";
import { lowerBlock, lowerList, lowerStatementNode } from "./statement.ts";
import { isUsing } from "./using.ts";

export function lowerFunction(fn: Fn, source: Source): Lowered {
  const l = new Lowering(fn, source);
  lowerBody(l);
  return { body: l.out, temps: l.temps, params: l.params };
}

/** A statement at the top of the module whose variables closures capture. */
export function lowerStatement(node: Node, module: Fn, source: Source): Lowered {
  const l = new Lowering(module, source);
  l.out.push(...l.region(() => lowerStatementNode(l, node)));
  return { body: l.out, temps: l.temps, params: l.params };
}

function lowerBody(l: Lowering): void {
  const { fn } = l;
  const node = fn.node;
  if (node.type === "PropertyDefinition") {
    l.push({ t: "return", e: lowerExpr(l, node.value as Node), at: node.value.start });
    return;
  }
  if (node.type === "StaticBlock") {
    makeVarBoxes(l);
    lowerBlock(l, node.body as Node[]);
    return;
  }
  lowerParameters(l);
  makeVarBoxes(l);
  const isExpression = node.body.type !== "BlockStatement";
  const list = isExpression ? [returned(node.body as Node)] : (node.body.body as Node[]);
  if (fn.recursive) {
    const { leading, rest } = ends(list);
    l.out.push(
      ...l.region(() => {
        enterScope(l, list);
        lowerList(l, leading);
        l.poll(node.start, true);
        lowerList(l, rest);
      }),
    );
  } else if (isExpression) {
    const value = lowerExpr(l, node.body as Node);
    l.push({ t: "return", e: value, at: node.body.start });
  } else if (fn.superEnd > 0) lowerDerived(l, list);
  else l.out.push(...l.region(() => lowerBlock(l, list)));
}

/**
 * The body of a derived constructor. It may not return a primitive; its clone is no constructor, so what the engine asks there, behind
 * every `try`, is asked here.
 */
function lowerDerived(l: Lowering, list: Node[]): void {
  const result = (l.result = { label: l.label(), value: l.temp(), used: false });
  const body = l.region(() => lowerBlock(l, list));
  l.result = null;
  if (!result.used) {
    l.out.push(...body);
    return;
  }
  l.set(result.value, undef);
  l.push({ t: "block", label: result.label, body });
  lowerReturn(l, helper("derived", ref(result.value)), l.fn.node.end);
}

function returned(e: Node): Node {
  return { type: "ReturnStatement", argument: e, start: e.start, end: e.end, $has: e.$has } as Node;
}

/**
 * Where recursion ends: the statements a recursive function begins with that call nobody who may come back here, and may return
 * (`if (n === 0) return 1`). They stand before it counts itself: half of all activations, or more, count nothing then.
 */
function ends(list: Node[]): { leading: Node[]; rest: Node[] } {
  let k = 0;
  while (k < list.length && isPlain(list[k]!) && endsHere(list[k]!)) k++;
  const leading = list.slice(0, k);
  const next = list[k];
  const e = next?.type === "ReturnStatement" ? (next.argument as Node | null) : null;
  if (e?.type === "ConditionalExpression" && endsHere(e.test as Node) && endsHere(e.consequent as Node)) {
    // return n === 0 ? 1 : n * f(n - 1)
    const { test, consequent, alternate } = e;
    const $has = test.$has === true || consequent.$has === true;
    const end = returned(consequent as Node);
    leading.push({ ...next!, type: "IfStatement", test, consequent: end, alternate: null, $has } as Node);
    return { leading, rest: [returned(alternate as Node), ...list.slice(k + 1)] };
  }
  while (k > 0 && list[k - 1]!.type !== "IfStatement") k--;
  return { leading: list.slice(0, k), rest: list.slice(k) };
}

/** No loop, which has a poll; nothing that other statements stand in. */
function isPlain(s: Node): boolean {
  switch (s.type) {
    case "IfStatement":
      return isPlain(s.consequent as Node) && (s.alternate === null || isPlain(s.alternate as Node));
    case "BlockStatement":
      return (s.body as Node[]).every(isPlain);
    case "VariableDeclaration":
      return !isUsing(s);
    default:
      return s.type === "ReturnStatement" || s.type === "ThrowStatement" || s.type === "ExpressionStatement";
  }
}

/** Defaults that suspend, and captured parameters, move into the body; the rest stays in the parameter list. */
function lowerParameters(l: Lowering): void {
  const params = l.fn.node.params as Node[];
  const plain: Node[] = [];
  // A closure in a default must find the box of a parameter, so the box is made before.
  const boxed = l.fn.bindings.filter((b) => b.kind === "param" && b.boxed);
  let moved =
    boxed.length > 0 && params.some((p) => (p.type === "RestElement" ? (p.argument as Node) : p).type !== "Identifier");
  // So must what a default may see before it is bound.
  const late = l.fn.bindings.filter((b) => b.kind === "param" && (b.tdz || b.early));
  if (late.length > 0) moved = true;
  if (moved && l.fn.generator) {
    // The body of a generator runs later than its defaults.
    moved = false;
    for (const { node } of boxed.flatMap((b) => b.refs))
      if (params.some((p) => node.start >= p.start && node.end <= p.end)) node.$header = true;
  }
  if (moved) for (const b of late) enterName(l, b);
  for (const p of params) {
    const own = p.$b as Binding | undefined;
    if (own?.mapped === true) {
      const t = l.temp();
      t.out = l.name("p");
      plain.push(ref(t));
      l.set(own, boxAround(ref(t)));
      l.temps.splice(l.temps.indexOf(t), 1);
      continue;
    }
    if (p.$has === true) moved = true;
    if (!moved) {
      plain.push(p);
      patternNames(p, (id) => {
        id.$header = true;
      });
      continue;
    }
    // From the first parameter with a safepoint on, all are bound in the body, in order.
    const t = l.temp();
    t.out = l.name("p");
    if (p.type === "RestElement") {
      plain.push({ ...p, argument: ref(t) });
      bindPattern(l, p.argument as Node, ref(t));
    } else if (p.type === "AssignmentPattern") {
      plain.push({ ...p, left: ref(t), right: undef });
      const value = l.temp();
      l.set(value, ref(t));
      applyDefault(l, value, p.right as Node);
      bindPattern(l, p.left as Node, ref(value));
    } else {
      plain.push(ref(t));
      bindPattern(l, p, ref(t));
    }
    l.temps.splice(l.temps.indexOf(t), 1);
  }
  l.params = plain;
  for (const p of plain)
    patternNames(p, (id) => {
      const b = id.$b as Binding | undefined;
      if (b !== undefined && b.boxed && b.kind === "param") l.set(b, boxOf(ref(b, true)));
    });
  // `var x` of a parameter `x` is the same variable.
  for (const b of boxed) b.early = true;
}
