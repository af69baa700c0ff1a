/** The tree the phases work on: ESTree as the parser gives it, with TypeScript's types taken out. */

/** An ESTree node. Loosely typed on purpose: the phases switch on `type` and read what the specification puts there. */
export interface Node {
  type: string;
  start: number;
  end: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  [key: string]: any;
}

const skipped = new Set(["type", "start", "end", "loc", "range", "parent"]);

/** Calls `visit` for each child node, in source order of the fields. */
export function eachChild(node: Node, visit: (child: Node, key: string) => void): void {
  for (const key in node) {
    if (skipped.has(key) || key.charCodeAt(0) === 36 /* $: our own marks */) continue;
    const value: unknown = node[key];
    if (value === null || typeof value !== "object") continue;
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) visit(item, key);
    } else if (isNode(value)) visit(value, key);
  }
}

function isNode(value: unknown): value is Node {
  return value !== null && typeof value === "object" && typeof (value as Node).type === "string";
}

export function isFunction(node: Node): boolean {
  return (
    node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"
  );
}
