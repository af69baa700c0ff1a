/** Statements, each by its kind. */
import { discard, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { assign, ref } from "../tree/node.ts";
import { initialise, lowerDeclaration } from "./binding.ts";
import { lowerCall } from "./call.ts";
import { lowerChoice } from "./choice.ts";
import { lowerExpr } from "./expression.ts";
import { lowerJump, lowerReturn } from "./jump.ts";
import { lowerLoop } from "./loop.ts";
import type { Lowering } from "./lowering.ts";
import { enterScope } from "./scope.ts";
import { lowerSwitch } from "./switch.ts";
import { lowerTry } from "./try.ts";
import { isUsing, lowerUsing } from "./using.ts";

export function lowerBlock(l: Lowering, statements: Node[]): void {
  enterScope(l, statements);
  lowerList(l, statements);
}

export function lowerList(l: Lowering, statements: Node[]): void {
  for (let i = 0; i < statements.length; i++) {
    const s = statements[i]!;
    if (isUsing(s)) {
      lowerUsing(l, s, () => lowerList(l, statements.slice(i + 1)));
      return;
    }
    lowerStatementNode(l, s);
  }
}

/** An expression whose value nobody wants. */
export function lowerDiscarded(l: Lowering, e: Node): void {
  discard(e);
  if (e.$sp === true) lowerCall(l, e, null);
  else l.effect(lowerExpr(l, e));
}

export function lowerStatementNode(l: Lowering, node: Node): void {
  switch (node.type) {
    case "ExpressionStatement":
      lowerDiscarded(l, node.expression as Node);
      return;
    case "VariableDeclaration":
      lowerDeclaration(l, node);
      return;
    case "FunctionDeclaration":
      if (node.$hoist !== undefined) l.effect(assign(ref(node.$hoist as Binding), ref(node.id.$b as Binding)));
      return;
    case "EmptyStatement":
      return;
    case "DebuggerStatement":
      // A statement among expressions, printed as it is.
      l.push({ t: "expr", e: node });
      return;
    case "ClassDeclaration":
      initialise(l, node.id.$b as Binding, lowerExpr(l, { ...node, type: "ClassExpression", $declaration: true }));
      return;
    case "BlockStatement":
      lowerBlock(l, node.body as Node[]);
      return;
    case "IfStatement":
      lowerChoice(l, node, (chosen) => lowerStatementNode(l, chosen));
      return;
    case "ReturnStatement":
      lowerReturn(l, node.argument === null ? null : lowerExpr(l, node.argument as Node), node.start);
      return;
    case "ThrowStatement":
      l.push({ t: "throw", e: lowerExpr(l, node.argument as Node), at: node.start });
      return;
    case "BreakStatement":
    case "ContinueStatement":
      lowerJump(l, node);
      return;
    case "LabeledStatement":
      lowerLabeled(l, node);
      return;
    case "ForStatement":
    case "WhileStatement":
    case "DoWhileStatement":
    case "ForInStatement":
    case "ForOfStatement":
      lowerLoop(l, node, new Set());
      return;
    case "SwitchStatement":
      lowerSwitch(l, node, new Set());
      return;
    case "TryStatement":
      lowerTry(l, node);
      return;
    default:
      l.refuse(node, `\`${node.type}\` inside a function`, "Rewrite it with simpler statements.");
  }
}

function lowerLabeled(l: Lowering, node: Node): void {
  const names = new Set<string>([node.label.name as string]);
  let body = node.body as Node;
  while (body.type === "LabeledStatement") {
    names.add(body.label.name as string);
    body = body.body as Node;
  }
  if (/^(For|While|DoWhile)/.test(body.type)) {
    lowerLoop(l, body, names);
    return;
  }
  if (body.type === "SwitchStatement") {
    lowerSwitch(l, body, names);
    return;
  }
  const label = l.label();
  l.push({
    t: "block",
    label,
    body: l.within({ kind: "target", labels: names, breakLabel: label, continueLabel: null, bare: false }, () =>
      lowerStatementNode(l, body),
    ),
  });
}
