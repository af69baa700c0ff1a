/** What a scope has from its first statement on: the boxes of its variables, the marks of their dead zones, its functions. */
import type { Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { assign, boxOf, rawHelper, ref, undef } from "../tree/node.ts";
import { patternNames } from "../tree/pattern.ts";
import type { Lowering } from "./lowering.ts";

export function enterScope(l: Lowering, statements: Node[]): void {
  const functions: Node[] = [];
  for (const s of statements) {
    if (s.type === "VariableDeclaration" && s.kind !== "var")
      for (const d of s.declarations as Node[]) patternNames(d.id as Node, (id) => enterName(l, id.$b as Binding));
    else if (s.type === "ClassDeclaration") enterName(l, s.id.$b as Binding);
    else if (s.type === "FunctionDeclaration") {
      const b = s.id.$b as Binding;
      // The box of a parameter it replaces stands for that parameter.
      if (b.boxed && !b.mapped) l.set(b, boxOf(undef));
      functions.push(s);
    }
  }
  for (const f of functions) l.effect(assign(ref(f.id.$b as Binding), { ...f, type: "FunctionExpression" }));
}

export function enterName(l: Lowering, b: Binding): void {
  if (b.boxed && b.early) l.set(b, boxOf(b.tdz ? rawHelper("T") : undef));
  else if (b.tdz) l.set(b, rawHelper("T"));
}

/** `var`s that closures share get their box on entry. */
export function makeVarBoxes(l: Lowering): void {
  for (const b of l.fn.bindings) if (b.kind === "var" && b.boxed) l.set(b, boxOf(undef));
}
