/**
 * Which functions can suspend, which calls are safepoints, and how each variable is kept.
 *
 * Marks: `call.$sp` = a safepoint; `call.$bar` = may suspend where nothing can be captured, so it is checked loudly;
 * `node.$has` = a safepoint lies inside. The rule for anything unknown is: it may suspend.
 */
import { eachChild, isFunction, type Node } from "./ast.ts";
import { isConstant, isLate } from "./print/shape.ts";
import { type Binding, type Fn, treeOf } from "./binding.ts";
import { markGiven } from "./given.ts";
import { isIntrinsicMethod, linkParents } from "./intrinsics.ts";
import { mapParameters } from "./mapped.ts";
import { nameBindings } from "./names.ts";
import { isNeverFunction, swappedName } from "./natives.ts";
import { markRecursive } from "./recursion.ts";
import { markShort } from "./short.ts";
import type { Scopes } from "./scope.ts";

/** Global functions that never run user code which could block. */
const leafGlobals = new Set(
  (
    "Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError Float32Array Float64Array " +
    "Int16Array Int32Array Int8Array Map Number Object RangeError ReferenceError RegExp Set SharedArrayBuffer String Symbol " +
    "SyntaxError TypeError URIError URL URLSearchParams Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef " +
    "WeakSet AggregateError AbortController TextDecoder TextEncoder decodeURIComponent encodeURIComponent decodeURI encodeURI " +
    "isFinite isNaN parseFloat parseInt setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate " +
    "queueMicrotask structuredClone fetch"
  ).split(" "),
);

/** Global objects whose methods are leaves. */
const leafNamespaces = new Set(
  "Math Number Object JSON String Symbol Date Atomics BigInt console performance process Buffer ArrayBuffer Reflect".split(
    " ",
  ),
);
/** Single ones of others. */
const leafMethods = new Set(["Array.isArray", "Array.of", "ArrayBuffer.isView"]);
/** … except those that call what they are given. */
const callingMethods = new Set([
  "Reflect.apply",
  "Reflect.construct",
  "Object.groupBy",
  "process.emit",
  "Object.defineProperty",
]);

/** What `gort` exports that neither parks nor calls back. */
const leafGort = new Set(
  (
    "go chan nilChan onRecv onSend onDefault onTimeout sending timeout otherwise numGoroutine numCPU gomaxprocs setName stats " +
    "stack setMaxStack lockOSThread unlockOSThread after afterFunc WaitGroup Mutex RWMutex Cond Once Semaphore Group Timer Ticker " +
    "Pool AtomicInt SingleFlight background todo withCancel withCancelCause withTimeout withDeadline withValue withoutCancel " +
    "contextAfterFunc fromSignal"
  ).split(" "),
);

const loops = new Set(["ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement"]);

interface Facts {
  loops: boolean;
  /** `for … of`: it may be over a channel. */
  steps: boolean;
  unknown: boolean;
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
  linkParents(scopes.module.node, [scopes.module, ...scopes.fns]);
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
  markRecursive(scopes.module, scopes.fns);
  // Least fixpoint: what can suspend makes its callers able to.
  for (const fn of scopes.fns) {
    const f = facts.get(fn)!;
    fn.suspendable = fn.barrier === "" && (f.loops || f.unknown || fn.recursive);
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
    fn.awaits = fn.barrier === ASYNC && (f.unknown || f.steps || f.knownCalls.some(({ callee }) => callee.suspendable));
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
  for (const fn of scopes.fns) {
    if (fn.parent?.kind !== "module") continue;
    const tree = treeOf(fn);
    const converted = !seen.has(fn) && tree.some((f) => f.suspendable || f.awaits || facts.get(f)!.using);
    for (const f of tree) f.converted = converted;
  }
  const module = scopes.module;
  keepInBlocks(module);
  for (const fn of scopes.fns)
    if (fn.converted) {
      for (const b of fn.bindings) if (!b.module) keep(b);
      mapParameters(fn);
    }
  for (const fn of scopes.fns) {
    const { node } = fn;
    const parts =
      fn.kind === "init" ? (node.type === "StaticBlock" ? (node.body as Node[]) : []) : [...node.params, node.body];
    if (fn.suspendable || fn.awaits) for (const part of parts) markHas(part);
    else if (fn.converted) for (const part of parts) markSteps(part);
  }
  for (const s of module.node.body as Node[]) markSteps(s);
  if (awaitsAtTop(module.node)) markTop(module.node);
  nameBindings(scopes);

  /** A module that awaits at its top waits there for what its calls become, too. */
  function markTop(node: Node): void {
    // A link of a chain is left at `?.`: it is not taken out.
    if (isFunction(node) || node.type === "ChainExpression") return;
    if (node.type === "CallExpression" || node.type === "NewExpression") {
      const callee = node.callee as Node;
      const known = knownFunction(callee, node.type === "NewExpression");
      const suspends = known === null ? !isLeaf(callee, node) && !isFrom(leaves, callee) : known.suspendable;
      if (suspends) scopes.waits = node.$top = true;
    }
    eachTopChild(node, markTop);
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
    if (node.type === "StaticBlock") for (const s of node.body as Node[]) walk(s);
    else if (node.type === "PropertyDefinition") walk(node.value as Node);
    else {
      for (const p of node.params as Node[]) walk(p);
      if (node.body.type === "BlockStatement") for (const s of node.body.body as Node[]) walk(s);
      else walk(node.body as Node);
    }
    return f;
  }
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
    let root = fn;
    while (root.parent !== null && root.parent.kind !== "module") root = root.parent;
    for (const f of treeOf(root)) if (!all.has(f)) all.set(f, why);
  }
  return all;
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

/** The function of this module a callee certainly is, or null. */
function knownFunction(callee: Node, isNew: boolean): Fn | null {
  if (callee.type !== "Identifier") return null;
  const b = callee.$b as Binding | undefined;
  if (b === undefined || b.writes > 0) return null;
  if (isNew) return b.kind === "class" ? constructorOf(b) : null;
  if (b.kind === "function" && b.node !== null) return b.node.$fn as Fn;
  if (b.kind === "const" && b.init !== null && isFunction(b.init)) return b.init.$fn as Fn;
  return null;
}

/** The constructor a class of this module has in its text. Of a derived class too: until `super()` has returned it is a barrier. */
function constructorOf(b: Binding): Fn | null {
  const own = (b.node!.body.body as Node[]).find((m) => m.type === "MethodDefinition" && m.kind === "constructor");
  return own === undefined ? null : (own.value.$fn as Fn);
}

/** `new` of a class of this module that runs no constructor which could suspend: field initialisers are barriers. */
function makesPlain(call: Node): boolean {
  const callee = call.callee as Node | undefined;
  const b =
    call.type === "NewExpression" && callee!.type === "Identifier" ? (callee!.$b as Binding | undefined) : undefined;
  if (b?.kind !== "class" || b.writes > 0 || constructorOf(b) !== null) return false;
  const parent = b.node!.superClass as Node | null;
  return (
    parent === null ||
    (parent.type === "Identifier" && parent.$b === undefined && leafGlobals.has(parent.name as string))
  );
}

/** The export of gort an expression certainly is: `go`, `gort.go`, `(0, gort.go)`; empty for anything else. */
export function gortImport(node: Node): string {
  if (node.type === "SequenceExpression") {
    const [first, second, ...more] = node.expressions as Node[];
    return first!.type === "Literal" && more.length === 0 ? gortImport(second!) : "";
  }
  if (node.type === "MemberExpression")
    return !node.computed && node.object.type === "Identifier" && gortName(node.object as Node) === "*"
      ? (node.property.name as string)
      : "";
  const name = gortName(node);
  return name === "*" ? "" : name;
}

function gortName(node: Node): string {
  const b = node.type === "Identifier" ? (node.$b as Binding | undefined) : undefined;
  if (b === undefined || b.gort === "") return "";
  const fixed = b.kind === "import" || b.kind === "const" || (b.kind === "var" && b.writes === 1);
  return fixed ? b.gort : "";
}

function isFrom(modules: readonly string[], callee: Node): boolean {
  const b = callee.type === "Identifier" ? (callee.$b as Binding | undefined) : undefined;
  return b?.kind === "import" && modules.includes(b.node?.$from as string);
}

function isLeaf(callee: Node, call: Node): boolean {
  if (callee.type === "$Field") return true;
  if (callee.type === "Identifier") {
    if (callee.$b === undefined) return leafGlobals.has(callee.name as string);
    return leafGort.has(gortImport(callee));
  }
  if (leafGort.has(gortImport(callee))) return true;
  if (call.type === "CallExpression" && isIntrinsicMethod(callee)) return true;
  if (callee.type === "MemberExpression" && !callee.computed && callee.object.type === "Identifier") {
    const o = callee.object as Node;
    if (o.$b !== undefined || call.type === "NewExpression") return false;
    const name = callee.property.name as string;
    // With a reviver or a replacer it calls back.
    if (o.name === "JSON" && call.arguments[1] !== undefined) return isNeverFunction(call.arguments[1] as Node);
    const full = `${o.name}.${name}`;
    return leafMethods.has(full) || (leafNamespaces.has(o.name as string) && !callingMethods.has(full));
  }
  return false;
}

/** Marks every node that has a safepoint inside, or must be taken apart as if, not looking into nested functions. */
function markHas(node: Node): boolean {
  if (isFunction(node)) return false;
  let has = node.$sp === true || (loops.has(node.type) && node.$short !== true) || isStepwise(node);
  if (node.type === "ClassExpression" || node.type === "ClassDeclaration") {
    if (node.superClass !== null && markHas(node.superClass as Node)) has = true;
    for (const m of node.body.body as Node[]) if (m.computed && markHas(m.key as Node)) has = true;
    const b = node.type === "ClassDeclaration" ? (node.id?.$b as Binding | undefined) : undefined;
    if (b?.refs.some((r) => inHead(node, r.node)) === true) has = true;
  } else {
    eachChild(node, (child) => {
      if (markHas(child)) has = true;
    });
  }
  if (node.type === "VariableDeclaration" && (node.kind === "using" || node.kind === "await using")) has = true;
  node.$has = has;
  return has;
}

/** The same where nothing can suspend: expressions only, what the engine does not do by itself. */
function markSteps(node: Node): boolean {
  if (isFunction(node)) return false;
  let has = isStepwise(node);
  if (node.type === "ClassExpression" || node.type === "ClassDeclaration") {
    if (node.superClass !== null && markSteps(node.superClass as Node)) has = true;
    for (const m of node.body.body as Node[]) if (m.computed && markSteps(m.key as Node)) has = true;
  } else {
    eachChild(node, (child) => {
      if (markSteps(child)) has = true;
    });
  }
  if (/(?:Statement|Declaration|Declarator|SwitchCase|CatchClause)$/.test(node.type)) return false;
  if (has) node.$has = true;
  return has;
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

/** The function directly inside `owner` in which `fn` lies. */
function childOf(owner: Fn, fn: Fn): Fn {
  let f = fn;
  while (f.parent !== owner && f.parent !== null) f = f.parent;
  return f;
}

/** A function reached through its own constant needs no capture of it, unless it has a name of its own besides. */
function isOwnConstant(b: Binding, fn: Fn): boolean {
  return b.kind === "const" && b.init === fn.node && b.writes === 0 && !fn.node.id;
}

/**
 * The variables of blocks at the top of the module: only where functions that are lifted out capture some is the statement taken
 * apart; all others are the engine's.
 */
function keepInBlocks(module: Fn): void {
  const statements = module.node.body as Node[];
  const statementOf = (b: Binding): number => {
    const at = b.refs[0]?.node.start ?? -1;
    let [lo, hi] = [0, statements.length];
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (statements[mid]!.end > at) hi = mid;
      else lo = mid + 1;
    }
    return lo;
  };
  const taken = new Set<number>();
  const inBlocks = module.bindings.filter((b) => !b.module && b.kind !== "self");
  for (const b of inBlocks) if (b.captured && b.refs.some((r) => r.fn.converted)) taken.add(statementOf(b));
  if (taken.size > 0) for (const b of inBlocks) b.apart = taken.has(statementOf(b));
  for (const b of module.bindings) if (!b.module && (b.apart || b.kind === "self")) keep(b);
}

/** Decides box, early box and dead-zone checks for one variable. */
function keep(b: Binding): void {
  const param = isParameterWithDefaults(b);
  const lexical = param || b.kind === "let" || b.kind === "const" || b.kind === "class";
  const own = b.kind === "class" ? b.node : null;
  for (const { node, fn } of b.refs) {
    if (own !== null && node.start >= own.start && node.end <= own.end && !inHead(own, node)) {
      node.$own = true;
      continue;
    }
    if (fn === b.fn) {
      if (lexical && (node.start < b.initEnd || b.inSwitch) && !isDeclarationOf(node, b)) {
        node.$tdz = true;
        b.tdz = true;
      }
      continue;
    }
    const child = childOf(b.fn, fn);
    if (b.writes > 0 || (b.kind === "var" && b.writes > 0)) b.boxed = true;
    const hoisted = child.node.type === "FunctionDeclaration";
    if (lexical) {
      if (isOwnConstant(b, child)) continue;
      if ((hoisted && !param) || child.node.start < b.initEnd || b.inSwitch) {
        b.boxed = b.early = true;
        b.tdz = true;
        node.$tdz = true;
      }
    } else if (b.kind === "function" && hoisted && child.node !== b.node) b.boxed = b.early = true;
  }
  // A check of its dead zone looks into the box.
  if (b.boxed && b.tdz) b.early = true;
  if (b.kind === "function" && b.boxed) b.early = true;
  if (b.kind === "var" && b.boxed) b.early = true;
  if (!b.boxed && b.init !== null && isFunction(b.init)) {
    const fn = b.init.$fn as Fn;
    if (isOwnConstant(b, fn) && fn.captures.has(b)) fn.self = b;
  }
  if (b.kind === "function" && b.boxed && b.node !== null) (b.node.$fn as Fn).self = null;
}

/**
 * Whether a node stands in what a class evaluates before its name means it: its parent or its computed keys. These are
 * evaluated ahead of the class, where the name is the outer variable, which is uninitialised just the same.
 */
function inHead(own: Node, node: Node): boolean {
  const within = (part: Node): boolean => node.start >= part.start && node.end <= part.end;
  if (own.superClass !== null && within(own.superClass as Node)) return true;
  return (own.body.body as Node[]).some((m) => m.computed === true && within(m.key as Node));
}

/** Parameters are bound one after the other, and until then as dead as a `let`; unless all are plain. */
function isParameterWithDefaults(b: Binding): boolean {
  return b.kind === "param" && (b.fn.node.params as Node[]).some((p) => p.type !== "Identifier");
}

function isDeclarationOf(node: Node, b: Binding): boolean {
  return node.start < b.initEnd && node.$decl === true;
}
