/**
 * Which function of a module may call which, as far as a name tells.
 *
 *     function ──calls──► function it certainly is, or that was assigned to the variable
 *        │ ──.name()────► everything of that name in the module ─► methods, function-valued properties; nothing, if it is
 *        │                called on what looks like a collection or a string
 *        │ ──[key]()────► every function-valued property there is
 *        └ ──gives away─► function written in it, or named among arguments: whom it is given to may call it
 *
 * Names stand in it as nodes of their own, so it stays linear.
 */
import { eachChild, isFunction, type Node } from "./ast.ts";
import type { Binding, Fn } from "./binding.ts";
import { looksIntrinsic } from "./intrinsics.ts";
import { mayBeSwapped } from "./natives.ts";

export class Vertex {
  readonly fn: Fn | null;
  readonly to: Set<Vertex> = new Set();
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
  /** Every function that is a property. */
  readonly properties: Vertex = new Vertex(null);
  readonly edges: Edge[] = [];

  constructor(module: Fn, fns: readonly Fn[]) {
    for (const statement of module.node.body as Node[]) visit(statement, this.fn(module), this);
    for (const fn of fns) {
      const from = this.fn(fn);
      for (const part of partsOf(fn.node)) visit(part, from, this);
    }
  }

  fn(fn: Fn): Vertex {
    return at(this.functions, fn, () => new Vertex(fn));
  }

  name(name: string): Vertex {
    return at(this.names, name, () => new Vertex(null));
  }

  variable(b: Binding): Vertex {
    return at(this.variables, b, () => new Vertex(null));
  }

  edge(node: Node, from: Vertex, to: Vertex): void {
    from.to.add(to);
    this.edges.push({ node, from, to });
  }

  all(): Iterable<Vertex> {
    return this.functions.values();
  }
}

function at<K>(map: Map<K, Vertex>, key: K, make: () => Vertex): Vertex {
  let v = map.get(key);
  if (v === undefined) map.set(key, (v = make()));
  return v;
}

function partsOf(node: Node): Node[] {
  if (node.type === "StaticBlock") return node.body as Node[];
  if (node.type === "PropertyDefinition") return [node.value as Node];
  return [...(node.params as Node[]), node.body as Node];
}

function visit(node: Node, from: Vertex, graph: Graph): void {
  if (isFunction(node)) {
    if (node.type !== "FunctionDeclaration") graph.edge(node, from, graph.fn(node.$fn as Fn));
    return;
  }
  if (node.type === "StaticBlock") return;
  if (node.type === "MethodDefinition" || node.type === "Property" || node.type === "PropertyDefinition") {
    const value = node.value as Node | null;
    if (value !== null && isFunction(value)) property(nameOf(node), value.$fn as Fn, graph);
    if (node.computed === true) visit(node.key as Node, from, graph);
    // A member runs when it is called by its name, a field when the object is made.
    if (node.type === "Property" && value !== null && !isFunction(value)) visit(value, from, graph);
    return;
  }
  if (node.type === "AssignmentExpression") assigned(node.left as Node, node.right as Node, graph);
  if (node.type === "VariableDeclarator" && node.init) assigned(node.id as Node, node.init as Node, graph);
  if (node.type === "CallExpression" || node.type === "NewExpression") {
    callee(node, node.callee as Node, from, graph);
    for (const argument of node.arguments as Node[]) {
      const fn = argument.type === "Identifier" ? declared(argument) : null;
      if (fn !== null) graph.edge(node, from, graph.fn(fn));
    }
    if (mayBeSwapped(node)) from.swaps = true;
  } else if (node.type === "TaggedTemplateExpression") callee(node, node.tag as Node, from, graph);
  eachChild(node, (child) => visit(child, from, graph));
}

function callee(call: Node, node: Node, from: Vertex, graph: Graph): void {
  if (node.type === "ChainExpression") callee(call, node.expression as Node, from, graph);
  else if (node.type === "Identifier") {
    const b = node.$b as Binding | undefined;
    const fn = declared(node);
    if (fn !== null) graph.edge(call, from, graph.fn(fn));
    else if (b !== undefined) graph.edge(call, from, graph.variable(b));
  } else if (node.type === "MemberExpression") {
    if (looksIntrinsic(node, classAround(from.fn))) return;
    const name = node.computed !== true || node.property.type === "Literal" ? nameOf(node, "property") : null;
    graph.edge(call, from, name === null ? graph.properties : graph.name(name));
  }
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
