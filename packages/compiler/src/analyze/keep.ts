/** How each variable is kept: as the engine's own, or in a box that functions and copies share; and where its dead zone is checked. */
import { isFunction, type Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";

/** Of the module, or of a wrapper in it. */
export function statementsOf(fn: Fn): Node[] {
  return (fn.parent === null ? fn.node.body : fn.node.body.body) as Node[];
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
 * apart; all others are the engine's. Of the functions in such a statement `convert` is told: one that stays where it is would see the same
 * variable in all rounds of a loop.
 */
export function keepInBlocks(module: Fn, convert: (fn: Fn) => void): void {
  const statements = statementsOf(module);
  const statementOf = (b: Binding): number => {
    const at = (b.refs[0]?.node ?? b.node)?.start ?? -1;
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
  if (taken.size > 0)
    for (const b of inBlocks) {
      b.apart = taken.has(statementOf(b));
      if (b.apart) for (const { fn } of b.refs) if (fn !== module && !fn.converted) convert(fn);
    }
  for (const b of module.bindings) if (!b.module && (b.apart || b.kind === "self")) keep(b);
}

/** Decides box, early box and dead-zone checks for one variable. */
export function keep(b: Binding): void {
  // Bound ahead of the body, and of the functions it declares.
  const ahead = isParameterWithDefaults(b) || (b.kind === "catch" && b.initEnd > 0);
  const lexical = ahead || b.kind === "let" || b.kind === "const" || b.kind === "class";
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
    const hoisted = child.node.type === "FunctionDeclaration";
    const steady = b.kind === "var" && b.writes === 1 && b.initEnd > 0 && child.node.start >= b.initEnd && !hoisted;
    if (b.writes > 0 && !steady) b.boxed = true;
    if (lexical) {
      if (isOwnConstant(b, child)) continue;
      if ((hoisted && !ahead) || child.node.start < b.initEnd || b.inSwitch) {
        b.boxed = b.early = true;
        b.tdz = true;
        node.$tdz = true;
      }
    } else if (hoisted && child.node !== b.node && b.node?.type === "FunctionDeclaration") b.boxed = true;
  }
  // A check of its dead zone looks into the box.
  if (b.boxed && b.tdz) b.early = true;
  if (b.kind === "function" && b.boxed) b.early = true;
  if (b.kind === "var" && b.boxed) b.early = true;
  if (!b.boxed && b.init !== null && isFunction(b.init)) {
    const fn = b.init.$fn as Fn;
    if (isOwnConstant(b, fn) && fn.captures.has(b)) fn.self = b;
  }
  // A `var` or a parameter may be called like it.
  if (b.boxed && b.node?.type === "FunctionDeclaration") (b.node.$fn as Fn).self = null;
}

/**
 * Whether a node stands in what a class evaluates before its name means it: its parent or its computed keys. These are
 * evaluated ahead of the class, where the name is the outer variable, which is uninitialised just the same.
 */
export function inHead(own: Node, node: Node): boolean {
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
