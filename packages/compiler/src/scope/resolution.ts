/** What a module's names mean, as far as they have been looked up; what functions use of those around them. */
import type { Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import type { Scope } from "./hoist.ts";
import { isReservedGlobal } from "./names.ts";

export interface Scopes {
  module: Fn;
  /** The functions that are run once to make the module: see wrappers.ts. */
  wrappers: Wrapper[];
  fns: Fn[];
  /** Names used that nothing in the module declares. */
  globals: Set<string>;
  /** One of them that is called like what the output uses itself. */
  reserved: Node | undefined;
  /** Names declared at the top of the module. */
  top: Map<string, Binding>;
  /** Functions that call `eval` directly: it sees their variables and those around them. */
  evals: Fn[];
  /** Functions that are left as they are, with the reason. */
  left: Map<Fn, string>;
  /** Names of functions that are given away as listeners. */
  listeners: Node[];
  /** Calls at the top of the module may be awaited. */
  waits: boolean;
  /** Some call may mean a native function that has a compiled version. */
  swaps: boolean;
}

/** A wrapper, and the names declared at its top. */
export interface Wrapper {
  fn: Fn;
  top: Map<string, Binding>;
}

/** Leaves a function as it is; the first reason counts. */
export function leaveAlone({ left }: Scopes, fn: Fn, why: string): void {
  if (!left.has(fn)) left.set(fn, why);
}

/** Finds what a name means, and notes its use there. */
export function resolve(scopes: Scopes, node: Node, scope: Scope, write: boolean): void {
  for (let s: Scope | null = scope; s !== null; s = s.parent) {
    const binding = s.names.get(node.name);
    if (binding === undefined) {
      // Each function but an arrow has its own.
      if (node.name === "arguments" && s.fn.kind !== "arrow" && s.parent?.fn !== s.fn) break;
      continue;
    }
    node.$b = binding;
    binding.refs.push({ node, fn: scope.fn });
    if (write) binding.writes++;
    // The name of a function or class expression: assigning to it does nothing, or throws.
    if (write && binding.kind === "self")
      leaveAlone(scopes, scope.fn, "a function that assigns to the name of one around it");
    if (!binding.module && binding.fn !== scope.fn) {
      binding.captured = true;
      for (let f: Fn | null = scope.fn; f !== null && f !== binding.fn; f = f.parent) f.captures.add(binding);
    }
    return;
  }
  if (node.name === "arguments") {
    // Left as it is: the clone keeps the object, not the variable.
    if (write) leaveAlone(scopes, scope.fn, "a function that assigns to `arguments`");
    for (let f: Fn | null = scope.fn; f !== null; f = f.parent) {
      f.usesArguments = true;
      if (f.kind !== "arrow") break;
    }
    node.$arguments = true;
    return;
  }
  scopes.globals.add(node.name);
  (scope.fn.globals ??= new Set()).add(node.name);
  if (scopes.reserved === undefined && isReservedGlobal(node.name as string)) scopes.reserved = node;
}

/** Notes what a function, and those around an arrow function, must keep. */
export function markUse(fn: Fn, what: "usesThis" | "usesNewTarget" | "usesSuper"): void {
  for (let f: Fn | null = fn; f !== null; f = f.parent) {
    f[what] = true;
    if (f.kind !== "arrow") break;
  }
}
