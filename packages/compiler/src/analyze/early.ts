/**
 * Functions that may run before the body of their module: function declarations are there from the start, so in a cycle of
 * imports another module may call them first. They reach the runtime through the import itself; all others through a
 * constant of the module, which costs nothing and is not there yet then.
 */
import { isBuiltin } from "node:module";
import type { Node } from "../tree/ast.ts";
import { type Binding, type Fn, treeOf } from "../tree/binding.ts";
import type { Scopes } from "../scope/resolution.ts";

/** Marks them: what is exported, and what that uses. Without an import of another module there is no cycle. */
export function markEarly(program: Node, scopes: Scopes): void {
  const body = program.body as Node[];
  if (body.every((s) => s.source === undefined || s.source === null || cannotLeadBack(s.source.value as string)))
    return;
  const used = usesOfFunctions(scopes);
  const queue = body.flatMap(exportedFunctions);
  for (let fn = queue.pop(); fn !== undefined; fn = queue.pop()) {
    if (fn.early) continue;
    for (const inside of treeOf(fn)) inside.early = true;
    queue.push(...(used.get(fn) ?? []));
  }
}

function cannotLeadBack(specifier: string): boolean {
  return isBuiltin(specifier) || /^gort(?:\/|$)/.test(specifier);
}

function exportedFunctions(s: Node): Fn[] {
  const declared = s.declaration as Node | null | undefined;
  if (declared?.type === "FunctionDeclaration") return [declared.$fn as Fn];
  if (s.type === "ExportDefaultDeclaration" && declared?.type === "Identifier") return functionOf(declared);
  if (s.type !== "ExportNamedDeclaration" || s.source !== null) return [];
  return (s.specifiers as Node[]).flatMap((x) => functionOf(x.local as Node));
}

function functionOf(identifier: Node): Fn[] {
  const b = identifier.$b as Binding | undefined;
  return b?.kind === "function" && b.node !== null ? [b.node.$fn as Fn] : [];
}

/** For each function of the module itself, the function declarations that it, or a function in it, uses. */
function usesOfFunctions(scopes: Scopes): Map<Fn, Fn[]> {
  const used = new Map<Fn, Fn[]>();
  for (const b of scopes.top.values()) {
    if (b.kind !== "function" || b.node === null) continue;
    for (const ref of b.refs) {
      let root = ref.fn;
      while (root.parent !== null && root.parent.kind !== "module") root = root.parent;
      const list = used.get(root);
      if (list === undefined) used.set(root, [b.node.$fn as Fn]);
      else list.push(b.node.$fn as Fn);
    }
  }
  return used;
}
