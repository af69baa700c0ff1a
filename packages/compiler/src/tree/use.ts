/** A name where it stands: whether its variable can be written there, and read. */
import type { Node } from "./ast.ts";
import type { Binding } from "./binding.ts";

/** A constant the compiler keeps in a variable: assigning to it throws. */
export function isConstant(e: Node): boolean {
  const b = e.type === "Identifier" && e.$decl !== true ? (e.$b as Binding | undefined) : undefined;
  return b !== undefined && b.kind === "const" && !b.module && (b.fn.converted || b.apart);
}

/** A use of a variable that may still be uninitialised. */
export function isLate(e: Node): boolean {
  if (e.type !== "Identifier" || e.$tdz !== true || e.$decl === true || e.$raw === true || e.$own === true)
    return false;
  const b = e.$b as Binding;
  return !b.module;
}
