/** Jumps: `return`, `break` and `continue`, through every `finally` and open iterator on the way out. */
import type { Node } from "../tree/ast.ts";
import { binary, helper, literal, ref, undef } from "../tree/node.ts";
import type { Context, Exit, LoopExit, Lowering } from "./lowering.ts";

export function lowerReturn(l: Lowering, value: Node | null, at: number): void {
  leave(l, { jump: "return" }, value, at);
}

export function lowerJump(l: Lowering, node: Node): void {
  const isContinue = node.type === "ContinueStatement";
  const name = node.label === null ? null : (node.label.name as string);
  for (let i = l.contexts.length - 1; i >= 0; i--) {
    const c = l.contexts[i]!;
    if (c.kind !== "target") continue;
    if (name === null ? !isContinue && !c.bare : !c.labels.has(name)) continue;
    if (isContinue ? c.continueLabel === null : c.breakLabel === "") continue;
    leave(l, { jump: "break", target: c, label: isContinue ? c.continueLabel! : c.breakLabel }, null, node.start);
    return;
  }
}

/** Leaves towards an exit, through every `finally` and open iterator on the way. */
export function leave(l: Lowering, exit: Exit, value: Node | null, at: number): void {
  let kept = value;
  let caught = false;
  const saved = l.contexts.slice();
  for (let i = l.contexts.length - 1; i >= 0; i--) {
    const c = l.contexts[i]!;
    if (exit.jump === "break" && c === exit.target) break;
    if (c.kind === "target") continue;
    if (c.kind === "catch") {
      caught = true;
      continue;
    }
    if (c.kind === "iterator" && caught) {
      // Closed behind the `try`: see lowerForOf.
      const out = loopExit(l, c, exit);
      if (out.value !== null) l.set(out.value, kept ?? undef);
      l.push({ t: "break", label: out.label });
      return;
    }
    if (c.kind === "iterator") {
      // Continuing this very loop does not close it: its own target stands inside the iterator context.
      if (kept !== null) kept = l.spill(kept);
      l.push({
        t: "if",
        test: binary("<", ref(c.index), literal(0)),
        yes: l.nested(() => {
          // An exception of closing itself does not close again.
          l.set(c.index, literal(-2));
          l.push({ t: "expr", e: helper("close", ref(c.iterator)) });
        }),
        no: [],
      });
      continue;
    }
    let k = c.exits.findIndex((e) => isSame(e, exit));
    if (k < 0) k = c.exits.push(exit) - 1;
    if (exit.jump === "return") l.set(c.value, kept ?? undef);
    l.set(c.completion, literal(k + 1));
    l.push({ t: "break", label: c.label, at });
    l.contexts.splice(0, l.contexts.length, ...saved);
    return;
  }
  if (exit.jump === "return" && kept !== null && l.result !== null) {
    l.result.used = true;
    l.set(l.result.value, kept);
    l.push({ t: "break", label: l.result.label, at });
  } else if (exit.jump === "return") l.push({ t: "return", e: kept, at });
  else l.push({ t: "break", label: exit.label, at });
}

function isSame(a: Exit, b: Exit): boolean {
  return a.jump === b.jump && (a.jump === "return" || (b.jump === "break" && a.label === b.label));
}

function loopExit(l: Lowering, c: Context & { kind: "iterator" }, exit: Exit): LoopExit {
  const known = c.exits.find((e) => isSame(e.exit, exit));
  if (known !== undefined) return known;
  const made = { exit, label: l.label(), value: exit.jump === "return" ? l.temp() : null };
  c.exits.push(made);
  return made;
}

/**
 * Whether a jump out of here closes an iterator, or sets a record, on its way: not before a `finally` that it passes has run, which may throw
 * or go another way. So such a `finally` has a record of its own.
 */
export function crosses(l: Lowering): boolean {
  return l.contexts.some((c) => c.kind !== "target");
}
