/** Calls: callee, `this` and arguments in order; optional chains as a block that is left when a link is null. */
import { isFunction, type Node } from "../tree/ast.ts";
import { type Binding } from "../tree/binding.ts";
import { arrayLoop, isArrayLoop, mayLoop } from "./array-loop.ts";
import { isIntrinsicMethod } from "../calls/intrinsics.ts";
import { hasInitial } from "../calls/natives.ts";
import { type Lowering } from "./lowering.ts";
import { at0, binary, called, isFresh, field, helper, literal, native, ref, undef } from "../tree/node.ts";
import { isStable } from "./operands.ts";
import { isSelectOfLiteral, lowerSelect } from "./select.ts";
import { lowerExpr, lowerMember, lowerOperands, lowerTagged, lowerTarget, valueOf } from "./expression.ts";

/** Callee and arguments in order; the result is a call without safepoints in its operands. */
export function lowerCallee(l: Lowering, e: Node): Node {
  const args = e.arguments as Node[];
  const callee = e.callee as Node;
  const argsHave = args.some((a) => a.$has === true);
  if (callee.type === "Super") {
    return { ...e, arguments: lowerOperands(l, args), $has: false };
  }
  if (callee.type === "MemberExpression") {
    if (!argsHave) return { ...e, callee: lowerMember(l, callee), $has: false };
    // Nobody can have changed what a method of the engine's own is, and a constant is what it was.
    if (callee.object.type === "Identifier" && isIntrinsicMethod(callee))
      return { ...e, callee: lowerMember(l, callee), arguments: lowerOperands(l, args), $has: false };
    const at = callee.computed ? e.start : (callee.property.start as number);
    if (callee.object.type === "Super") {
      const f = l.spill(lowerMember(l, callee));
      return {
        ...e,
        callee: called(f, at, calleeText(l, callee)),
        arguments: [{ type: "ThisExpression", ...at0 }, ...lowerOperands(l, args)],
        $has: false,
        $at: at,
      };
    }
    const m = lowerTarget(l, callee, true);
    const f = l.temp();
    l.set(f, m);
    return {
      ...e,
      callee: called(ref(f), at, calleeText(l, callee)),
      arguments: [m.object as Node, ...lowerOperands(l, args)],
      $has: false,
      $at: at,
    };
  }
  if (callee.type === "ChainExpression" && callee.expression.type === "MemberExpression") {
    const [object, f] = fromChain(l, callee);
    return {
      ...e,
      callee: called(f, e.start, calleeText(l, callee)),
      arguments: [object, ...lowerOperands(l, args)],
      $has: false,
      $at: e.start,
    };
  }
  const [f, ...rest] = lowerOperands(l, [callee, ...args]);
  return { ...e, callee: valueOf(l, callee, f!), arguments: rest, $has: false, $at: e.start };
}

/** `super.f` as a callee: its `this` and its value. */
function fromSuper(l: Lowering, callee: Node): [self: Node, f: Node] {
  return [{ type: "ThisExpression", ...at0 }, l.spill(lowerMember(l, callee))];
}

/** (a?.b)(…): the chain ends at the parentheses, its object is still `this`. */
function fromChain(l: Lowering, callee: Node): [self: Node, f: Node] {
  const m = callee.expression as Node;
  if (m.type !== "MemberExpression" || m.object.type === "Super") return [undef, l.spill(lowerExpr(l, callee))];
  const object = l.temp();
  const f = l.temp();
  const label = l.label();
  l.set(object, undef);
  l.set(f, undef);
  const body = l.nested(() => {
    l.set(object, lowerLink(l, m.object as Node, label));
    if (m.optional) unlessNull(l, ref(object), label);
    l.set(f, {
      ...m,
      object: ref(object),
      property: m.computed ? lowerExpr(l, m.property as Node) : m.property,
      optional: false,
      $has: false,
    });
  });
  l.push({ t: "block", label, body });
  return [ref(object), ref(f)];
}

/** A call that is a safepoint, its value to `v`. */
export function lowerCall(l: Lowering, e: Node, v: Binding | null): void {
  if (isSelectOfLiteral(l, e)) {
    lowerSelect(l, e, v);
    return;
  }
  if (e.$swap !== undefined) {
    lowerSwapped(l, e, v);
    return;
  }
  isFresh(e);
  let call: Node;
  if (e.type === "NewExpression") {
    const [callee, ...args] = lowerOperands(l, [e.callee as Node, ...(e.arguments as Node[])]);
    call = { ...e, callee: callee!, arguments: args };
  } else if (e.type === "TaggedTemplateExpression") call = lowerTagged(l, e);
  else call = lowerCallee(l, e);
  pushCall(l, call, v);
}

/**
 * `o.map(f)`, where `map` may be the engine's own: its compiled version then, with the object as the first argument. What
 * is called is read once, before the arguments are evaluated.
 */
function lowerSwapped(l: Lowering, e: Node, v: Binding | null): void {
  const callee = e.callee as Node;
  const f = l.temp();
  let self: Node;
  if (callee.object.type === "Super") {
    self = { type: "ThisExpression", ...at0 };
    l.set(f, lowerMember(l, callee));
  } else {
    const m = lowerTarget(l, callee, true);
    self = m.object as Node;
    l.set(f, m);
  }
  pushSwapped(l, e, self, f, v);
}

/** The rest of it: `f` is what `self` has under the name. */
function pushSwapped(l: Lowering, e: Node, self: Node, f: Binding, v: Binding | null): void {
  const callee = e.callee as Node;
  const name = e.$swap as string;
  const at = callee.computed ? e.start : (callee.property.start as number);
  const callback = (e.arguments as Node[]).some((a) => isFunction(a));
  const args = lowerOperands(l, e.arguments as Node[]).map((a) =>
    a.type === "SpreadElement" ? { ...a, argument: l.spill(a.argument as Node) } : l.spill(a),
  );
  const call: Node = { ...e, $swap: undefined, optional: false, $has: false, $at: at };
  if (!isArrayLoop(name, e.arguments as Node[])) {
    pushVersion(l, call, name, self, f, args, v, callback);
    return;
  }
  const each = (given: Node[], to: Binding): void =>
    pushCall(l, { ...call, callee: args[0]!, arguments: given }, to, false);
  l.push({
    t: "if",
    test: mayLoop(name, self, f),
    yes: l.nested(() => arrayLoop(l, name, self, args, v, each)),
    no: l.nested(() => pushVersion(l, call, name, self, f, args, v, callback)),
  });
}

/** The compiled version of what was read, or what was read. */
function pushVersion(
  l: Lowering,
  call: Node,
  name: string,
  self: Node,
  f: Binding,
  args: Node[],
  v: Binding | null,
  callback: boolean,
): void {
  const callee = call.callee as Node;
  const version = l.temp();
  l.set(version, native(name, ref(f)));
  const given = hasInitial(name) && args.length === 1 ? [...args, field("ABSENT", "$N")] : args;
  l.push({
    t: "if",
    test: binary("!==", ref(version), literal(null)),
    yes: l.nested(() => pushCall(l, { ...call, callee: ref(version), arguments: [self, ...given] }, v, false)),
    no: l.nested(() =>
      pushCall(
        l,
        { ...call, callee: called(ref(f), call.$at as number, calleeText(l, callee)), arguments: [self, ...args] },
        v,
        callback,
      ),
    ),
  });
}

/** A name that certainly means a function of this module. */
function isKnownFunction(e: Node): boolean {
  const b = e.type === "Identifier" ? (e.$b as Binding | undefined) : undefined;
  if (b === undefined || b.writes > 0) return false;
  return b.kind === "function" || (b.kind === "const" && b.init !== null && isFunction(b.init));
}

/** How an error names what is no function. */
function calleeText(l: Lowering, callee: Node): string {
  return l.source.text
    .slice(callee.start, callee.end)
    .replace(/\((?:[^()]|\([^()]*\))*\)/g, "(...)")
    .replace(/[!?](?=\.)/g, "");
}

export function pushCall(
  l: Lowering,
  call: Node,
  v: Binding | null,
  callback: boolean = (call.arguments as Node[]).some((a) => isFunction(a) || isKnownFunction(a)),
): void {
  const asked = callback || call.$foreign === true;
  let via: Node | null = null;
  // While a spread is iterated the engine says that the caller stands at its call: that would look like a safepoint.
  const args = (call.arguments as Node[]).map((a) =>
    a.type === "SpreadElement" ? { ...a, argument: helper("spread", a.argument as Node) } : a,
  );
  let e: Node = { ...call, arguments: args, $sp: false, $has: false, $checked: true };
  if (asked) {
    // Who is called must be asked about if it suspends, so it is kept where asking costs nothing, and runs nothing a second time.
    const callee = e.callee as Node;
    // What is made in place is of the program's own, and is made once; `(a?.b)()` keeps its `this`: nobody is asked.
    const unasked = callee.type === "ChainExpression" || callee.type === "ClassExpression" || isFunction(callee);
    if (callee.$called === undefined && callee.type === "MemberExpression")
      e = {
        ...e,
        callee: {
          ...callee,
          object: isStable(callee.object as Node) ? callee.object : l.spill(callee.object as Node),
          property:
            callee.computed && !isStable(callee.property as Node) ? l.spill(callee.property as Node) : callee.property,
        },
      };
    else if (!unasked && callee.type !== "Identifier" && callee.type !== "Super" && callee.type !== "MemberExpression")
      e = { ...e, callee: l.spill(callee) };
    const now = e.callee as Node;
    // `f.call`, `f.apply`, `Reflect.apply(f, …)`: these leave no activation, it is `f` that must be one that can suspend.
    const [first, ...others] = e.arguments as Node[];
    via = now.type === "Super" || unasked ? null : now;
    if (now.$called !== undefined) {
      via = now.$called as Node;
      if (isStable(first!)) via = helper("target", via, first!);
    } else if (
      via?.type === "MemberExpression" &&
      via.object.type !== "Super" &&
      via.property.type !== "PrivateIdentifier"
    ) {
      const name = via.computed ? "" : (via.property.name as string);
      const f = via.object as Node;
      via = helper("peek", f, via.computed ? (via.property as Node) : literal(name));
      if (callee.object.name === "Reflect" && callee.object.$b === undefined && first !== undefined && name !== "") {
        const f = first.type === "SpreadElement" ? first : l.spill(first);
        e = { ...e, arguments: [f, ...others] };
        if (f.type !== "SpreadElement") via = helper("target", via, f);
      } else if (name === "call" || name === "apply") via = helper("target", via, f);
    }
    if (via !== null && !callback) via = { ...via, $foreign: true };
  }
  l.push({ t: "call", v, e, via, fresh: isFresh(call), flagOnly: asked || isFresh(call), pc: 0 });
}

/** `a?.b(c)?.d`: a labelled block that is left when a link is null. */
export function lowerChain(l: Lowering, e: Node): Node {
  const result = l.temp();
  const label = l.label();
  l.set(result, undef);
  const body = l.nested(() => l.set(result, lowerLink(l, e.expression as Node, label)));
  l.push({ t: "block", label, body });
  return ref(result);
}

export function lowerLink(l: Lowering, e: Node, label: string): Node {
  if (e.type === "MemberExpression") {
    let object = e.object.type === "Super" ? (e.object as Node) : lowerLink(l, e.object as Node, label);
    if (e.optional) object = unlessNull(l, object, label);
    if (!e.computed) return { ...e, object, optional: false, $has: false };
    if (e.property.$has === true && object.type !== "Super") object = l.spill(object);
    return { ...e, object, property: lowerExpr(l, e.property as Node), optional: false, $has: false };
  }
  if (e.type === "CallExpression") {
    const callee = e.callee as Node;
    isFresh(e);
    let call: Node;
    if (callee.type === "MemberExpression" && callee.object.type !== "Super") {
      let object = l.spill(lowerLink(l, callee.object as Node, label));
      if (callee.optional) object = unlessNull(l, object, label);
      const property = callee.computed ? l.spill(lowerExpr(l, callee.property as Node)) : callee.property;
      const m: Node = { ...callee, object, property, optional: false, $has: false };
      if (e.$swap !== undefined) {
        let f = l.temp();
        l.set(f, m);
        if (e.optional) f = unlessNull(l, ref(f), label).$b as Binding;
        const t = l.temp();
        pushSwapped(l, e, object, f, t);
        return ref(t);
      }
      const at = callee.computed ? e.start : (callee.property.start as number);
      if (e.optional || (e.arguments as Node[]).some((a) => a.$has === true)) {
        let f = l.temp();
        l.set(f, m);
        if (e.optional) f = unlessNull(l, ref(f), label).$b as Binding;
        call = {
          ...e,
          callee: called(ref(f), at, calleeText(l, callee)),
          arguments: [object, ...lowerOperands(l, e.arguments as Node[])],
          optional: false,
          $has: false,
          $at: at,
        };
      } else call = { ...e, callee: m, optional: false, $has: false, $at: at };
    } else if (e.optional && (callee.type === "MemberExpression" || callee.type === "ChainExpression")) {
      // super.f?.(…) and (a?.b)?.(…) keep their `this`.
      const [self, f] = callee.type === "MemberExpression" ? fromSuper(l, callee) : fromChain(l, callee);
      const found = unlessNull(l, f, label);
      call = {
        ...e,
        callee: called(found, e.start, calleeText(l, callee)),
        arguments: [self, ...lowerOperands(l, e.arguments as Node[])],
        optional: false,
        $has: false,
        $at: e.start,
      };
    } else {
      let f = valueOf(l, callee, lowerLink(l, callee, label));
      if (e.optional) f = unlessNull(l, f, label);
      else if ((e.arguments as Node[]).some((a) => a.$has === true)) f = l.spill(f);
      call = {
        ...e,
        callee: f,
        arguments: lowerOperands(l, e.arguments as Node[]),
        optional: false,
        $has: false,
        $at: e.start,
      };
    }
    if (e.$sp !== true) return call;
    const t = l.temp();
    pushCall(l, call, t);
    return ref(t);
  }
  return lowerExpr(l, e);
}

export function unlessNull(l: Lowering, e: Node, label: string): Node {
  const t = l.temp();
  l.set(t, e);
  l.push({
    t: "if",
    test: binary("==", ref(t), literal(null)),
    yes: l.nested(() => l.push({ t: "break", label })),
    no: [],
  });
  return ref(t);
}
