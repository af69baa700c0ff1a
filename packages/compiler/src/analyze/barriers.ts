/**
 * What cannot be suspended, for `gort check`: functions that could block or run long, were they not what they are, and calls
 * that hand a function of ours to code that is not compiled. Read off the tree after the analysis, before anything is emitted.
 */
import { isBuiltin } from "node:module";
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import type { Scopes } from "../scope/resolution.ts";
import type { Source } from "../read/source.ts";

/** A function that cannot be suspended, or a call that hands one to code that is not compiled. */
export interface Barrier {
  /** What cannot be suspended: "a getter", "a generator", "a callback of `each`", … */
  what: string;
  /** The function's name, as a dump shows it; empty where it has none. */
  name: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** Why, and what to write instead. */
  reason: string;
  /** The package the call goes to, where it is a package's: it may be compiled, or not. */
  from?: string;
}

/** Why each kind is what it is. Keys are the beginnings of what the analysis says. */
const reasons: [kind: string, reason: string][] = [
  ["a getter", "whoever reads the property goes on at once; make it a method"],
  ["a setter", "whoever writes the property goes on at once; make it a method"],
  ["a generator", "the engine's `next` calls it; send the values over a channel from a goroutine"],
  ["an async generator", "it hands out values in between; send them over a channel from a goroutine"],
  ["a class field", "it runs inside `new`; assign the field in the constructor"],
  ["a derived constructor", "there is no `this` to save before `super()` has returned; call what blocks behind it"],
  ["a function with direct", "`eval` looks its variables up by name; use `new Function` or none"],
  [
    "a function beside",
    "it shares variables of a block at the top of the module with one that looks them up by name; use `new Function` or none",
  ],
  [
    "a function around one that says",
    "it lies in a function with one that another tool takes out, with the variables it finds; move that one to the top of the module",
  ],
  ["a function that says", "it asks to be left as it is; take the directive out"],
];

const toplevel = "nothing below it can be resumed; export `main`, or `await run(main)`";
const engine =
  "the engine calls it in the middle of an operation; compiled code may call it and block, the engine may not";
const foreign =
  "make it `async` where a promise is welcome, wrap a (req, res) handler in `handler(f)` of gort/http, start a goroutine in it, or compile the package too (`--include`)";
const native = "its caller cannot be suspended; use a loop, or start a goroutine in it";

/** Global functions that call what they are given and have no compiled version. */
const callers = new Set(["Promise", "JSON.parse", "JSON.stringify", "Array.fromAsync", "structuredClone"]);

export function barriersOf(scopes: Scopes, source: Source): Barrier[] {
  const found: { at: number; barrier: Omit<Barrier, "line" | "column"> }[] = [];
  const add = (node: Node, what: string, name: string, reason: string, from?: string): void => {
    if (!source.isWritten(node.start)) return;
    found.push({ at: node.start, barrier: { what, name, reason, ...(from === undefined ? {} : { from }) } });
  };
  for (const fn of scopes.fns) {
    if (fn.barrier !== "") {
      if (fn.barrier !== "an async function" && mayStop(fn)) add(fn.node, fn.barrier, fn.name, reasonOf(fn.barrier));
    } else if (fn.superEnd > 0) {
      const early = firstCall(fn, "$bar");
      if (early !== null)
        add(early, "a call before `super()` has returned", fn.name, reasonOf("a derived constructor"));
    } else if (fn.node.$engine === true && fn.suspendable && fn.kind === "method") {
      add(fn.node, "a method the engine calls", fn.name, engine);
    }
  }
  eachNode(scopes.module.node, (node) => {
    // `{ next: () => … }`, a proxy's `{ get: () => … }`.
    if (node.type === "Property" && isFunction(node.value as Node)) {
      const fn = node.value.$fn as Fn;
      if (node.value.$engine === true && fn.kind !== "method" && fn.barrier === "" && fn.suspendable)
        add(node.value as Node, "a function the engine calls", fn.name, engine);
    }
    if (node.type !== "CallExpression" && node.type !== "NewExpression") return;
    const given = (node.arguments as Node[]).find((a) => isFunction(a) && (a.$fn as Fn).suspendable);
    if (given === undefined) return;
    const name = calleeName(node.callee as Node);
    const from = packageOfCallee(node.callee as Node);
    if (from !== null) add(given, `a callback of \`${name}\``, "", `${from} is not compiled: ${foreign}`, from);
    else if (callers.has(name) && !isDeclared(node.callee as Node)) add(given, `a callback of \`${name}\``, "", native);
  });
  const top = topCall(scopes);
  if (top !== null) add(top, "the top level of a module", "", toplevel);
  return found.sort((a, b) => a.at - b.at).map(({ at, barrier }) => ({ ...barrier, ...source.position(at) }));
}

function reasonOf(barrier: string): string {
  return reasons.find(([kind]) => barrier.startsWith(kind))?.[1] ?? native;
}

/** Whether something in it could block, or be preempted, elsewhere. */
function mayStop(fn: Fn): boolean {
  return firstCall(fn, "$bar") !== null || some(bodyOf(fn), (n) => /^(?:For|While|DoWhile)/.test(n.type));
}

function firstCall(fn: Fn, mark: string): Node | null {
  let found: Node | null = null;
  some(bodyOf(fn), (n) => {
    // `super()` itself says nothing: every derived constructor has it.
    const is = n[mark] === true && n.callee?.type !== "Super";
    if (is) found ??= n;
    return is;
  });
  return found;
}

function bodyOf(fn: Fn): Node[] {
  const { node } = fn;
  if (fn.kind !== "init") return [...(node.params as Node[]), node.body as Node];
  return node.type === "StaticBlock" ? (node.body as Node[]) : [node.value as Node].filter((n) => n !== null);
}

/** Whether `is` holds for a node; functions within are left aside. */
function some(nodes: Node[], is: (node: Node) => boolean): boolean {
  return nodes.some((node) => {
    if (is(node)) return true;
    let found = false;
    eachChild(node, (child) => {
      if (!found && !isFunction(child) && !isMember(child)) found = some([child], is);
    });
    return found;
  });
}

/** Fields and static blocks are functions of their own. */
function isMember(node: Node): boolean {
  return node.type === "PropertyDefinition" || node.type === "StaticBlock";
}

function eachNode(node: Node, visit: (node: Node) => void): void {
  visit(node);
  eachChild(node, (child) => eachNode(child, visit));
}

function calleeName(callee: Node): string {
  if (callee.type === "Identifier") return callee.name as string;
  if (callee.type !== "MemberExpression" || callee.computed) return "";
  const object = calleeName(callee.object as Node);
  return object === "" ? (callee.property.name as string) : `${object}.${callee.property.name as string}`;
}

function rootOf(callee: Node): Node {
  let node = callee;
  while (node.type === "MemberExpression") node = node.object as Node;
  return node;
}

/** What promises and emitters call: Node.js and the engine do, whoever made them (the runtime's entry.ts). */
const awaited = new Set(
  "then catch finally on once addListener prependListener prependOnceListener addEventListener".split(" "),
);

function isDeclared(callee: Node): boolean {
  return rootOf(callee).$b !== undefined;
}

/** The package a callee was imported from, or comes out of (`express()`, `z.string().refine`); null for what is ours, Node's or gort's. */
function packageOfCallee(callee: Node): string | null {
  if (callee.type === "MemberExpression" && !callee.computed && awaited.has(callee.property.name as string))
    return null;
  return packageOf(callee, 0);
}

function packageOf(value: Node, depth: number): string | null {
  if (depth > DEPTH) return null;
  const root = rootOf(value);
  if (root.type === "CallExpression" || root.type === "NewExpression") return packageOf(root.callee as Node, depth + 1);
  if (root.type === "AwaitExpression") return packageOf(root.argument as Node, depth + 1);
  const b = root.$b as Binding | undefined;
  const from = b?.from ?? "";
  if (from !== "") return /^(?:\.{0,2}\/|file:|node:|#|gort$|gort\/)/.test(from) || isBuiltin(from) ? null : from;
  return b?.init && b.writes === 0 ? packageOf(b.init, depth + 1) : null;
}

/** Calls of what calls returned, and constants made of them, that are followed. */
const DEPTH = 20;

/** The first call at the top of a module that does not await, of a function of the module that may block. */
function topCall(scopes: Scopes): Node | null {
  const { module } = scopes;
  if (scopes.waits) return null;
  let found: Node | null = null;
  for (const s of module.node.body as Node[]) {
    if (isFunction(s)) continue;
    some([s], (n) => {
      const b =
        n.type === "CallExpression" && n.callee.type === "Identifier"
          ? (n.callee.$b as Binding | undefined)
          : undefined;
      const f = (b?.node ?? b?.init)?.$fn as Fn | undefined;
      if (f?.suspendable === true) found ??= n;
      return found !== null;
    });
  }
  return found;
}
