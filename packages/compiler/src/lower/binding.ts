/** Declarations, destructuring and defaults: how a name gets its value. */
import type { Node } from "../tree/ast.ts";
import { type Binding } from "../tree/binding.ts";
import { keyName, patternNames } from "../tree/pattern.ts";
import { type Lowering } from "./lowering.ts";
import { assign, at0, binary, boxOf, helper, literal, not, rawHelper, ref, undef } from "../tree/node.ts";
import { lowerCall } from "./call.ts";
import { isSelectOfLiteral, lowerSelectVariable } from "./select.ts";
import { lowerExpr, lowerTarget } from "./expression.ts";

export function applyDefault(l: Lowering, value: Binding, init: Node): void {
  l.push({
    t: "if",
    test: binary("===", ref(value), undef),
    yes: l.nested(() => l.set(value, lowerExpr(l, init))),
    no: [],
  });
}

/** Initialises a declared variable. */
export function initialise(l: Lowering, b: Binding, e: Node): void {
  if (!b.boxed) l.set(b, e);
  else if (b.early || b.kind === "var") l.push({ t: "expr", e: assign({ ...ref(b), $decl: true }, e) });
  else l.set(b, boxOf(e));
}

export function lowerDeclaration(l: Lowering, node: Node): void {
  for (const d of node.declarations as Node[]) {
    const id = d.id as Node;
    if (d.init === null) {
      if (node.kind !== "var") initialise(l, id.$b as Binding, undef);
      continue;
    }
    const init = d.init as Node;
    if (id.type !== "Identifier") {
      bindPattern(l, id, lowerExpr(l, init));
      continue;
    }
    const b = id.$b as Binding;
    if (b.module) {
      l.effect(assign(id, lowerExpr(l, init)));
      continue;
    }
    if (isSelectOfLiteral(l, init) && lowerSelectVariable(l, b, init)) continue;
    if (init.$sp === true && !b.boxed && !b.tdz && node.kind !== "var") {
      lowerCall(l, init, b);
      continue;
    }
    initialise(l, b, lowerExpr(l, init));
  }
}

/** Destructures `value` into declared names (or assignment targets). */
export function bindPattern(l: Lowering, pattern: Node, value: Node): void {
  if (pattern.type === "Identifier") {
    initialise(l, pattern.$b as Binding, value);
    return;
  }
  if (pattern.$has !== true) {
    patternNames(pattern, (id) => {
      const b = id.$b as Binding | undefined;
      if (b !== undefined && !b.module && b.boxed && !b.early && id.$decl === true && b.kind !== "var")
        l.set(b, boxOf(undef));
    });
    l.effect(assign(pattern, value));
    return;
  }
  if (pattern.type === "ArrayPattern") bindArray(l, pattern, value);
  else bindObject(l, pattern, value);
}

/** Step by step, as the language has it: key, target, value, default, then the write. */
function bindObject(l: Lowering, pattern: Node, value: Node): void {
  const object = l.spill(value);
  const first = (pattern.properties as Node[])[0];
  // As V8 has it: reading the first property says that the value is no object, unless its key comes before.
  if (first === undefined || first.type === "RestElement" || first.computed === true)
    l.push({ t: "expr", e: helper("object", object) });
  const seen: Node[] = [];
  for (const p of pattern.properties as Node[]) {
    if (p.type === "RestElement") {
      const target = targetOf(l, p.argument as Node);
      store(l, target, helper("rest", object, { type: "ArrayExpression", elements: seen, ...at0 }));
      continue;
    }
    let key = p.key as Node;
    if (p.computed) key = l.spill(helper("key", lowerExpr(l, key)));
    seen.push(p.computed ? key : literal(keyName(p)));
    const hasDefault = p.value.type === "AssignmentPattern";
    const target = targetOf(l, (hasDefault ? p.value.left : p.value) as Node);
    const read: Node = {
      type: "MemberExpression",
      object,
      property: key,
      computed: p.computed || key.type !== "Identifier",
      optional: false,
      start: p.start,
      end: p.end,
    };
    if (!hasDefault) {
      store(l, target, read);
      continue;
    }
    const t = l.temp();
    l.set(t, read);
    applyDefault(l, t, p.value.right as Node);
    store(l, target, ref(t));
  }
}

/** Step by step, because a default may suspend between two steps; the iterator is closed however this ends. */
function bindArray(l: Lowering, pattern: Node, value: Node): void {
  const it = l.temp();
  const done = l.temp();
  const failed = l.temp();
  l.set(it, helper("elements", value));
  l.set(done, literal(false));
  // While stepping, an exception is the iterator's own and does not close it.
  const begin = (): Binding => {
    const was = l.temp();
    l.set(was, ref(done));
    l.set(done, literal(true));
    return was;
  };
  const step = (rest: boolean): Node => {
    const t = l.temp();
    const was = begin();
    if (rest) {
      l.set(t, helper("remaining", ref(it), ref(was)));
      return ref(t);
    }
    l.set(t, helper("element", ref(it), ref(was)));
    l.set(done, binary("===", ref(t), rawHelper("END")));
    l.push({ t: "if", test: ref(done), yes: l.nested(() => l.set(t, undef)), no: [] });
    return ref(t);
  };
  const body = l.nested(() => {
    for (const e of pattern.elements as (Node | null)[]) {
      if (e === null) {
        const was = begin();
        l.set(done, helper("skip", ref(it), ref(was)));
        continue;
      }
      if (e.type === "RestElement") {
        const target = targetOf(l, e.argument as Node);
        store(l, target, step(true));
        continue;
      }
      const hasDefault = e.type === "AssignmentPattern";
      const target = targetOf(l, hasDefault ? (e.left as Node) : e);
      const v = step(false);
      if (hasDefault) applyDefault(l, v.$b as Binding, e.right as Node);
      store(l, target, v);
    }
  });
  l.push({
    t: "try",
    body,
    param: failed,
    handler: l.nested(() => {
      l.push({
        t: "if",
        test: not(ref(done)),
        yes: l.nested(() => l.push({ t: "expr", e: helper("closeQuietly", ref(it)) })),
        no: [],
      });
      l.push({ t: "throw", e: ref(failed), at: pattern.start });
    }),
    user: false,
    uses: true,
  });
  l.push({
    t: "if",
    test: not(ref(done)),
    yes: l.nested(() => l.push({ t: "expr", e: helper("close", ref(it)) })),
    no: [],
  });
}

/** What a value goes to, its object and key evaluated; patterns and names are evaluated when they are written. */
function targetOf(l: Lowering, target: Node): Node {
  return target.type === "MemberExpression" ? lowerTarget(l, target, true) : target;
}

function store(l: Lowering, target: Node, value: Node): void {
  if (target.type === "Identifier" && target.$decl === true) initialise(l, target.$b as Binding, value);
  else if (target.type === "ObjectPattern" || target.type === "ArrayPattern") bindPattern(l, target, value);
  else l.effect(assign(target, value));
}
