/** `try`: a handler that may suspend moves out of its catch clause. What `finally` becomes: finally.ts. */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { literal, ref } from "../tree/node.ts";
import { patternNames } from "../tree/pattern.ts";
import { bindPattern } from "./binding.ts";
import { lowerTryFinally } from "./finally.ts";
import { readsStack } from "./handler.ts";
import { crosses } from "./jump.ts";
import type { Lowering } from "./lowering.ts";
import { enterName } from "./scope.ts";
import { lowerBlock } from "./statement.ts";

export function lowerTry(l: Lowering, node: Node): void {
  const handler = node.handler as Node | null;
  if (node.finalizer === null) {
    lowerTryCatch(l, () => lowerBlock(l, node.block.body as Node[]), handler!);
    return;
  }
  lowerTryFinally(
    l,
    () => {
      if (handler === null) lowerBlock(l, node.block.body as Node[]);
      else lowerTryCatch(l, () => lowerBlock(l, node.block.body as Node[]), handler);
    },
    () => lowerBlock(l, node.finalizer.body as Node[]),
    node.$has === true ||
      (!l.fn.generator && crosses(l) && (jumpsOut(node.block as Node) || (handler !== null && jumpsOut(handler)))),
  );
}

function lowerTryCatch(l: Lowering, inside: () => void, handler: Node): void {
  const body = (): void => {
    l.out.push(...l.within({ kind: "catch" }, inside));
  };
  const param = l.temp();
  const lower = (): void => {
    const pattern = handler.param as Node | null;
    if (pattern !== null) {
      patternNames(pattern, (id) => enterName(l, id.$b as Binding));
      bindPattern(l, pattern, ref(param));
      // `var e` in it is the same variable.
      patternNames(pattern, (id) => {
        (id.$b as Binding).early ||= (id.$b as Binding).boxed;
      });
    }
    lowerBlock(l, handler.body.body as Node[]);
  };
  const uses =
    handler.param !== null && (handler.body.$has === true || readsStack(handler.param as Node, handler.body as Node));
  if (handler.body.$has !== true && handler.param?.$has !== true) {
    l.push({ t: "try", body: l.region(body), param, handler: l.nested(lower), user: true, uses });
    return;
  }
  // A handler that may suspend moves out of the catch clause, where a clone could not enter it.
  const caught = l.temp();
  l.set(caught, literal(false));
  l.push({
    t: "try",
    body: l.region(body),
    param,
    handler: l.nested(() => l.set(caught, literal(true))),
    user: true,
    uses,
  });
  l.push({ t: "if", test: ref(caught), yes: l.nested(lower), no: [] });
}

/** Whether a jump may leave a statement. One with a label is taken to do so. */
function jumpsOut(node: Node, inLoop = false, inSwitch = false): boolean {
  if (isFunction(node)) return false;
  if (node.type === "ReturnStatement") return true;
  if (node.type === "ContinueStatement") return node.label !== null || !inLoop;
  if (node.type === "BreakStatement") return node.label !== null || !(inLoop || inSwitch);
  const loop = inLoop || /^(?:For|While|DoWhile)/.test(node.type);
  const choice = inSwitch || node.type === "SwitchStatement";
  let found = false;
  eachChild(node, (child) => {
    found ||= jumpsOut(child, loop, choice);
  });
  return found;
}
