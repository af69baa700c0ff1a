/** Loops: where the poll stands, what is new in each iteration, and which iterator must be closed. */
import type { Node } from "../tree/ast.ts";
import type { Stmt } from "../ir/ir.ts";
import { type Binding } from "../tree/binding.ts";
import { patternNames } from "../tree/pattern.ts";
import { type Lowering, type Context } from "./lowering.ts";
import { assign, at0, binary, boxOf, helper, literal, member, not, rawHelper, ref, undef } from "../tree/node.ts";
import { bindPattern, lowerDeclaration } from "./binding.ts";
import { lowerCall } from "./call.ts";
import { leave } from "./jump.ts";
import { lowerExpr } from "./expression.ts";
import { enterScope } from "./scope.ts";
import { lowerDiscarded, lowerStatementNode } from "./statement.ts";
import { isUsing, lowerUsing } from "./using.ts";

export function lowerLoop(l: Lowering, node: Node, labels: Set<string>): void {
  const suspends = node.$has === true;
  // What is gone through is evaluated while the loop's names are uninitialised.
  if (node.left?.type === "VariableDeclaration" && node.left.kind !== "var") enterScope(l, [node.left as Node]);
  if (node.type === "ForOfStatement") {
    if (suspends && !node.await) lowerForOf(l, node, labels);
    else lowerNativeFor(l, node, labels);
    return;
  }
  if (node.type === "ForInStatement") {
    // Sloppy code may initialise the name: for (var x = f() in o).
    const first = node.left.type === "VariableDeclaration" ? (node.left.declarations[0] as Node) : null;
    if (first?.init) lowerDeclaration(l, { ...(node.left as Node), declarations: [first] });
    if (suspends && !l.fn.awaits) lowerForIn(l, node, labels);
    else lowerNativeFor(l, node, labels);
    return;
  }
  let perIteration: Binding[] = [];
  if (node.type === "ForStatement" && node.init !== null) {
    if (isUsing(node.init as Node)) {
      enterScope(l, [node.init as Node]);
      lowerUsing(l, node.init as Node, () => lowerLoop(l, { ...node, init: null }, labels));
      return;
    }
    if (node.init.type === "VariableDeclaration") {
      enterScope(l, [node.init as Node]);
      lowerStatementNode(l, node.init as Node);
      if (node.init.kind === "let")
        perIteration = (node.init.declarations as Node[]).flatMap((d) => {
          const names: Binding[] = [];
          patternNames(d.id as Node, (id) => names.push(id.$b as Binding));
          return names.filter((b) => b.boxed);
        });
    } else lowerDiscarded(l, node.init as Node);
  }
  // Closures of the initialisation keep variables of their own.
  for (const b of perIteration)
    if (b.refs.some((r) => r.fn !== b.fn && r.node.start < node.init.end)) l.set(b, boxOf(ref(b)));
  const label = l.label();
  const next = l.label();
  const context: Context = { kind: "target", labels, breakLabel: label, continueLabel: next, bare: true };
  let test = (node.test as Node | null) ?? null;
  const body = l.within(context, () => {
    if (node.type !== "DoWhileStatement" && test?.$has === true) {
      exitUnless(l, test, label);
      test = null;
    }
    l.push({ t: "block", label: next, body: l.nested(() => lowerStatementNode(l, node.body as Node)) });
    for (const b of perIteration) l.set(b, boxOf(ref(b)));
    if (node.type === "ForStatement" && node.update !== null) {
      lowerDiscarded(l, node.update as Node);
    }
    if (node.type === "DoWhileStatement") {
      exitUnless(l, test!, label);
      test = null;
    }
    if (suspends && node.$short !== true) l.poll(node.start);
  });
  l.push({ t: "loop", label, test, body, at: node.start });
}

export function exitUnless(l: Lowering, test: Node, label: string): void {
  const value = lowerExpr(l, test);
  l.push({ t: "if", test: not(value), yes: l.nested(() => l.push({ t: "break", label })), no: [] });
}

/** One round of for-of and for-in: the loop variable gets its value, then the body. */
function lowerRound(l: Lowering, node: Node, value: Node): void {
  const left = node.left as Node;
  if (isUsing(left)) {
    enterScope(l, [left]);
    const declarations = [{ ...(left.declarations as Node[])[0]!, init: value }];
    lowerUsing(l, { ...left, declarations }, () => lowerStatementNode(l, node.body as Node));
    return;
  }
  bindEach(l, left, value);
  lowerStatementNode(l, node.body as Node);
}

function bindEach(l: Lowering, left: Node, value: Node): void {
  if (left.type === "VariableDeclaration") {
    const id = (left.declarations as Node[])[0]!.id as Node;
    enterScope(l, [left]);
    if (id.type === "Identifier" && (id.$b as Binding).module) l.effect(assign(id, value));
    else bindPattern(l, id, value);
  } else if (left.type === "ObjectPattern" || left.type === "ArrayPattern") bindPattern(l, left, value);
  else l.effect(lowerExpr(l, { ...assign(left, value), $has: left.$has }));
}

/**
 * A fast copy has the engine go through the keys. A clone goes on behind the key it was left at, in a list of those there were at first, and
 * asks of each whether it is there still. Where a proxy would tell that it is asked twice, the loop begins in the clone.
 */
export function lowerForIn(l: Lowering, node: Node, labels: Set<string>): void {
  const object = l.temp();
  const keys = l.temp();
  const i = l.temp();
  const key = l.temp();
  l.set(object, lowerExpr(l, node.right as Node));
  l.set(keys, helper("keys", ref(object)));
  l.set(i, literal(-1));
  l.set(key, undef);
  l.push({ t: "poll", pc: 0, at: node.start, entry: false, test: member(ref(keys), "slow") });
  const label = l.label();
  const next = l.label();
  let heads = 0;
  const body = l.within({ kind: "target", labels, breakLabel: label, continueLabel: next, bare: true }, () => {
    l.push({
      t: "block",
      label: next,
      body: l.nested(() => {
        l.set(i, helper("nextKey", ref(keys), ref(i), ref(key)));
        l.push({
          t: "if",
          test: binary(">=", ref(i), member(ref(keys), "length")),
          yes: l.nested(() => l.push({ t: "break", label })),
          no: [],
        });
        l.set(key, {
          type: "MemberExpression",
          object: ref(keys),
          property: ref(i),
          computed: true,
          optional: false,
          ...at0,
        });
        l.push({
          t: "if",
          test: not(helper("has", ref(keys), ref(object), ref(key))),
          yes: l.nested(() => l.push({ t: "break", label: next })),
          no: [],
        });
        heads = l.out.length;
        lowerRound(l, node, ref(key));
      }),
    });
    l.poll(node.start);
  });
  l.push({ t: "loop", label, test: null, body, at: node.start, over: { key, object, heads } });
}

/**
 * Arrays by index; everything else by steps of an iterator that is closed on every early exit. A channel steps by
 * receiving. The index is -1 while an iterator is open, and -2 while it steps and once it has ended: then nobody closes it.
 */
export function lowerForOf(l: Lowering, node: Node, labels: Set<string>): void {
  const it = l.temp();
  const i = l.temp();
  const own = ownVariable(node.left as Node);
  const value = own ?? l.temp();
  const each = helper("each", lowerExpr(l, node.right as Node));
  each.$at = node.right.start;
  l.set(it, each);
  l.set(i, rawHelper("i"));
  l.iterates(it, i);
  const label = l.label();
  const next = l.label();
  const leaveIf = (test: Node): void =>
    l.push({ t: "if", test, yes: l.nested(() => l.push({ t: "break", label })), no: [] });
  const element: Node = {
    type: "MemberExpression",
    object: ref(it),
    property: { type: "UpdateExpression", operator: "++", prefix: false, argument: ref(i), ...at0 },
    computed: true,
    optional: false,
    ...at0,
  };
  const step: Node = {
    type: "CallExpression",
    callee: member(ref(it), "$step", node.right.start),
    arguments: [],
    optional: false,
    start: node.right.start,
    end: node.right.end,
    $at: node.right.start,
    $sp: true,
  };
  l.contexts.push({ kind: "target", labels, breakLabel: label, continueLabel: null, bare: true });
  const iterator: Context & { kind: "iterator" } = { kind: "iterator", iterator: it, index: i, exits: [] };
  l.contexts.push(iterator);
  const body = l.within({ kind: "target", labels, breakLabel: "", continueLabel: next, bare: false }, () => {
    l.push({
      t: "if",
      test: binary(">=", ref(i), literal(0)),
      yes: l.nested(() => {
        leaveIf(binary(">=", ref(i), member(ref(it), "length")));
        l.set(value, element);
      }),
      no: l.nested(() => {
        l.set(i, literal(-2));
        lowerCall(l, step, value);
        leaveIf(binary("===", ref(value), rawHelper("END")));
        l.set(i, literal(-1));
      }),
    });
    const round = l.nested(() => {
      if (own === null) lowerRound(l, node, ref(value));
      else lowerStatementNode(l, node.body as Node);
    });
    l.push({ t: "block", label: next, body: withExits(l, round, next, iterator) });
    l.poll(node.start);
  });
  l.contexts.pop();
  l.contexts.pop();
  l.push({ t: "loop", label, test: null, body, at: node.start });
}

/**
 * Ways out that begin inside a `try` of the round end behind it, where the iterator is closed:
 *
 *     { { round; break next } close; return value }
 */
function withExits(l: Lowering, round: Stmt[], next: string, iterator: Context & { kind: "iterator" }): Stmt[] {
  const saved = l.contexts.slice();
  let body = round;
  for (const { exit, label, value } of iterator.exits) {
    // What stands here is in the round's own target, inside the iterator.
    const inner = body;
    body = l.nested(() => {
      l.push({ t: "block", label, body: [...inner, ...l.nested(() => l.push({ t: "break", label: next }))] });
      l.contexts.splice(l.contexts.indexOf(iterator) + 1);
      leave(l, exit, value === null ? null : ref(value), 0);
      l.contexts.splice(0, l.contexts.length, ...saved);
    });
  }
  return body;
}

/** The variable of `for (const x of …)` where it can be given the value at once. */
function ownVariable(left: Node): Binding | null {
  if (left.type !== "VariableDeclaration" || left.kind === "var") return null;
  const id = (left.declarations as Node[])[0]!.id as Node;
  const b = id.type === "Identifier" ? (id.$b as Binding) : null;
  return b === null || b.module || b.boxed || b.tdz || left.kind.endsWith("using") ? null : b;
}

/** for-of and for-in where nothing can suspend, and for-await: left to the engine, which closes its iterator behind those of the body. */
export function lowerNativeFor(l: Lowering, node: Node, labels: Set<string>): void {
  const right = lowerExpr(l, node.right as Node);
  const label = l.label();
  const next = l.label();
  const value = l.temp();
  // Whoever leaves it towards a loop around it closes that one's iterator behind the engine's.
  if (node.await === true) l.contexts.push({ kind: "catch" });
  const body = l.within({ kind: "target", labels, breakLabel: label, continueLabel: next, bare: true }, () =>
    l.push({
      t: "block",
      label: next,
      body: l.region(() => {
        lowerRound(l, node, ref(value));
      }),
    }),
  );
  if (node.await === true) l.contexts.pop();
  if (node.type === "ForInStatement") l.push({ t: "forin", label, left: ref(value), right, body });
  else l.push({ t: "forof", label, left: ref(value), right, body, await: node.await === true });
}
