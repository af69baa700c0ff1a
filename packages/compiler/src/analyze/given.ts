/**
 * Functions that are given away, to a package or to whom nobody knows: whoever calls them later may not be compiled. Each time one of
 * them is captured the runtime may have to look who called it (barrier.ts of the runtime).
 *
 *     const bus = new lib.Bus();       lib is a package: so is all that comes from it
 *     bus.on(f)                        f is asked every time                           FOREIGN
 *     this.queue.each(f)               f is asked so many times in a slice             UNKNOWN
 *     helper(f), wg.go(f), go(f)       not at all: a function of the module or of gort, a goroutine's
 *
 * Calls into a package are marked too (`call.$foreign`): whether the package seems to have suspended is seen as it returns.
 *
 * What is given: functions and their names, and those in literals, in objects, classes and their instances, and what
 * they return. A parameter that is given away gives what its function is called with.
 */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { patternNames } from "../tree/pattern.ts";
import { classOf, constructorOf, FOREIGN, functionOf, isPackage, OWN, ownership, results, UNKNOWN } from "./owner.ts";

/** Operations that park, as methods of gort's objects and as its exports: they have no frame to be asked. */
const parks = new Set("recv recvOk send lock rLock wait acquire join".split(" "));
const parking = new Set(["sleep", "gosched", "wait"]);

/** Calls that are of one of these functions, with their arguments. */
interface Calls {
  readonly fns: Node[];
  readonly sites: Node[][];
}

/** Marks the functions of a module. `gortImport`: the export of gort's an expression certainly is. */
export function markGiven(program: Node, gortImport: (node: Node) => string): void {
  const isGort = (node: Node): boolean => gortImport(node) !== "";
  const calls: Calls[] = [];
  const byName: Map<string, Calls> = new Map();
  /** Parameters that are given away, and to whom. */
  const params: Map<Binding, number> = new Map();
  /** By property name: the functions that are properties of something in this module. */
  const members: Map<string, Node[]> = new Map();
  /** What a variable is made with, taken out of, or assigned. */
  const origins: Map<Binding, Node[]> = new Map();
  const guards: Set<Node> = new Set();
  const whose = ownership(isGort, origins);
  /** What has been given away already. */
  const given: Map<Node | Binding, number> = new Map();
  let grown = false;

  collect(program);
  walk(program, null);
  do {
    grown = false;
    for (const { fns, sites } of calls) {
      // Many have the name in a large bundle: what becomes of a parameter is asked once for all sites.
      const most = fns.reduce((n, fn) => Math.max(n, fn.params.length as number), 0);
      for (let i = 0; i < most; i++) {
        const to = fns.reduce((n, fn) => Math.max(n, toOf(fn.params[i] as Node | undefined)), 0);
        if (to > 0) for (const args of sites) if (args[i] !== undefined) give(args[i]!, to, null);
      }
    }
  } while (grown);
  for (const e of guards) guard(e);

  function toOf(param: Node | undefined): number {
    return param?.type === "Identifier" ? (params.get(param.$b as Binding) ?? 0) : 0;
  }

  function collect(node: Node): void {
    if (node.type === "VariableDeclarator" && node.init) made(node.id as Node, node.init as Node);
    if (node.type === "AssignmentExpression" && !node.left.type.startsWith("Member"))
      made(node.left as Node, node.right as Node);
    if (node.type === "Property" || node.type === "MethodDefinition" || node.type === "PropertyDefinition") {
      const value = node.value as Node | null;
      const name = keyOf(node);
      if (value !== null && name !== "" && isFunction(value)) {
        const list = members.get(name);
        if (list === undefined) members.set(name, [value]);
        else list.push(value);
      }
    }
    eachChild(node, collect);
  }

  function made(target: Node, value: Node): void {
    patternNames(target, ({ $b }) => {
      if ($b === undefined) return;
      const list = origins.get($b as Binding);
      if (list === undefined) origins.set($b as Binding, [value]);
      else list.push(value);
    });
  }

  /** `self`: the class or object whose `this` it is. */
  function walk(node: Node, self: Node | null): void {
    let inner = self;
    if (node.type === "ClassDeclaration" || node.type === "ClassExpression") {
      inner = node;
      const to = node.superClass === null ? 0 : whose(node.superClass as Node);
      // What it inherits calls what it has.
      if (to === FOREIGN) give(node, to, null);
    } else if (node.type === "ObjectExpression") inner = node;
    else if (node.type === "FunctionDeclaration") inner = null;
    else if (node.type === "CallExpression" || node.type === "NewExpression") {
      const args = node.arguments as Node[];
      const fn = node.type === "CallExpression" ? functionOf(node.callee as Node) : constructorOf(node.callee as Node);
      if (fn !== null) calls.push({ fns: [fn], sites: [args] });
      else if (node.callee.type === "MemberExpression" && !node.callee.computed)
        called(node.callee.property.name as string, args);
      const to = receives(node, self);
      if (to > 0) for (const a of args) give(a, to, self);
      // What was given to it before it may call now.
      if (to === FOREIGN && node.callee.type !== "Super") node.$foreign = true;
    } else if (node.type === "TaggedTemplateExpression") {
      if (whose(node.tag as Node) === FOREIGN) for (const e of node.quasi.expressions as Node[]) give(e, FOREIGN, self);
    } else if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression") {
      if (whose(node.left.object as Node) === FOREIGN) give(node.right as Node, FOREIGN, self);
    }
    eachChild(node, walk, inner);
  }

  /** A method of this name is called, which may be any that has it. */
  function called(name: string, args: Node[]): void {
    const fns = members.get(name);
    if (fns === undefined) return;
    const known = byName.get(name);
    if (known !== undefined) {
      known.sites.push(args);
      return;
    }
    const made = { fns, sites: [args] };
    byName.set(name, made);
    calls.push(made);
  }

  /** To whom the arguments of a call go. */
  function receives(call: Node, self: Node | null): number {
    const callee = call.callee as Node;
    if (isGort(callee)) return 0;
    if (callee.type === "Super") {
      const parent = self?.superClass as Node | null | undefined;
      return parent === null || parent === undefined ? UNKNOWN : whose(parent);
    }
    if (call.type === "CallExpression" ? functionOf(callee) !== null : classOf(callee) !== null) return 0;
    if (callee.type === "Identifier") {
      const b = callee.$b as Binding | undefined;
      if (b?.kind === "import" && !isPackage(b.from)) return 0;
    }
    if (callee.type !== "MemberExpression") return whose(callee);
    const to = whose(callee.object as Node);
    if (to === FOREIGN) return to;
    if (to === OWN && callee.object.type === "Identifier") return 0;
    return !callee.computed && callee.property.name === "go" ? 0 : UNKNOWN;
  }

  /** `self`: the class or object whose `this` it may be. */
  function give(e: Node, to: number, self: Node | null): void {
    const also = (x: Node | null | undefined): void => {
      if (x !== null && x !== undefined) give(x, to, self);
    };
    switch (e.type) {
      case "FunctionExpression":
      case "ArrowFunctionExpression":
      case "FunctionDeclaration":
        if (mark(e, to)) for (const x of results(e)) give(x, to, self);
        return;
      case "ObjectExpression":
        for (const p of e.properties as Node[]) also((p.type === "SpreadElement" ? p.argument : p.value) as Node);
        return;
      case "ArrayExpression":
        for (const x of e.elements as (Node | null)[]) also(x);
        return;
      case "SpreadElement":
        also(e.argument as Node);
        return;
      case "ConditionalExpression":
        also(e.consequent as Node);
        also(e.alternate as Node);
        return;
      case "LogicalExpression":
        also(e.left as Node);
        also(e.right as Node);
        return;
      case "AssignmentExpression":
        also(e.right as Node);
        return;
      case "SequenceExpression":
        also((e.expressions as Node[]).at(-1));
        return;
      case "ClassDeclaration":
      case "ClassExpression":
        if (!first(e, to)) return;
        for (const m of e.body.body as Node[])
          if (m.value !== null && m.value !== undefined && isFunction(m.value as Node)) mark(m.value as Node, to);
        if (e.superClass !== null) give(e.superClass as Node, to, null);
        return;
      case "ThisExpression":
        // An object's methods may each give it away.
        if (self !== null && (self.type !== "ObjectExpression" || first(self, to))) give(self, to, null);
        return;
      case "NewExpression":
        if (classOf(e.callee as Node) !== null) give(classOf(e.callee as Node)!, to, null);
        return;
      case "MemberExpression":
        if (parking.has(gortImport(e))) guards.add(e);
        else if (!e.computed) for (const f of members.get(e.property.name as string) ?? []) mark(f, to);
        return;
      case "CallExpression": {
        const callee = e.callee as Node;
        if (callee.type === "MemberExpression" && !callee.computed && callee.property.name === "bind") {
          also(callee.object as Node);
          const object = callee.object as Node;
          if (object.type === "MemberExpression" && !object.computed && parks.has(object.property.name as string))
            guards.add(e);
          return;
        }
        // What makes it.
        const fn = functionOf(callee);
        if (fn !== null && first(fn.body as Node, to)) for (const x of results(fn)) give(x, to, null);
        return;
      }
      case "Identifier": {
        const b = e.$b as Binding | undefined;
        if (b === undefined) return;
        if (parking.has(gortImport(e))) {
          guards.add(e);
          return;
        }
        if (b.kind === "function" || b.kind === "class") {
          if (b.node !== null) give(b.node, to, null);
        } else if (first(b, to)) for (const x of origins.get(b) ?? []) give(x, to, null);
        if (b.kind === "param" && (params.get(b) ?? 0) < to) {
          params.set(b, to);
          grown = true;
        }
        return;
      }
    }
  }

  /** False when it was given before: whatever hangs on it has been, too. */
  function first(what: Node | Binding, to: number): boolean {
    if ((given.get(what) ?? 0) >= to) return false;
    given.set(what, to);
    return true;
  }

  /** False when it was marked so before. */
  function mark(fn: Node, to: number): boolean {
    if ((fn.$given ?? 0) >= to) return false;
    fn.$given = to;
    grown = true;
    return true;
  }
}

/** Makes an expression `$R.guard(expression)`: the runtime looks who calls it. */
function guard(e: Node): void {
  const inner = { ...e };
  for (const key of Object.keys(e)) if (key !== "start" && key !== "end") delete e[key];
  Object.assign(e, { type: "CallExpression", callee: { type: "$Field", name: "guard", start: e.start, end: e.start } });
  Object.assign(e, { arguments: [inner], optional: false });
}

function keyOf(member: Node): string {
  const key = member.key as Node;
  if (member.computed === true) return "";
  return key.type === "PrivateIdentifier" || key.type === "Identifier" ? (key.name as string) : String(key.value);
}
