/** `using` and `await using`: what follows in the block, or the loop, then the disposal, whatever the way out. */
import type { Node } from "../ast.ts";
import type { Binding } from "../binding.ts";
import { initialise } from "./binding.ts";
import { lowerTryFinally } from "./control.ts";
import { lowerExpr } from "./expression.ts";
import type { Lowering } from "./lowering.ts";
import { at0, binary, helper, literal, member, ref, undef } from "./node.ts";

export function isUsing(s: Node): boolean {
  return s.type === "VariableDeclaration" && (s.kind === "using" || s.kind === "await using");
}

/** `rest` lowers what comes between the declaration and the disposal. */
export function lowerUsing(l: Lowering, node: Node, rest: () => void): void {
  const awaits = node.kind === "await using";
  const d = (node.declarations as Node[])[0]!;
  const b = d.id.$b as Binding;
  initialise(l, b, lowerExpr(l, d.init as Node));
  const method = l.temp();
  const value = l.temp();
  l.set(value, ref(b));
  l.set(method, at(helper(awaits ? "asyncDisposer" : "disposer", ref(value)), d));
  const more = (node.declarations as Node[]).slice(1);
  const body = (): void => {
    if (more.length > 0) lowerUsing(l, { ...node, declarations: more }, rest);
    else rest();
  };
  const finalizer = (completion: Binding, thrown: Binding): void => {
    const failed = l.temp();
    l.push({
      t: "try",
      body: l.nested(() => dispose(l, node, method, value, awaits)),
      param: failed,
      handler: l.nested(() => {
        l.push({
          t: "if",
          test: binary("===", ref(completion), literal(-1)),
          yes: l.nested(() => l.set(thrown, at(helper("suppressed", ref(failed), ref(thrown)), node))),
          no: l.nested(() => {
            l.set(completion, literal(-1));
            l.set(thrown, ref(failed));
          }),
        });
      }),
      user: false,
      uses: true,
    });
  };
  if (l.fn.generator) lowerInGenerator(l, body, finalizer);
  else lowerTryFinally(l, body, finalizer, true);
}

/** Errors that the runtime makes there stand where the declaration does. */
function at(call: Node, { start }: Node): Node {
  return { ...call, $at: start };
}

function dispose(l: Lowering, node: Node, method: Binding, value: Binding, awaits: boolean): void {
  const suspends = l.fn.suspendable || l.fn.awaits;
  const call: Node = {
    type: "CallExpression",
    callee: member(ref(method), "call", node.start),
    arguments: [ref(value)],
    optional: false,
    start: node.start,
    end: node.end,
    $at: node.start,
    $sp: suspends,
    $has: suspends,
    $bar: !suspends,
  };
  const result = l.temp();
  l.set(result, undef);
  l.push({
    t: "if",
    test: binary("!==", ref(method), undef),
    yes: l.nested(() => l.set(result, lowerExpr(l, call))),
    no: [],
  });
  // Without a method too, as the specification says.
  if (awaits) l.effect({ type: "AwaitExpression", argument: ref(result), ...at0 });
}

/** A generator that is told to return runs its `finally` blocks, and nothing else. */
function lowerInGenerator(l: Lowering, body: () => void, finalizer: (c: Binding, thrown: Binding) => void): void {
  const completion = l.temp();
  const thrown = l.temp();
  const caught = l.temp();
  l.set(completion, literal(0));
  l.push({
    t: "finally",
    body: l.nested(() =>
      l.push({
        t: "try",
        body: l.nested(body),
        param: caught,
        handler: l.nested(() => {
          l.set(completion, literal(-1));
          l.set(thrown, ref(caught));
          l.push({ t: "throw", e: ref(caught), at: 0 });
        }),
        user: false,
        uses: true,
      }),
    ),
    finalizer: l.nested(() => {
      finalizer(completion, thrown);
      l.push({
        t: "if",
        test: binary("===", ref(completion), literal(-1)),
        yes: l.nested(() => l.push({ t: "throw", e: ref(thrown), at: 0 })),
        no: [],
      });
    }),
  });
}
