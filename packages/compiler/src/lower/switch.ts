/** `switch`. Where a test suspends, the case is found first. */
import type { Node } from "../tree/ast.ts";
import type { Stmt } from "../ir/ir.ts";
import { binary, literal, ref } from "../tree/node.ts";
import { lowerExpr } from "./expression.ts";
import type { Context, Lowering } from "./lowering.ts";
import { enterScope } from "./scope.ts";
import { lowerStatementNode } from "./statement.ts";

export function lowerSwitch(l: Lowering, node: Node, labels: Set<string>): void {
  const cases = node.cases as Node[];
  let disc = lowerExpr(l, node.discriminant as Node);
  enterScope(
    l,
    cases.flatMap((c) => c.consequent as Node[]),
  );
  const label = l.label();
  const k = l.temp();
  const context: Context = { kind: "target", labels, breakLabel: label, continueLabel: null, bare: true };
  const calls = cases.some((c) => c.test?.$has === true);
  let tests: (Node | null)[] = cases.map((c) => c.test as Node | null);
  if (calls) {
    // Tests that suspend: find the case first, in order, then switch on its index.
    disc = l.spill(disc);
    const which = l.temp();
    l.set(which, literal(cases.findIndex((c) => c.test === null)));
    const found = l.label();
    l.push({
      t: "block",
      label: found,
      body: l.nested(() => {
        cases.forEach((c, i) => {
          if (c.test === null) return;
          const test = lowerExpr(l, c.test as Node);
          l.push({
            t: "if",
            test: binary("===", disc, test),
            yes: l.nested(() => {
              l.set(which, literal(i));
              l.push({ t: "break", label: found });
            }),
            no: [],
          });
        });
      }),
    });
    disc = ref(which);
    tests = cases.map((c, i) => (c.test === null ? null : literal(i)));
  }
  const lowered: { test: Node | null; body: Stmt[] }[] = [];
  l.contexts.push(context);
  cases.forEach((c, i) => {
    lowered.push({
      test: tests[i]!,
      body: l.nested(() => {
        for (const s of c.consequent as Node[]) lowerStatementNode(l, s);
      }),
    });
  });
  l.contexts.pop();
  l.push({ t: "switch", label, disc, cases: lowered, k });
}
