/**
 * What names stand for: after `const list = state.list`, and in `for (const row of rows)`, who changes the one changes the other. Where a
 * name gets another value later, nothing is said of it.
 */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { gortImport } from "../calls/callee.ts";
import { globalName } from "./members.ts";

/** A part of what a name or `this` holds: the keys that lead to it, `*` for one that is not known. */
export interface Part {
  id: Node;
  path: readonly string[];
  /** What is written there begins with the name. */
  direct: boolean;
}

interface From {
  node: Node;
  path: readonly string[];
}

/** Methods that give a part of what they are called on, and those that give all parts, in something of their own. */
const giving = new Set("at find findLast get".split(" "));
const listing = new Set("entries values".split(" "));
/** Methods that call what they are given with the parts of what they are called on. */
const calling = new Set("every filter find findIndex findLast flatMap forEach map some".split(" "));

/** The key of a member; `*` where it is computed. */
export function keyOf(member: Node): string {
  const { property } = member;
  if (!member.computed) return property.type === "PrivateIdentifier" ? `#${property.name}` : (property.name as string);
  return property.type === "Literal" ? String(property.value) : "*";
}

export class Aliases {
  readonly #from: Map<Binding, From[]> = new Map();
  /** What functions are called with, and whose an `arguments` is. */
  readonly #calls: Map<Node, Node[][]> = new Map();
  readonly #arguments: Map<Node, Node> = new Map();

  constructor(body: readonly Node[]) {
    for (const s of body) this.#walk(s, null);
  }

  /** The function of an object of the language that `node` is, also under a name of its own: `const { assign } = Object`. */
  globalMember(node: Node): { object: string; key: string } | null {
    if (node.type === "MemberExpression") {
      const object = globalName(node.object as Node);
      return object === "" ? null : { object, key: keyOf(node) };
    }
    const b = node.type === "Identifier" ? (node.$b as Binding | undefined) : undefined;
    const [from, ...more] = (b === undefined ? undefined : this.#from.get(b)) ?? [];
    if (from === undefined || more.length > 0 || b!.writes > (b!.kind === "var" ? 1 : 0)) return null;
    if (from.path.length === 0) return from.node.type === "MemberExpression" ? this.globalMember(from.node) : null;
    const object = globalName(from.node);
    return object === "" || from.path.length > 1 ? null : { object, key: from.path[0]! };
  }

  /** All that `node` may be a part of, if it is written with names. */
  partsOf(node: Node): Part[] {
    const found: Part[] = [];
    this.#add(node, [], true, found, new Set());
    return found;
  }

  #add(node: Node, path: readonly string[], direct: boolean, found: Part[], seen: Set<From>): void {
    const add = (n: Node): void => this.#add(n, path, direct, found, seen);
    switch (node.type) {
      case "ThisExpression":
        found.push({ id: node, path, direct });
        return;
      case "Identifier": {
        const b = node.$b as Binding | undefined;
        if (b === undefined) {
          const f = this.#arguments.get(node);
          for (const args of (f !== undefined && path.length > 0 && this.#calls.get(f)) || []) {
            const one = args[Number(path[0])];
            if (one !== undefined && one.type !== "SpreadElement") this.#add(one, path.slice(1), false, found, seen);
          }
          return;
        }
        found.push({ id: node, path, direct });
        if (b.writes > (b.kind === "var" ? 1 : 0)) return;
        for (const from of this.#from.get(b) ?? []) {
          if (seen.has(from)) continue;
          seen.add(from);
          this.#add(from.node, [...from.path, ...path], false, found, seen);
        }
        return;
      }
      case "MemberExpression":
        this.#add(node.object as Node, [keyOf(node), ...path], direct, found, seen);
        return;
      case "ChainExpression":
        add(node.expression as Node);
        return;
      case "ConditionalExpression":
        add(node.consequent as Node);
        add(node.alternate as Node);
        return;
      case "LogicalExpression":
      case "AssignmentExpression":
        add(node.left as Node);
        add(node.right as Node);
        return;
      case "SequenceExpression":
        add(node.expressions.at(-1) as Node);
        return;
      case "CallExpression": {
        const callee = node.callee as Node;
        const method = callee.type === "MemberExpression" ? keyOf(callee) : "";
        const listed = listing.has(method) && path.length > 0;
        if (!listed && !giving.has(method)) return;
        const { object } = callee;
        const of = (globalName(object as Node) === "Object" ? node.arguments[0] : object) as Node | undefined;
        if (of !== undefined) this.#add(of, ["*", ...path.slice(listed ? 1 : 0)], false, found, seen);
      }
    }
  }

  /** `f`: the function whose `arguments` is meant in `node`. */
  #walk(node: Node, f: Node | null): void {
    if (node.$arguments === true && f !== null) this.#arguments.set(node, f);
    if (isFunction(node) && node.type !== "ArrowFunctionExpression") f = node;
    if (node.type === "VariableDeclarator" && node.init !== null) {
      this.#bind(node.id as Node, node.init as Node, []);
      // `const A = class B { … }`: inside it is called B.
      const self = (node.init.$self ?? node.init.$fn?.self) as Binding | null | undefined;
      if (self && node.id.type === "Identifier") this.#name(self, node.id as Node, []);
    } else if (node.type === "ForOfStatement" && node.left.type === "VariableDeclaration") {
      this.#bind(node.left.declarations[0].id as Node, node.right as Node, ["*"]);
    } else if (node.type === "CallExpression") this.#call(node);
    else if (isFunction(node))
      for (const p of node.params as Node[])
        if (p.type === "AssignmentPattern") this.#bind(p.left as Node, p.right as Node, []);
    eachChild(node, (child) => this.#walk(child, f));
  }

  #call(node: Node): void {
    const callee = node.callee as Node;
    let args = node.arguments as Node[];
    let f: Node | null = null;
    if (callee.type === "MemberExpression") {
      const first = args[0];
      if (first !== undefined && isFunction(first) && calling.has(keyOf(callee)) && first.params.length > 0)
        this.#bind(first.params[0] as Node, callee.object as Node, ["*"]);
    } else if (gortImport(callee) === "go" && args.length > 0) {
      f = functionOf(args[0]!);
      args = args.slice(1);
    } else f = functionOf(callee);
    if (f === null) return;
    // What comes behind a spread stands at another place.
    const spread = args.findIndex((a) => a.type === "SpreadElement");
    const all = this.#calls.get(f);
    const known = spread < 0 ? args : args.slice(0, spread);
    if (all === undefined) this.#calls.set(f, [known]);
    else all.push(known);
    for (let i = 0; i < args.length && i < f.params.length; i++) {
      if (args[i]!.type === "SpreadElement") return;
      this.#bind(f.params[i] as Node, args[i]!, []);
    }
  }

  #bind(pattern: Node, node: Node, path: readonly string[]): void {
    switch (pattern.type) {
      case "Identifier":
        if (pattern.$b !== undefined) this.#name(pattern.$b as Binding, node, path);
        return;
      case "AssignmentPattern":
        this.#bind(pattern.left as Node, node, path);
        return;
      case "ObjectPattern":
        for (const p of pattern.properties as Node[])
          if (p.type === "Property")
            this.#bind(p.value as Node, node, [...path, p.computed ? "*" : String(p.key.name ?? p.key.value)]);
        return;
      case "ArrayPattern":
        for (const e of pattern.elements as (Node | null)[]) if (e !== null) this.#bind(e, node, [...path, "*"]);
    }
  }

  #name(b: Binding, node: Node, path: readonly string[]): void {
    const all = this.#from.get(b);
    if (all === undefined) this.#from.set(b, [{ node, path }]);
    else all.push({ node, path });
  }
}

/** The function of the module that is called by its name. */
export function functionOf(callee: Node): Node | null {
  const b = callee.type === "Identifier" ? (callee.$b as Binding | undefined) : undefined;
  const f = b?.kind === "function" ? b.node : (b?.init ?? null);
  return f !== null && isFunction(f) ? f : null;
}
