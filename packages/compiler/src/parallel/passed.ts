/** What is one thing for all threads only where it is passed to them: channels, locks, shared memory. */
import { functionOf, keyOf } from "./aliases.ts";
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { gortImport } from "../calls/callee.ts";
import { globalName, memberOfValue } from "./members.ts";

/** What of gort is one thing for all threads only where it is passed. */
const passed = new Set(
  "chan nilChan Mutex RWMutex WaitGroup Semaphore Cond Once AtomicInt after withCancel withCancelCause withTimeout withDeadline Timer Ticker".split(
    " ",
  ),
);

/** The function of gort whose result an initialiser is: `chan(…)`, `new Mutex()`. */
export function madeBy(init: Node | null): string {
  return init?.type === "CallExpression" || init?.type === "NewExpression" ? gortImport(init.callee as Node) : "";
}

/** What of {@link passed}, or a SharedArrayBuffer, is made where `node` is evaluated. */
export function sharedIn(node: Node, seen: Set<Node>): string {
  if (seen.has(node)) return "";
  seen.add(node);
  if (isFunction(node)) return "";
  let found = "";
  const look = (n: Node | null | undefined): void => {
    if (found === "" && n) found = sharedIn(n, seen);
  };
  if (node.type === "ClassDeclaration" || node.type === "ClassExpression") {
    for (const m of node.body.body as Node[])
      if (m.static === true && m.type === "PropertyDefinition") look(m.value as Node | null);
    return found;
  }
  if (node.type === "CallExpression" || node.type === "NewExpression") {
    const callee = node.callee as Node;
    const made = gortImport(callee);
    if (passed.has(made)) return made;
    if (node.type === "NewExpression" && isSharedMemory(callee, node.arguments as Node[])) return "SharedArrayBuffer";
    if (isFunction(callee)) look(callee.body as Node);
    else if (node.type === "CallExpression") look(functionOf(callee)?.body as Node | undefined);
    else for (const part of instanceParts(callee)) look(part);
    if (callee.type === "MemberExpression" && /^(?:from|map|flatMap)$/.test(keyOf(callee)))
      for (const f of node.arguments as Node[]) if (isFunction(f)) look(f.body as Node);
  }
  eachChild(node, look);
  return found;
}

function isSharedMemory(callee: Node, [first]: Node[]): boolean {
  if (callee.type === "MemberExpression")
    return (
      globalName(callee.object as Node) === "WebAssembly" &&
      keyOf(callee) === "Memory" &&
      first !== undefined &&
      memberOfValue(first, "shared")?.value === true
    );
  return globalName(callee) === "SharedArrayBuffer";
}

/** What is run where a class of the module is made an instance of. */
function instanceParts(callee: Node): Node[] {
  const b = callee.type === "Identifier" ? (callee.$b as Binding | undefined) : undefined;
  const members = (b?.kind === "class" && b.module ? (b.node?.body.body ?? []) : []) as Node[];
  return members.flatMap((m) => {
    if (m.static === true || !m.value) return [];
    if (m.type === "PropertyDefinition") return [m.value as Node];
    return m.kind === "constructor" ? [m.value.body as Node] : [];
  });
}
