/**
 * Which functions may stand on the native stack twice: they count its depth (`$U[12]`), so that recursion goes as deep as the
 * heap, not as the engine's stack. A function that recurses unseen by this keeps the engine's limit, a RangeError.
 *
 *     function ──calls──► function it certainly is, or that was assigned to the variable
 *        │ ──.name()────► everything of that name in the module ─► methods, function-valued properties
 *        │ ──[key]()────► every function-valued property there is
 *        └ ──gives away─► function written in it, or named among arguments: whom it is given to may call it
 *
 * Functions in a cycle of this graph are recursive. Names stand in it as nodes of their own, so it stays linear.
 */
import { eachChild, isFunction, type Node } from "./ast.ts";
import type { Binding, Fn } from "./binding.ts";

class Vertex {
  readonly fn: Fn | null;
  readonly to: Set<Vertex> = new Set();
  index = -1;
  low = 0;
  onStack = false;
  constructor(fn: Fn | null) {
    this.fn = fn;
  }
}

class Graph {
  private readonly functions: Map<Fn, Vertex> = new Map();
  private readonly names: Map<string, Vertex> = new Map();
  private readonly variables: Map<Binding, Vertex> = new Map();
  /** Every function that is a property. */
  readonly properties: Vertex = new Vertex(null);

  fn(fn: Fn): Vertex {
    return at(this.functions, fn, () => new Vertex(fn));
  }

  name(name: string): Vertex {
    return at(this.names, name, () => new Vertex(null));
  }

  variable(b: Binding): Vertex {
    return at(this.variables, b, () => new Vertex(null));
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

/** Sets `recursive` of every function of a module that may reach itself. */
export function markRecursive(module: Fn, fns: readonly Fn[]): void {
  const graph = new Graph();
  for (const statement of module.node.body as Node[]) visit(statement, graph.fn(module), graph);
  for (const fn of fns) {
    const from = graph.fn(fn);
    for (const part of partsOf(fn.node)) visit(part, from, graph);
  }
  for (const component of components(graph.all())) {
    const [first] = component;
    if (component.length === 1 && !first!.to.has(first!)) continue;
    for (const { fn } of component) if (fn !== null) fn.recursive = true;
  }
}

function partsOf(node: Node): Node[] {
  if (node.type === "StaticBlock") return node.body as Node[];
  if (node.type === "PropertyDefinition") return [node.value as Node];
  return [...(node.params as Node[]), node.body as Node];
}

function visit(node: Node, from: Vertex, graph: Graph): void {
  if (isFunction(node)) {
    if (node.type !== "FunctionDeclaration") from.to.add(graph.fn(node.$fn as Fn));
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
    callee(node.callee as Node, from, graph);
    for (const argument of node.arguments as Node[]) {
      const fn = argument.type === "Identifier" ? declared(argument) : null;
      if (fn !== null) from.to.add(graph.fn(fn));
    }
  } else if (node.type === "TaggedTemplateExpression") callee(node.tag as Node, from, graph);
  eachChild(node, (child) => visit(child, from, graph));
}

function callee(node: Node, from: Vertex, graph: Graph): void {
  if (node.type === "ChainExpression") callee(node.expression as Node, from, graph);
  else if (node.type === "Identifier") {
    const b = node.$b as Binding | undefined;
    const fn = declared(node);
    if (fn !== null) from.to.add(graph.fn(fn));
    else if (b !== undefined) from.to.add(graph.variable(b));
  } else if (node.type === "MemberExpression") {
    const name = node.computed !== true || node.property.type === "Literal" ? nameOf(node, "property") : null;
    from.to.add(name === null ? graph.properties : graph.name(name));
  }
}

/** The function a name certainly is, or the constructor of the class. */
function declared(node: Node): Fn | null {
  const b = node.$b as Binding | undefined;
  if (b === undefined) return null;
  if (b.kind === "function" && b.node !== null) return b.node.$fn as Fn;
  if (b.kind === "const" && b.init !== null && isFunction(b.init)) return b.init.$fn as Fn;
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

/** Strongly connected components (Tarjan), without recursion of our own. */
function components(roots: Iterable<Vertex>): Vertex[][] {
  const found: Vertex[][] = [];
  const open: Vertex[] = [];
  let index = 0;
  const begin = (v: Vertex): { v: Vertex; edges: Iterator<Vertex> } => {
    v.index = v.low = index++;
    v.onStack = true;
    open.push(v);
    return { v, edges: v.to.values() };
  };
  for (const root of roots) {
    if (root.index >= 0) continue;
    const work = [begin(root)];
    while (work.length > 0) {
      const { v, edges } = work[work.length - 1]!;
      const next = edges.next();
      if (next.done !== true) {
        const w = next.value;
        if (w.index < 0) work.push(begin(w));
        else if (w.onStack) v.low = Math.min(v.low, w.index);
        continue;
      }
      work.pop();
      const parent = work[work.length - 1]?.v;
      if (parent !== undefined) parent.low = Math.min(parent.low, v.low);
      if (v.low !== v.index) continue;
      const component: Vertex[] = [];
      let w: Vertex;
      do {
        w = open.pop()!;
        w.onStack = false;
        component.push(w);
      } while (w !== v);
      found.push(component);
    }
  }
  return found;
}
