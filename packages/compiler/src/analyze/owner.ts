/** Whose an expression is: this program's or gort's, a package's, or nobody knows. */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";

/** Nobody knows. This and the next are the marks of functions that are given away, too (given.ts). */
export const UNKNOWN = 1;
/** A package's. */
export const FOREIGN = 2;
/** Of an object: its class is this program's or gort's. */
export const OWN = 0;

/**
 * The question itself. `isGort`: whether an expression certainly is an export of gort's; `origins`: what each variable is made with, taken out of,
 * or assigned.
 */
export function ownership(
  isGort: (node: Node) => boolean,
  origins: ReadonlyMap<Binding, readonly Node[]>,
): (e: Node) => number {
  /** What has been found. */
  const owners: Map<Node | Binding, number> = new Map();
  return whose;

  /** Whose an expression is: FOREIGN if it comes out of a package, OWN if it is an object this program or gort has the class of. */
  function whose(e: Node): number {
    switch (e.type) {
      case "MemberExpression":
        return foreign(e.object as Node);
      case "CallExpression": {
        if (isRequire(e)) return isPackage(e.arguments[0].value as string) ? FOREIGN : OWN;
        if (isGort(e.callee as Node)) return OWN;
        const fn = functionOf(e.callee as Node);
        return fn === null
          ? foreign(e.callee as Node)
          : once(fn, () => (results(fn).some((x) => whose(x) === FOREIGN) ? FOREIGN : UNKNOWN));
      }
      case "NewExpression":
        if (isGort(e.callee as Node)) return OWN;
        return classOf(e.callee as Node) === null ? foreign(e.callee as Node) : whose(e.callee as Node);
      case "ImportExpression":
        return e.source.type === "Literal" && !isPackage(e.source.value as string) ? OWN : FOREIGN;
      case "AwaitExpression":
        return whose(e.argument as Node);
      case "ChainExpression":
        return whose(e.expression as Node);
      case "SequenceExpression":
        return whose((e.expressions as Node[]).at(-1)!);
      case "Identifier": {
        const b = e.$b as Binding | undefined;
        // The engine's own: the compiled versions of those that call back are called by compiled code.
        if (b === undefined) return UNKNOWN;
        if (b.gort !== "") return OWN;
        if (b.kind === "import") return isPackage(b.from) ? FOREIGN : b.imported === "*" ? OWN : UNKNOWN;
        if (b.kind === "class") {
          const parent = b.node?.superClass as Node | null | undefined;
          // It may name itself there.
          return parent === null || parent === undefined ? OWN : once(b, () => whose(parent));
        }
        return once(b, () => {
          const all = (origins.get(b) ?? []).map(whose);
          if (all.includes(FOREIGN)) return FOREIGN;
          return all.length > 0 && all.every((x) => x === OWN) ? OWN : UNKNOWN;
        });
      }
      case "ClassExpression":
        return e.superClass === null ? OWN : once(e, () => whose(e.superClass as Node));
      case "ArrayExpression":
      case "ObjectExpression":
        return OWN;
      default:
        return UNKNOWN;
    }
  }

  /** The answer for a variable or function, found once; UNKNOWN while it is being looked for. */
  function once(what: Node | Binding, find: () => number): number {
    let answer = owners.get(what);
    if (answer === undefined) {
      owners.set(what, UNKNOWN);
      owners.set(what, (answer = find()));
    }
    return answer;
  }

  /** What comes out of what is foreign is so too; what comes out of our own may be anything. */
  function foreign(e: Node): number {
    return whose(e) === FOREIGN ? FOREIGN : UNKNOWN;
  }
}

/** The function of this module a name means, as far as it is never another. */
export function functionOf(callee: Node): Node | null {
  if (isFunction(callee)) return callee;
  const b = callee.type === "Identifier" ? (callee.$b as Binding | undefined) : undefined;
  if (b === undefined || b.writes > 0) return null;
  if (b.kind === "function") return b.node;
  return b.kind === "const" && b.init !== null && isFunction(b.init) ? b.init : null;
}

export function classOf(callee: Node): Node | null {
  if (callee.type === "ClassExpression") return callee;
  const b = callee.type === "Identifier" ? (callee.$b as Binding | undefined) : undefined;
  if (b === undefined || b.writes > 0) return null;
  return b.kind === "class" ? b.node : b.init?.type === "ClassExpression" ? b.init : null;
}

export function constructorOf(callee: Node): Node | null {
  const own = (classOf(callee)?.body.body as Node[] | undefined)?.find((m) => m.kind === "constructor");
  return own === undefined ? null : (own.value as Node);
}

/** What a function returns. */
export function results(fn: Node): Node[] {
  if (fn.body.type !== "BlockStatement") return [fn.body as Node];
  const found: Node[] = [];
  const visit = (node: Node): void => {
    if (node.type === "ReturnStatement") {
      if (node.argument !== null) found.push(node.argument as Node);
    } else if (!isFunction(node) && node.type !== "ClassDeclaration" && node.type !== "ClassExpression")
      eachChild(node, visit);
  };
  visit(fn.body as Node);
  return found;
}

function isRequire(e: Node): boolean {
  const callee = e.callee as Node;
  const [from] = e.arguments as Node[];
  return callee.type === "Identifier" && callee.name === "require" && from?.type === "Literal";
}

/** Neither a file of this program nor gort. */
export function isPackage(from: string): boolean {
  return !/^(?:\.{0,2}\/|\.{1,2}$|file:|#|gort$|gort\/)/.test(from);
}
