/**
 * Which functions can suspend, which calls are safepoints, and how each variable is kept.
 *
 * Marks: `call.$sp` = a safepoint; `call.$bar` = may suspend where nothing can be captured, so it is checked loudly;
 * `node.$has` = a safepoint lies inside. The rule for anything unknown is: it may suspend.
 */
import { eachChild, isFunction, loops, type Node } from "./ast.ts";
import { isConstant, isLate } from "./print/shape.ts";
import { type Binding, type Fn, treeOf } from "./binding.ts";
import { gortImport, isFrom, isLeaf, knownFunction, leafGlobals, makesPlain } from "./callee.ts";
import { markGiven } from "./given.ts";
import { linkParents } from "./intrinsics.ts";
import { inHead, keep, keepInBlocks, statementsOf } from "./keep.ts";
import { mapParameters } from "./mapped.ts";
import { nameBindings } from "./names.ts";
import { swappedName } from "./natives.ts";
import { markRecursive } from "./recursion.ts";
import { markShort } from "./short.ts";
import type { Scopes } from "./scope.ts";

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
  if (waits) markTop(module.node);
  nameBindings(scopes);

  /** A module that awaits at its top waits there for what its calls become, too. */
  function markTop(node: Node): void {
    if (isFunction(node)) return;
    if (node.type === "ChainExpression") {
      markChain(node.expression as Node);
      return;
    }
    if (node.type === "CallExpression" || node.type === "NewExpression" || node.type === "TaggedTemplateExpression") {
      const callee = (node.type === "TaggedTemplateExpression" ? node.tag : node.callee) as Node;
      const known = knownFunction(callee, node.type === "NewExpression");
      const suspends = known === null ? !isLeaf(callee, node) && !isFrom(leaves, callee) : known.suspendable;
      if (suspends) scopes.waits = node.$top = true;
    }
    eachTopChild(node, markTop);
  }

  /** A link that `?.` may skip is not taken out of its chain; what stands before, and what it is given, is. */
  function markChain(e: Node): void {
    if (e.type !== "CallExpression" && e.type !== "MemberExpression") {
      markTop(e);
      return;
    }
    const before = (e.type === "CallExpression" ? e.callee : e.object) as Node;
    if (!isSkipped(e)) {
      markTop(e);
      return;
    }
    markChain(before);
    if (e.type === "CallExpression") for (const a of e.arguments as Node[]) markTop(a);
    else if (e.computed === true) markTop(e.property as Node);
  }

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

/** Whether a link of a chain, or one before it, stands behind `?.`. */
function isSkipped(link: Node): boolean {
  for (let e = link; e.type === "CallExpression" || e.type === "MemberExpression";) {
    if (e.optional === true) return true;
    e = (e.type === "CallExpression" ? e.callee : e.object) as Node;
  }
  return false;
}

/** By which a file is known to need another: Node reads that. */
function isRequire(call: Node): boolean {
  const { callee } = call;
  return callee?.type === "Identifier" && callee.name === "require" && callee.$b === undefined;
}

/** The parts of a node that run where it stands: not the members of classes. */
function eachTopChild(node: Node, visit: (child: Node) => void): void {
  if (node.type === "StaticBlock") return;
  if (node.type === "PropertyDefinition" || node.type === "AccessorProperty") {
    if (node.computed) visit(node.key as Node);
  } else eachChild(node, visit);
}

function awaitsAtTop(node: Node): boolean {
  if (isFunction(node)) return false;
  if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await === true)) return true;
  if (node.type === "VariableDeclaration" && node.kind === "await using") return true;
  let found = false;
  eachTopChild(node, (child) => {
    found ||= awaitsAtTop(child);
  });
  return found;
}

/** What is no barrier where it awaits. */
const ASYNC = "an async function";

/** The functions that are left as they are, because their text is read when they run: whole trees from the module's level down. */
function leftAlone(scopes: Scopes): Map<Fn, string> {
  const all = new Map<Fn, string>();
  // The text of an `eval` may write any of the module's own names.
  if (scopes.evals.length > 0) for (const b of scopes.top.values()) b.writes++;
  for (const [fn, why] of scopes.left) {
    for (const f of treeOf(rootOf(fn))) if (!all.has(f)) all.set(f, why);
  }
  for (const [fn, why] of scopes.left)
    if (byName.test(why))
      for (const f of besides(rootOf(fn), scopes)) if (!all.has(f)) all.set(f, `a function beside ${why}`);
  return all;
}

/** What looks variables up by name. */
const byName = /`(?:eval|with)`$/;

/** All that shares variables of a block at the top of the module with `root`: the block must stay as it is. */
function besides(root: Fn, scopes: Scopes): Fn[] {
  if (root.parent === null) return [];
  const at = statementsOf(root.parent).find((s) => s.start <= root.node.start && root.node.end <= s.end)!;
  const inside = ({ node }: Fn): boolean => at.start <= node.start && node.end <= at.end;
  const roots = scopes.fns.filter((fn) => fn.parent === root.parent && inside(fn));
  return roots.filter((fn) => [...fn.captures].some((b) => !b.module)).flatMap(treeOf);
}

/** The function of the module, or of a wrapper in it, in which it lies. */
function rootOf(fn: Fn): Fn {
  let root = fn;
  while (root.parent !== null && root.parent.kind !== "module") root = root.parent;
  return root;
}

function barrierOf(fn: Fn): string {
  if (isOptedOut(fn)) return 'a function that says "use no gort"';
  if (fn.async && fn.generator) return "an async generator";
  if (fn.async) return ASYNC;
  if (fn.generator) return "a generator";
  if (fn.kind === "getter") return "a getter";
  if (fn.kind === "setter") return "a setter";
  if (isDerived(fn) && fn.superEnd === 0) return "a derived constructor without a plain `super(…);`";
  if (fn.kind === "init") return "a class field or static block";
  return "";
}

function isDerived(fn: Fn): boolean {
  return fn.kind === "constructor" && Boolean(fn.classNode?.superClass);
}

/** Where the statement `super(…);` of a derived constructor ends; 0 where there is none at the top of its body. */
function superEnd(fn: Fn): number {
  if (!isDerived(fn)) return 0;
  const statement = (fn.node.body.body as Node[]).find(
    (s) =>
      s.type === "ExpressionStatement" &&
      s.expression.type === "CallExpression" &&
      s.expression.callee.type === "Super",
  );
  return statement?.end ?? 0;
}

/** The derived constructor whose `this` an arrow function closes over before there is one. */
function earlyThis(fn: Fn): Fn | null {
  if (fn.kind !== "arrow" || !fn.usesThis) return null;
  let owner = fn;
  while (owner.kind === "arrow" && owner.parent !== null) owner = owner.parent;
  if (!isDerived(owner)) return null;
  const end = superEnd(owner);
  return end === 0 || fn.node.start < end ? owner : null;
}

/** Says `"use no gort"`, or lies in a function that does. */
function isOptedOut(fn: Fn): boolean {
  for (let f: Fn | null = fn; f !== null && f.kind !== "module"; f = f.parent) {
    const body = f.node.body as Node | null | undefined;
    if (body?.type !== "BlockStatement") continue;
    for (const { directive } of body.body as Node[]) {
      if (directive === "use no gort") return true;
      if (!directive) break;
    }
  }
  return false;
}

/** What cannot be suspended, as an error says it: "the getter port". */
export function barrierText(fn: Fn): string {
  if (fn.barrier === "" && fn.superEnd > 0) return `the constructor ${fn.name}, before its \`super()\` has returned`;
  const what = fn.barrier === "" ? "top level of a module" : fn.barrier.replace(/^an? /, "");
  return `the ${what}${fn.name === "" ? "" : ` ${fn.name}`}`;
}

/** Marks every node that has a safepoint inside, or must be taken apart as if, not looking into nested functions. */
function markHas(node: Node): boolean {
  if (isFunction(node)) return false;
  // A mark on every node would be a table of its own for each.
  if (node.$has === true) node.$has = false;
  let has = node.$sp === true || (loops.has(node.type) && node.$short !== true) || isStepwise(node);
  if (node.type === "ClassExpression" || node.type === "ClassDeclaration") {
    if (node.superClass !== null && markHas(node.superClass as Node)) has = true;
    for (const m of node.body.body as Node[]) if (m.computed && markHas(m.key as Node)) has = true;
    const b = node.type === "ClassDeclaration" ? (node.id?.$b as Binding | undefined) : undefined;
    if (b?.refs.some((r) => inHead(node, r.node)) === true) has = true;
  } else eachChild(node, markChild, node);
  if (node.type === "VariableDeclaration" && (node.kind === "using" || node.kind === "await using")) has = true;
  if (has) node.$has = true;
  return node.$has === true;
}

function markChild(child: Node, parent: Node): void {
  if (markHas(child)) parent.$has = true;
}

/** The same where nothing can suspend: expressions only, what the engine does not do by itself. */
function markSteps(node: Node): boolean {
  if (isFunction(node)) return false;
  let has = isStepwise(node);
  if (node.type === "ClassExpression" || node.type === "ClassDeclaration") {
    if (node.superClass !== null && markSteps(node.superClass as Node)) has = true;
    for (const m of node.body.body as Node[]) if (m.computed && markSteps(m.key as Node)) has = true;
    // At the top of a module: a function of its head that is made elsewhere is handed the variable, which the name would hide.
    if (node.type === "ClassDeclaration" && isInOwnHead(node)) node.$has = true;
  } else {
    eachChild(node, (child) => {
      if (markSteps(child)) has = true;
    });
  }
  if (/(?:Statement|Declaration|Declarator|SwitchCase|CatchClause)$/.test(node.type)) return false;
  if (has) node.$has = true;
  return has;
}

/** Whether the head of a class in a block that is taken apart mentions it. */
function isInOwnHead(node: Node): boolean {
  const b = node.id?.$b as Binding | undefined;
  return b?.apart === true && b.refs.some((r) => inHead(node, r.node));
}

/** A pattern that writes to a constant or to what may be uninitialised: the engine knows neither in a variable of ours. */
function isStepwise(node: Node): boolean {
  if (node.type === "ObjectPattern")
    return (node.properties as Node[]).some((p) =>
      isChecked((p.type === "RestElement" ? p.argument : p.value) as Node),
    );
  if (node.type === "ArrayPattern")
    return (node.elements as (Node | null)[]).some(
      (e) => e !== null && isChecked((e.type === "RestElement" ? e.argument : e) as Node),
    );
  return false;
}

function isChecked(target: Node): boolean {
  const id = target.type === "AssignmentPattern" ? (target.left as Node) : target;
  return isConstant(id) || isLate(id);
}
