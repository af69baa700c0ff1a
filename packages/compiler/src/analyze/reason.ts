/** Why a function is left as it is, or cannot be suspended. */
import type { Node } from "../tree/ast.ts";
import { type Fn, treeOf } from "../tree/binding.ts";
import type { Scopes } from "../scope/resolution.ts";
import { statementsOf } from "./keep.ts";

/** What is no barrier where it awaits. */
export const ASYNC = "an async function";

/** The functions that are left as they are, because their text is read when they run: whole trees from the module's level down. */
export function leftAlone(scopes: Scopes): Map<Fn, string> {
  const all = new Map<Fn, string>();
  // The text of an `eval` may write any of the module's own names.
  if (scopes.evals.length > 0) for (const b of scopes.top.values()) b.writes++;
  for (const [fn, why] of scopes.left) {
    for (const f of treeOf(rootOf(fn))) if (!all.has(f)) all.set(f, why);
  }
  for (const [fn, why] of scopes.left)
    if (byName.test(why))
      for (const f of besides(rootOf(fn), scopes)) if (!all.has(f)) all.set(f, `a function beside ${why}`);
  return all;
}

/** What looks variables up by name. */
const byName = /`(?:eval|with)`$/;

/** All that shares variables of a block at the top of the module with `root`: the block must stay as it is. */
function besides(root: Fn, scopes: Scopes): Fn[] {
  if (root.parent === null) return [];
  const at = statementsOf(root.parent).find((s) => s.start <= root.node.start && root.node.end <= s.end)!;
  const inside = ({ node }: Fn): boolean => at.start <= node.start && node.end <= at.end;
  const roots = scopes.fns.filter((fn) => fn.parent === root.parent && inside(fn));
  return roots.filter((fn) => [...fn.captures].some((b) => !b.module)).flatMap(treeOf);
}

/** The function of the module, or of a wrapper in it, in which it lies. */
export function rootOf(fn: Fn): Fn {
  let root = fn;
  while (root.parent !== null && root.parent.kind !== "module") root = root.parent;
  return root;
}

export function barrierOf(fn: Fn): string {
  if (isOptedOut(fn)) return 'a function that says "use no gort"';
  if (fn.async && fn.generator) return "an async generator";
  if (fn.async) return ASYNC;
  if (fn.generator) return "a generator";
  if (fn.kind === "getter") return "a getter";
  if (fn.kind === "setter") return "a setter";
  if (isDerived(fn) && fn.superEnd === 0) return "a derived constructor without a plain `super(…);`";
  if (fn.kind === "init") return "a class field or static block";
  return "";
}

function isDerived(fn: Fn): boolean {
  return fn.kind === "constructor" && Boolean(fn.classNode?.superClass);
}

/** Where the statement `super(…);` of a derived constructor ends; 0 where there is none at the top of its body. */
export function superEnd(fn: Fn): number {
  if (!isDerived(fn)) return 0;
  const statement = (fn.node.body.body as Node[]).find(
    (s) =>
      s.type === "ExpressionStatement" &&
      s.expression.type === "CallExpression" &&
      s.expression.callee.type === "Super",
  );
  return statement?.end ?? 0;
}

/** The derived constructor whose `this` an arrow function closes over before there is one. */
export function earlyThis(fn: Fn): Fn | null {
  if (fn.kind !== "arrow" || !fn.usesThis) return null;
  let owner = fn;
  while (owner.kind === "arrow" && owner.parent !== null) owner = owner.parent;
  if (!isDerived(owner)) return null;
  const end = superEnd(owner);
  return end === 0 || fn.node.start < end ? owner : null;
}

/** Says `"use no gort"`, or lies in a function that does. */
function isOptedOut(fn: Fn): boolean {
  for (let f: Fn | null = fn; f !== null && f.kind !== "module"; f = f.parent) {
    const body = f.node.body as Node | null | undefined;
    if (body?.type !== "BlockStatement") continue;
    for (const { directive } of body.body as Node[]) {
      if (directive === "use no gort") return true;
      if (!directive) break;
    }
  }
  return false;
}
