/** What runs at the end of a statement, whatever the way out: of `try`, and of `using`. */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import type { Cleanup, Stmt } from "../ir/ir.ts";
import { binary, literal, ref } from "../tree/node.ts";
import { crosses, leave } from "./jump.ts";
import type { Context, Lowering } from "./lowering.ts";

/**
 * A completion record instead of `finally`, which would run while the stack unwinds: 0 normal, -1 thrown, k the k-th
 * way out.
 */
export function lowerTryFinally(
  l: Lowering,
  body: () => void,
  finalizer: (completion: Binding, value: Binding) => void,
  suspends: boolean,
): void {
  if (!suspends) {
    l.push({
      t: "finally",
      body: l.nested(body),
      finalizer: l.nested(() => finalizer(null as never, null as never)),
    });
    return;
  }
  const completion = l.temp();
  const value = l.temp();
  const label = l.label();
  const caught = l.temp();
  l.set(completion, literal(0));
  const context: Context & { kind: "finally" } = { kind: "finally", label, completion, value, exits: [] };
  const inner = l.within(context, () => l.out.push(...l.region(body)));
  const list = l.nested(() => finalizer(completion, value));
  // What tells a suspension from an end stands in functions that can suspend.
  const cleanup: Cleanup | null =
    l.fn.suspendable && isSmall(list) && !(context.exits.length > 0 && crosses(l))
      ? { completion, label, list, exits: [], rest: list.length + 1 }
      : null;
  l.push({
    t: "block",
    label,
    body: l.nested(() =>
      l.push({
        t: "try",
        body: inner,
        param: caught,
        handler: l.nested(() => {
          l.set(completion, literal(-1));
          l.set(value, ref(caught));
        }),
        user: false,
        uses: true,
        ...(cleanup === null ? {} : { cleanup }),
      }),
    ),
  });
  l.out.push(...list);
  l.push({
    t: "if",
    test: binary("===", ref(completion), literal(-1)),
    yes: l.nested(() => l.push({ t: "throw", e: ref(value), at: 0 })),
    no: [],
  });
  context.exits.forEach((exit, k) => {
    const yes = l.nested(() => leave(l, exit, exit.jump === "return" ? ref(value) : null, 0));
    l.push({ t: "if", test: binary("===", ref(completion), literal(k + 1)), yes, no: [] });
    cleanup?.exits.push(yes);
  });
  if (cleanup !== null) cleanup.rest += cleanup.exits.length;
}

/** A few plain statements, in which no function is made and which jump nowhere. */
function isSmall(list: Stmt[]): boolean {
  return (
    list.length <= 4 &&
    list.every((s) => {
      switch (s.t) {
        case "expr":
        case "set":
          return !makesFunction(s.e);
        case "if":
          return !makesFunction(s.test) && isSmall(s.yes) && isSmall(s.no);
        default:
          return false;
      }
    })
  );
}

function makesFunction(e: Node): boolean {
  if (isFunction(e) || e.type === "ClassExpression") return true;
  let found = false;
  eachChild(e, (child) => {
    found ||= makesFunction(child);
  });
  return found;
}
