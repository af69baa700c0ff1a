/** `if` and `?:`. */
import type { Node } from "../tree/ast.ts";
import { lowerExpr } from "./expression.ts";
import type { Lowering } from "./lowering.ts";

/** Longer chains of `else if` and `a ? b : c ? d : e` stand side by side: the engine parses no blocks nested by the thousand. */
const LONGEST_CHAIN = 100;

/** `if` and `?:`: `f` lowers what is chosen. */
export function lowerChoice(l: Lowering, node: Node, f: (chosen: Node) => void): void {
  let length = 0;
  for (let n: Node | null = node; n !== null && n.type === node.type && length <= LONGEST_CHAIN; n = n.alternate)
    length++;
  if (length <= LONGEST_CHAIN) {
    l.push({
      t: "if",
      test: lowerTest(l, node),
      yes: l.nested(() => f(node.consequent as Node)),
      no: node.alternate === null ? [] : l.nested(() => f(node.alternate as Node)),
    });
    return;
  }
  const label = l.label();
  const body = l.nested(() => {
    let n: Node | null = node;
    for (; n !== null && n.type === node.type; n = n.alternate as Node | null) {
      const test = lowerTest(l, n);
      const yes = l.nested(() => {
        f(n!.consequent as Node);
        l.push({ t: "break", label });
      });
      l.push({ t: "if", test, yes, no: [] });
    }
    if (n !== null) f(n);
  });
  l.push({ t: "block", label, body });
}

function lowerTest(l: Lowering, node: Node): Node {
  const test = lowerExpr(l, node.test as Node);
  // What a call gave is asked here: coverage counts who goes on.
  return test.start === 0 && node.type === "IfStatement" ? { ...test, start: node.test.start } : test;
}
