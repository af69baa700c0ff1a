/**
 * Which functions can suspend, which calls are safepoints, and how each variable is kept.
 *
 * Marks: `call.$sp` = a safepoint; `call.$bar` = may suspend where nothing can be captured, so it is checked loudly;
 * `node.$has` = a safepoint lies inside. The rule for anything unknown is: it may suspend.
 */
import { eachChild, isFunction, loops, type Node } from "../tree/ast.ts";
import { type Fn, treeOf } from "../tree/binding.ts";
import { gortImport, isFrom, isLeaf, knownFunction, leafGlobals, makesPlain } from "../calls/callee.ts";
import { markGiven } from "./given.ts";
import { linkParents } from "../calls/intrinsics.ts";
import { keep, keepInBlocks, statementsOf } from "./keep.ts";
import { mapParameters } from "./mapped.ts";
import { nameBindings } from "../scope/names.ts";
import { swappedName } from "../calls/natives.ts";
import { markRecursive } from "./recursion.ts";
import { ASYNC, barrierOf, earlyThis, leftAlone, rootOf, superEnd } from "./reason.ts";
import { markShort } from "./short.ts";
import { markHas, markSteps } from "./steps.ts";
import { awaitsAtTop, markTop } from "./top.ts";
import type { Scopes } from "../scope/resolution.ts";

interface Facts {
  loops: boolean;
  /** `for … of`: it may be over a channel. */
  steps: boolean;
  unknown: boolean;
  /** What disposes is called by nobody in the text. */
  using: boolean;
  knownCalls: { call: Node; callee: Fn }[];
  unknownCalls: Node[];
}

/** `leaves`: modules whose exports never suspend. */
export function analyze(scopes: Scopes, leaves: readonly string[] = []): void {
  for (const name of scopes.listeners) {
    const listener = knownFunction(name, false);
    if (listener !== null) listener.node.$engine = true;
  }
  markGiven(scopes.module.node, gortImport);
  markShort(scopes.module.node);
  const facts = new Map<Fn, Facts>();
  const wrappers = scopes.wrappers.map((w) => w.fn);
  linkParents(scopes.module.node, [scopes.module, ...wrappers, ...scopes.fns]);
  for (const fn of scopes.fns) {
    const owner = earlyThis(fn);
    if (owner !== null)
      scopes.left.set(owner, "a derived constructor that makes arrow functions with `this` ahead of `super()`");
  }
  const seen = leftAlone(scopes);
  for (const fn of scopes.fns) {
    fn.superEnd = superEnd(fn);
    fn.barrier = seen.get(fn) ?? barrierOf(fn);
    facts.set(fn, collect(fn));
  }
  markRecursive(scopes.module, [...wrappers, ...scopes.fns]);
  // Least fixpoint: what can suspend makes its callers able to.
  for (const fn of scopes.fns) {
    const f = facts.get(fn)!;
    fn.suspendable = fn.barrier === "" && (f.loops || f.unknown || f.using || fn.recursive);
  }
  for (let changed = true; changed;) {
    changed = false;
    for (const fn of scopes.fns) {
      if (fn.suspendable || fn.barrier !== "") continue;
      const { knownCalls } = facts.get(fn)!;
      if (knownCalls.some((c) => c.callee.suspendable && c.call.start >= fn.superEnd)) changed = fn.suspendable = true;
    }
  }
  for (const fn of scopes.fns) {
    const f = facts.get(fn)!;
    // An async generator hands out values in between: it stays a barrier.
    fn.awaits =
      fn.barrier === ASYNC &&
      (f.unknown || f.steps || f.using || f.knownCalls.some(({ callee }) => callee.suspendable));
    const mark = fn.suspendable || fn.awaits ? "$sp" : "$bar";
    const marked = [...f.unknownCalls, ...f.knownCalls.filter((c) => c.callee.suspendable).map((c) => c.call)];
    for (const call of marked) call[call.start < fn.superEnd ? "$bar" : mark] = true;
    if (!fn.suspendable && !fn.awaits) continue;
    for (const call of f.unknownCalls) {
      if (call.$sp !== true) continue;
      const name = swappedName(call, (global) => leafGlobals.has(global));
      if (name === "") continue;
      call.$swap = name;
      fn.swaps = true;
      scopes.swaps = true;
    }
  }
  // A goroutine may `require` the module, unless that waits itself.
  const waits = awaitsAtTop(scopes.module.node);
  if (!waits)
    for (const fn of [scopes.module, ...wrappers]) {
      const { knownCalls, unknownCalls } = collect(fn);
      const suspending = knownCalls.filter((c) => c.callee.suspendable).map((c) => c.call);
      for (const call of [...unknownCalls, ...suspending]) if (!isRequire(call)) call.$bar = true;
    }
  for (const fn of scopes.fns) {
    if (fn.parent?.kind !== "module") continue;
    const tree = treeOf(fn);
    const converted = !seen.has(fn) && tree.some((f) => f.suspendable || f.awaits || facts.get(f)!.using);
    for (const f of tree) f.converted = converted;
  }
  const module = scopes.module;
  for (const fn of [module, ...wrappers])
    keepInBlocks(fn, (inside) => {
      const root = rootOf(inside);
      if (!seen.has(root)) for (const f of treeOf(root)) f.converted = true;
    });
  for (const fn of scopes.fns)
    if (fn.converted) {
      for (const b of fn.bindings) if (!b.module) keep(b);
      mapParameters(fn);
    }
  for (const fn of scopes.fns) {
    const { node } = fn;
    const parts =
      fn.kind === "init"
        ? node.type === "StaticBlock"
          ? (node.body as Node[])
          : [node.value as Node]
        : [...node.params, node.body];
    if (fn.suspendable || fn.awaits) for (const part of parts) markHas(part);
    else if (fn.converted) for (const part of parts) markSteps(part);
  }
  for (const fn of [module, ...wrappers]) for (const s of statementsOf(fn)) markSteps(s);
  if (waits) markTop(module.node, scopes, leaves);
  nameBindings(scopes);

  function collect(fn: Fn): Facts {
    const f: Facts = { loops: false, steps: false, unknown: false, using: false, knownCalls: [], unknownCalls: [] };
    const node = fn.node;
    const walk = (n: Node): void => {
      if (isFunction(n) || n.type === "StaticBlock") return;
      if (n.type === "PropertyDefinition") {
        if (n.computed) walk(n.key as Node);
        return;
      }
      const isUsing = n.type === "VariableDeclaration" && (n.kind === "using" || n.kind === "await using");
      if ((loops.has(n.type) || isUsing) && n.start < fn.superEnd)
        fn.barrier = "a derived constructor with a loop before `super()`";
      if (loops.has(n.type) && n.$short !== true) f.loops = true;
      if (n.type === "ForOfStatement" && n.await !== true) f.steps = true;
      if (isUsing) f.using = true;
      if (n.type === "CallExpression" || n.type === "NewExpression" || n.type === "TaggedTemplateExpression") {
        const callee = (n.type === "TaggedTemplateExpression" ? n.tag : n.callee) as Node;
        if (callee.type === "Super" && fn.superEnd > 0 && n.start >= fn.superEnd)
          fn.barrier = "a derived constructor that calls `super()` again";
        const known = knownFunction(callee, n.type === "NewExpression");
        if (known !== null) f.knownCalls.push({ call: n, callee: known });
        else if (!isLeaf(callee, n) && !isFrom(leaves, callee) && !makesPlain(n)) {
          if (n.start >= fn.superEnd) f.unknown = true;
          f.unknownCalls.push(n);
        }
      }
      eachChild(n, walk);
    };
    if (node.type === "StaticBlock" || node.type === "Program") for (const s of node.body as Node[]) walk(s);
    else if (node.type === "PropertyDefinition") walk(node.value as Node);
    else {
      for (const p of node.params as Node[]) walk(p);
      if (node.body.type === "BlockStatement") for (const s of node.body.body as Node[]) walk(s);
      else walk(node.body as Node);
    }
    return f;
  }
}

/** By which a file is known to need another: Node reads that. */
function isRequire(call: Node): boolean {
  const { callee } = call;
  return callee?.type === "Identifier" && callee.name === "require" && callee.$b === undefined;
}
