/** What is known of a callee: that it cannot suspend, which function of the module it is, what it is of gort. */
import { isFunction, type Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import { isIntrinsicMethod } from "./intrinsics.ts";
import { isNeverFunction } from "./natives.ts";

/** Global functions that never run user code which could block. */
export const leafGlobals: ReadonlySet<string> = new Set(
  (
    "Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError Float32Array Float64Array " +
    "Int16Array Int32Array Int8Array Map Number Object RangeError ReferenceError RegExp Set SharedArrayBuffer String Symbol " +
    "SyntaxError TypeError URIError URL URLSearchParams Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef " +
    "WeakSet AggregateError AbortController TextDecoder TextEncoder decodeURIComponent encodeURIComponent decodeURI encodeURI " +
    "isFinite isNaN parseFloat parseInt setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate " +
    "queueMicrotask structuredClone fetch"
  ).split(" "),
);

/** Global objects whose methods are leaves. */
const leafNamespaces = new Set(
  "Math Number Object JSON String Symbol Date Atomics BigInt console performance process Buffer ArrayBuffer Reflect".split(
    " ",
  ),
);
/** Single ones of others. */
const leafMethods = new Set(["Array.isArray", "Array.of", "ArrayBuffer.isView"]);
/** … except those that call what they are given. */
const callingMethods = new Set([
  "Reflect.apply",
  "Reflect.construct",
  "Object.groupBy",
  "process.emit",
  "Object.defineProperty",
]);

/** What `gort` exports that neither parks nor calls back. */
const leafGort = new Set(
  (
    "go chan nilChan onRecv onSend onDefault onTimeout sending timeout otherwise numGoroutine numCPU gomaxprocs setName stats " +
    "stack setMaxStack lockOSThread unlockOSThread after afterFunc WaitGroup Mutex RWMutex Cond Once Semaphore Group Timer Ticker " +
    "Pool AtomicInt SingleFlight background todo withCancel withCancelCause withTimeout withDeadline withValue withoutCancel " +
    "contextAfterFunc fromSignal"
  ).split(" "),
);

/** The function of this module a callee certainly is, or null. */
export function knownFunction(callee: Node, isNew: boolean): Fn | null {
  if (callee.type !== "Identifier") return null;
  const b = callee.$b as Binding | undefined;
  if (b === undefined || b.writes > 0) return null;
  if (isNew) return b.kind === "class" ? constructorOf(b) : null;
  if (b.kind === "function" && b.node !== null) return b.node.$fn as Fn;
  if (b.kind === "const" && b.init !== null && isFunction(b.init)) return b.init.$fn as Fn;
  return null;
}

/** The constructor a class of this module has in its text. Of a derived class too: until `super()` has returned it is a barrier. */
function constructorOf(b: Binding): Fn | null {
  const own = (b.node!.body.body as Node[]).find((m) => m.type === "MethodDefinition" && m.kind === "constructor");
  return own === undefined ? null : (own.value.$fn as Fn);
}

/** `new` of a class of this module that runs no constructor which could suspend: field initialisers are barriers. */
export function makesPlain(call: Node): boolean {
  const callee = call.callee as Node | undefined;
  const b =
    call.type === "NewExpression" && callee!.type === "Identifier" ? (callee!.$b as Binding | undefined) : undefined;
  if (b?.kind !== "class" || b.writes > 0 || constructorOf(b) !== null) return false;
  const parent = b.node!.superClass as Node | null;
  return (
    parent === null ||
    (parent.type === "Identifier" && parent.$b === undefined && leafGlobals.has(parent.name as string))
  );
}

/** The export of gort an expression certainly is: `go`, `gort.go`, `(0, gort.go)`; empty for anything else. */
export function gortImport(node: Node): string {
  if (node.type === "SequenceExpression") {
    const [first, second, ...more] = node.expressions as Node[];
    return first!.type === "Literal" && more.length === 0 ? gortImport(second!) : "";
  }
  if (node.type === "MemberExpression")
    return !node.computed && node.object.type === "Identifier" && gortName(node.object as Node) === "*"
      ? (node.property.name as string)
      : "";
  const name = gortName(node);
  return name === "*" ? "" : name;
}

function gortName(node: Node): string {
  const b = node.type === "Identifier" ? (node.$b as Binding | undefined) : undefined;
  if (b === undefined || b.gort === "") return "";
  const fixed = b.kind === "import" || b.kind === "const" || (b.kind === "var" && b.writes === 1);
  return fixed ? b.gort : "";
}

export function isFrom(modules: readonly string[], callee: Node): boolean {
  const b = callee.type === "Identifier" ? (callee.$b as Binding | undefined) : undefined;
  return b?.kind === "import" && modules.includes(b.node?.$from as string);
}

export function isLeaf(callee: Node, call: Node): boolean {
  if (callee.type === "$Field") return true;
  if (callee.type === "Identifier") {
    if (callee.$b === undefined) return leafGlobals.has(callee.name as string);
    return leafGort.has(gortImport(callee));
  }
  if (leafGort.has(gortImport(callee))) return true;
  if (call.type === "CallExpression" && isIntrinsicMethod(callee)) return true;
  if (callee.type === "MemberExpression" && !callee.computed && callee.object.type === "Identifier") {
    const o = callee.object as Node;
    if (o.$b !== undefined || call.type === "NewExpression") return false;
    const name = callee.property.name as string;
    // With a reviver or a replacer it calls back.
    if (o.name === "JSON" && call.arguments[1] !== undefined) return isNeverFunction(call.arguments[1] as Node);
    const full = `${o.name}.${name}`;
    return leafMethods.has(full) || (leafNamespaces.has(o.name as string) && !callingMethods.has(full));
  }
  return false;
}
