/**
 * Which function of a module may call which, as far as a name tells.
 *
 *     function ──calls──► function it certainly is, or that was assigned to the variable
 *        │ ──.name()────► everything of that name in the module ─► methods, function-valued properties; nothing, if it is
 *        │                called on what looks like a collection or a string
 *        │ ──this.name()► of the methods of that name, those of the class, and of what it extends or what extends it
 *        │ ──super.name()► the method it certainly is; nothing, if the class extends what the module has not
 *        │ ──[key]()────► every function-valued property there is
 *        └ ──gives away─► function written in it, or named among arguments: whom it is given to may call it
 *
 * Names stand in it as nodes of their own, so it stays linear.
 */
import { eachChild, isFunction, loops, type Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import { looksIntrinsic } from "../calls/intrinsics.ts";
import { mayBeSwapped } from "../calls/natives.ts";

export class Vertex {
  readonly fn: Fn | null;
  readonly to: Set<Vertex> = new Set();
  /** Those of `to` that it calls, or gives away, many times as it seems: in loops, and what is a callback. */
  readonly often: Set<Vertex> = new Set();
  /** It calls what may be a native function with a compiled version. */
  swaps = false;
  /** The cycles it is part of: functions with the same number reach each other. 0: none. */
  cycle = 0;
  constructor(fn: Fn | null) {
    this.fn = fn;
  }
}

/** A call, or a function given away, and whom that may reach. */
export interface Edge {
  readonly node: Node;
  readonly from: Vertex;
  readonly to: Vertex;
}

export class Graph {
  private readonly functions: Map<Fn, Vertex> = new Map();
  private readonly names: Map<string, Vertex> = new Map();
  private readonly variables: Map<Binding, Vertex> = new Map();
  /** By class and name: what `this.name()` in it may call. */
  private readonly members: Map<Node, Map<string, Vertex>> = new Map();
  /** Every function that is a property. */
  readonly properties: Vertex = new Vertex(null);
  readonly edges: Edge[] = [];

  constructor(module: Fn, fns: readonly Fn[]) {
    for (const statement of module.node.body as Node[]) visit(statement, this.fn(module), this, false);
    for (const fn of fns) {
      const from = this.fn(fn);
      for (const part of partsOf(fn.node)) visit(part, from, this, false);
    }
    for (const [own, names] of this.members)
      for (const [name, v] of names)
        for (const to of this.name(name).to) if (mayBeOf(to.fn!.classNode, own)) v.to.add(to);
  }

  fn(fn: Fn): Vertex {
    return at(this.functions, fn, () => new Vertex(fn));
  }

  name(name: string): Vertex {
    return at(this.names, name, () => new Vertex(null));
  }

  member(own: Node, name: string): Vertex {
    return at(
      at(this.members, own, () => new Map<string, Vertex>()),
      name,
      () => new Vertex(null),
    );
  }

  variable(b: Binding): Vertex {
    return at(this.variables, b, () => new Vertex(null));
  }

  edge(node: Node, from: Vertex, to: Vertex, often: boolean): void {
    from.to.add(to);
    if (often) from.often.add(to);
    this.edges.push({ node, from, to });
  }

  all(): Iterable<Vertex> {
    return this.functions.values();
  }
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let v = map.get(key);
  if (v === undefined) map.set(key, (v = make()));
  return v;
}

function partsOf(node: Node): Node[] {
  if (node.type === "StaticBlock") return node.body as Node[];
  if (node.type === "PropertyDefinition") return [node.value as Node];
  return [...(node.params as Node[]), node.body as Node];
}

/** `often`: in a loop. */
function visit(node: Node, from: Vertex, graph: Graph, often: boolean): void {
  if (isFunction(node)) {
    if (node.type !== "FunctionDeclaration") graph.edge(node, from, graph.fn(node.$fn as Fn), often);
    return;
  }
  if (node.type === "StaticBlock") return;
  if (node.type === "MethodDefinition" || node.type === "Property" || node.type === "PropertyDefinition") {
    const value = node.value as Node | null;
    if (value !== null && isFunction(value)) property(nameOf(node), value.$fn as Fn, graph);
    if (node.computed === true) visit(node.key as Node, from, graph, often);
    // A member runs when it is called by its name, a field when the object is made.
    if (node.type === "Property" && value !== null && !isFunction(value)) visit(value, from, graph, often);
    return;
  }
  if (node.type === "AssignmentExpression") assigned(node.left as Node, node.right as Node, graph);
  if (node.type === "VariableDeclarator" && node.init) assigned(node.id as Node, node.init as Node, graph);
  const calls = node.type === "CallExpression" || node.type === "NewExpression";
  if (calls) {
    callee(node, node.callee as Node, from, graph, often);
    for (const argument of node.arguments as Node[]) {
      const fn = argument.type === "Identifier" ? declared(argument) : null;
      if (fn !== null) graph.edge(node, from, graph.fn(fn), true);
    }
    if (mayBeSwapped(node)) from.swaps = true;
  } else if (node.type === "TaggedTemplateExpression") callee(node, node.tag as Node, from, graph, often);
  const isLoop = loops.has(node.type);
  eachChild(node, (child, _, key) => {
    const again = isLoop ? key !== "init" && key !== "right" : calls && isFunction(child) && key === "arguments";
    visit(child, from, graph, often || again);
  });
}

function callee(call: Node, node: Node, from: Vertex, graph: Graph, often: boolean): void {
  if (node.type === "ChainExpression") callee(call, node.expression as Node, from, graph, often);
  else if (node.type === "Identifier") {
    const b = node.$b as Binding | undefined;
    const fn = declared(node);
    if (fn !== null) graph.edge(call, from, graph.fn(fn), often);
    else if (b !== undefined) graph.edge(call, from, graph.variable(b), often);
  } else if (node.type === "MemberExpression") {
    if (looksIntrinsic(node, classAround(from.fn))) return;
    const name = node.computed !== true || node.property.type === "Literal" ? nameOf(node, "property") : null;
    const to = name === null ? graph.properties : named(node.object as Node, name, classOfThis(from.fn), graph);
    if (to !== null) graph.edge(call, from, to, often);
  }
}

/** What a call of `object.name`, in the class `own`, may reach; null: nothing here. */
function named(object: Node, name: string, own: Node | null, graph: Graph): Vertex | null {
  if (own !== null && object.type === "ThisExpression") return graph.member(own, name);
  if (own === null || object.type !== "Super") return graph.name(name);
  // Up the classes it extends: each is another one.
  for (let above = extended(own); above !== null; above = extended(above)) {
    if (above === "any") return graph.name(name);
    const method = (above.body.body as Node[]).find((m) => m.type === "MethodDefinition" && nameOf(m) === name);
    if (method !== undefined) return graph.fn(method.value.$fn as Fn);
  }
  return null;
}

/** The class that one extends; null: none, or one of another module's; "any": nobody knows which. */
function extended(node: Node): Node | null | "any" {
  const above = node.superClass as Node | null;
  if (above === null) return null;
  const b = above.type === "Identifier" ? (above.$b as Binding | undefined) : undefined;
  if (above.type === "Identifier" && (b === undefined || b.kind === "import")) return null;
  // One that stands behind it is extended where that is an error, or elsewhere; and nothing goes round in circles.
  return b?.kind === "class" && b.node !== null && b.writes === 0 && b.node.end <= node.start ? b.node : "any";
}

/** Whether what belongs to the class `owner` (null: to no class that is known) may be a method of an instance of `own`. */
function mayBeOf(owner: Node | null, own: Node): boolean {
  return owner === null || extendsIt(owner, own) || extendsIt(own, owner);
}

function extendsIt(node: Node, other: Node): boolean {
  let above: Node | null | "any" = node;
  while (above !== null && above !== "any" && above !== other) above = extended(above);
  return above !== null;
}

/** The class whose instances `this` is one of; null: nobody knows. */
function classOfThis(fn: Fn | null): Node | null {
  while (fn?.kind === "arrow") fn = fn.parent;
  return fn?.classNode ?? null;
}

function classAround(fn: Fn | null): Node | null {
  for (; fn !== null; fn = fn.parent) if (fn.classNode !== null) return fn.classNode;
  return null;
}

/** The function a name certainly is, or the constructor of the class. */
function declared(node: Node): Fn | null {
  const b = node.$b as Binding | undefined;
  if (b === undefined) return null;
  if (b.kind === "function" && b.node !== null) return b.node.$fn as Fn;
  if (b.kind === "const" && b.init !== null && isFunction(b.init)) return b.init.$fn as Fn;
  // What `parallel` gives back is what it was given.
  const same = b.kind === "const" ? (b.init?.$same as Node | undefined) : undefined;
  if (same !== undefined)
    return isFunction(same) ? (same.$fn as Fn) : same.type === "Identifier" ? declared(same) : null;
  if (b.kind !== "class" || b.node === null) return null;
  const own = (b.node.body.body as Node[]).find((m) => m.kind === "constructor");
  return own === undefined ? null : (own.value.$fn as Fn);
}

function assigned(left: Node, right: Node, graph: Graph): void {
  if (!isFunction(right)) return;
  const fn = right.$fn as Fn;
  if (left.type === "Identifier" && left.$b !== undefined) graph.variable(left.$b as Binding).to.add(graph.fn(fn));
  if (left.type === "MemberExpression") property(left.computed === true ? null : nameOf(left, "property"), fn, graph);
}

function property(name: string | null, fn: Fn, graph: Graph): void {
  graph.properties.to.add(graph.fn(fn));
  if (name !== null) graph.name(name).to.add(graph.fn(fn));
}

function nameOf(node: Node, key: "key" | "property" = "key"): string | null {
  const k = node[key] as Node;
  if (k.type === "PrivateIdentifier") return `#${String(k.name)}`;
  if (k.type === "Literal") return String(k.value);
  return node.computed === true ? null : (k.name as string);
}
