/**
 * Parallel functions: `const f = parallel((…) => …)` at the top of a module. Each gets an id and the place where other threads
 * find it, and what it reaches is checked: state of the module that would be another thing on another thread is refused.
 */
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import { gortImport } from "../calls/callee.ts";
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import { namesIn } from "./evaluated.ts";
import { globalName } from "./members.ts";
import { ModuleState } from "./state.ts";
import { sliceUrl } from "./address.ts";
import type { Format } from "../files/module-text.ts";
import type { Source } from "../read/source.ts";

interface Marked {
  name: string;
  call: Node;
}

/** The parallel functions of a module. */
export function parallelsOf(program: Node): Marked[] {
  const found: Marked[] = [];
  for (const s of program.body as Node[]) {
    const d = (s.type === "ExportNamedDeclaration" ? s.declaration : s) as Node | null;
    if (d?.type !== "VariableDeclaration") continue;
    for (const v of d.declarations as Node[]) {
      const call = v.init as Node | null;
      if (
        call?.type === "CallExpression" &&
        v.id.type === "Identifier" &&
        gortImport(call.callee as Node) === "parallel"
      )
        found.push({ name: v.id.name as string, call });
    }
  }
  return found;
}

/** In the place of a slice's URL in a bundle: what stands there is the bundler's plugin's to say (bundle.ts). */
export const BUNDLED = "gort-bundled-slices";

/** Gives each its id (module, name, hash of the source) and the URL of its slice; their names. */
export function markParallels(
  program: Node,
  source: Source,
  shown: string,
  bundled: boolean,
  format: Format,
): string[] {
  const marked = parallelsOf(program);
  if (marked.length === 0) return [];
  if (format === "commonjs")
    source.refuse(
      "GORT_PARALLEL",
      marked[0]!.call.start,
      "`parallel` in a CommonJS module, of which other threads cannot load a part",
      'Make it an ECMAScript module: `import` and `export`, and a name that ends in .mjs or .mts, or `"type": "module"` in package.json.',
    );
  const hash = createHash("sha256").update(source.text).digest("hex").slice(0, 12);
  const url = pathToFileURL(source.file).href;
  const state = new ModuleState(program.body as Node[], source);
  for (const { name, call } of marked) {
    const args = call.arguments as Node[];
    if (args.length !== 1 || args[0]!.type === "SpreadElement")
      source.refuse(
        "GORT_PARALLEL",
        call.start,
        "`parallel` takes one function",
        "Write `const f = parallel((…) => …)`.",
      );
    args.push(literal(`${shown}#${name}#${hash}`), literal(bundled ? BUNDLED : sliceUrl(url, name)));
    // Dumps call it by the name it is known by.
    const fn = args[0]!.$fn as Fn | undefined;
    call.$same = args[0];
    if (fn !== undefined && fn.name === "") fn.name = name;
    check(args[0]!, source, name, state);
  }
  return marked.map(({ name }) => name);
}

function literal(value: string): Node {
  return { type: "Literal", value, raw: JSON.stringify(value), start: 0, end: 0 };
}

// ---- what a parallel function may not do

function check(f: Node, source: Source, root: string, state: ModuleState): void {
  const seen = new Set<Node>();
  const queue: Node[] = [f];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    walk(node, (inside) => look(inside, source, root, queue, state));
  }
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  eachChild(node, (child) => walk(child, visit));
}

function look(node: Node, source: Source, root: string, queue: Node[], state: ModuleState): void {
  for (const id of state.changedIn(node)) {
    const made = state.madeOf(id.$b as Binding);
    const why = made?.why ?? "and changes it: each thread has its own, and would not see the change";
    refuse(source, id, id.$b as Binding, root, why, made?.hint);
  }
  if (node.type === "CallExpression" && globalName(node.callee as Node) === "eval")
    evaluated(node, source, root, state);
  if (node.type !== "Identifier") return;

  const b = node.$b as Binding | undefined;
  if (b === undefined || !b.module || node.$decl === true) return;
  const reason = state.reasonOf(b);
  if (reason !== null) refuse(source, node, b, root, reason.why, reason.hint);
  if (b.kind === "function" || b.kind === "class") {
    if (b.node !== null) queue.push(b.node);
  } else if (b.init !== null && isFunction(b.init)) queue.push(b.init);
}

/** A text is not looked into: what it names of the module is not in the slice, a bare ReferenceError on another thread. */
function evaluated(call: Node, source: Source, root: string, state: ModuleState): void {
  for (const name of namesIn(call.arguments[0] as Node | undefined)) {
    const b = state.variable(name);
    if (b !== null)
      refuse(source, call, b, root, "in the text of `eval`, which other threads have nothing of the module for");
  }
}

function refuse(source: Source, node: Node, b: Binding, root: string, why: string, hint?: string): never {
  source.refuse(
    "GORT_PARALLEL_STATE",
    node.start,
    `the parallel function \`${root}\` uses \`${b.name}\` of its module, ${why}`,
    hint ?? `Pass it as an argument, or say that each thread has its own: \`const ${b.name} = perThread(() => …)\`.`,
  );
}
