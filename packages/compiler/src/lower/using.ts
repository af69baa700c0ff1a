/** `using` and `await using`: what follows in the block, or the loop, then the disposal, whatever the way out. */
import type { Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { initialise } from "./binding.ts";
import { lowerTryFinally } from "./finally.ts";
import { lowerExpr } from "./expression.ts";
import type { Lowering } from "./lowering.ts";
import { at0, binary, helper, literal, member, ref, undef } from "../tree/node.ts";

export function isUsing(s: Node): boolean {
  return s.type === "VariableDeclaration" && (s.kind === "using" || s.kind === "await using");
}

/** `rest` lowers what comes between the declaration and the disposal. */
export function lowerUsing(l: Lowering, node: Node, rest: () => void): void {
  const awaits = node.kind === "await using";
  const d = (node.declarations as Node[])[0]!;
  const b = d.id.$b as Binding;
  const method = l.temp();
  const value = l.temp();
  // A getter of the method, and disposers that run because it is none, find the variable uninitialised.
  if (b.tdz) l.set(value, lowerExpr(l, d.init as Node));
  else {
    initialise(l, b, lowerExpr(l, d.init as Node));
    l.set(value, ref(b));
  }
  l.set(method, at(helper(awaits ? "asyncDisposer" : "disposer", ref(value)), d));
  let fallback: Binding | null = null;
  if (awaits) {
    const other = (fallback = l.temp());
    l.set(other, undef);
    l.push({
      t: "if",
      test: binary("===", ref(method), undef),
      yes: l.nested(() => l.set(other, at(helper("disposer", ref(value)), d))),
      no: [],
    });
  }
  if (b.tdz) initialise(l, b, ref(value));
  const more = (node.declarations as Node[]).slice(1);
  const body = (): void => {
    if (more.length > 0) lowerUsing(l, { ...node, declarations: more }, rest);
    else rest();
  };
  const finalizer = (completion: Binding, thrown: Binding): void => {
    const failed = l.temp();
    l.push({
      t: "try",
      body: l.nested(() => dispose(l, node, method, fallback, value)),
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

/** `fallback`: of `await using`, what is called where there is no method of its own, and not awaited. */
function dispose(l: Lowering, node: Node, method: Binding, fallback: Binding | null, value: Binding): void {
  const suspends = l.fn.suspendable || l.fn.awaits;
  const call = (m: Binding): Node => ({
    type: "CallExpression",
    callee: member(ref(m), "call", node.start),
    arguments: [ref(value)],
    optional: false,
    start: node.start,
    end: node.end,
    $at: node.start,
    $sp: suspends,
    $has: suspends,
    $bar: !suspends,
  });
  const called = (m: Binding, take: () => void): void =>
    l.push({ t: "if", test: binary("!==", ref(m), undef), yes: l.nested(take), no: [] });
  const result = l.temp();
  l.set(result, undef);
  called(method, () => l.set(result, lowerExpr(l, call(method))));
  if (fallback === null) return;
  called(fallback, () => l.effect(lowerExpr(l, call(fallback))));
  // Without a method too, as the specification says.
  l.effect({ type: "AwaitExpression", argument: ref(result), ...at0 });
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
