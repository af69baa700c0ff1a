/**
 * Loops that end soon whatever happens, and so need no poll: `for (let i = 0; i < 64; i++)`.
 *
 * Such a loop goes on only while `i < 64` holds, raises `i` in every round, and nothing else in it writes `i`. That `i` is a number
 * and not below 0 shows in all that is ever written to it: numbers in the text, `++` and `+=` of them.
 */
import { eachChild, isFunction, loops, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { patternNames } from "../tree/pattern.ts";

/** So many rounds, those of loops inside counted in, take microseconds. */
const ROUNDS = 1000;
/** … where it calls somebody, who may have short loops too. */
const CALLING = 32;

const calls = new Set(["CallExpression", "NewExpression", "TaggedTemplateExpression", "ImportExpression"]);

/** Sets `$short` of the loops of a program that need no poll. */
export function markShort(program: Node): void {
  const odd = new Set<Binding>();
  markWrites(program, odd);
  rounds(program, odd);
}

/** Rounds of the loops in `node`, marked on the way; Infinity where one may go on and on. */
function rounds(node: Node, odd: ReadonlySet<Binding>): number {
  let inside = 0;
  eachChild(node, (child) => {
    inside += rounds(child, odd);
  });
  if (isFunction(node)) return 0;
  if (!loops.has(node.type)) return inside;
  const all = limitOf(node, odd) * Math.max(1, inside);
  if (all > ROUNDS || (all > CALLING && has(node, calls))) return Infinity;
  node.$short = true;
  return all;
}

function limitOf(loop: Node, odd: ReadonlySet<Binding>): number {
  if (loop.type !== "ForStatement" && loop.type !== "WhileStatement") return Infinity;
  const from = (loop.type === "ForStatement" && loop.init !== null ? (loop.init as Node).end : loop.start) as number;
  let least = Infinity;
  for (const [b, limit] of limits(loop.test as Node | null)) {
    if (odd.has(b) || (b.kind !== "let" && b.kind !== "var") || !raises(loop, b)) continue;
    // Whoever is called in the loop may set what another function sets.
    if (
      b.refs.some(
        ({ node, fn }) => node.$sets === true && (fn !== b.fn || (node.start >= from && node.end <= loop.end)),
      )
    )
      continue;
    least = Math.min(least, limit);
  }
  return least;
}

/** Of every `i < 64` that must hold for another round, `i` and how many rounds that makes. */
function limits(test: Node | null): [Binding, number][] {
  if (test?.type === "LogicalExpression" && test.operator === "&&")
    return [...limits(test.left as Node), ...limits(test.right as Node)];
  if (test?.type !== "BinaryExpression") return [];
  const turned = test.operator === ">" || test.operator === ">=";
  if (!turned && test.operator !== "<" && test.operator !== "<=") return [];
  const [i, limit] = (turned ? [test.right, test.left] : [test.left, test.right]) as [Node, Node];
  const n = numberOf(limit);
  return i.type === "Identifier" && i.$b !== undefined && n >= 0 ? [[i.$b as Binding, n + 1]] : [];
}

/** Whether every round raises `b`. */
function raises(loop: Node, b: Binding): boolean {
  const update = loop.update as Node | null | undefined;
  const body = loop.body as Node;
  if (update) return update.type === "SequenceExpression" ? update.expressions.some(isRaise) : isRaise(update);
  const statements = (body.type === "BlockStatement" ? body.body : [body]) as Node[];
  return (
    statements.some((s) => s.type === "ExpressionStatement" && isRaise(s.expression as Node)) &&
    !has(body, new Set(["ContinueStatement"]))
  );

  function isRaise(e: Node): boolean {
    const target = (
      e.type === "UpdateExpression" ? e.argument : e.type === "AssignmentExpression" ? e.left : null
    ) as Node;
    return target?.$raises === true && target.$b === b;
  }
}

/** A number in the text, or a constant that is one; NaN for all else. */
function numberOf(e: Node): number {
  if (e.type === "Literal" && typeof e.value === "number") return e.value;
  const b = e.type === "Identifier" ? (e.$b as Binding | undefined) : undefined;
  if (b?.kind === "const" && b.init?.type === "Literal" && typeof b.init.value === "number") return b.init.value;
  return Number.NaN;
}

function nameOf(e: Node): Binding | undefined {
  return e.type === "Identifier" ? (e.$b as Binding | undefined) : undefined;
}

function addTargets(pattern: Node, odd: Set<Binding>): void {
  patternNames(pattern, (id) => {
    if (id.$b !== undefined) odd.add(id.$b as Binding);
  });
}

/** Marks each name that is written: `$raises` by a number, `$sets` to one not below 0; `odd` has the variables of all others. */
function markWrites(node: Node, odd: Set<Binding>): void {
  switch (node.type) {
    case "UpdateExpression":
      if (nameOf(node.argument as Node) === undefined) break;
      if (node.operator === "++") node.argument.$raises = true;
      else addTargets(node.argument as Node, odd);
      break;
    case "AssignmentExpression": {
      const left = node.left as Node;
      const n = numberOf(node.right as Node);
      if (nameOf(left) === undefined) {
        if (left.type !== "MemberExpression") addTargets(left, odd);
      } else if (node.operator === "+=" && n >= 1) left.$raises = true;
      else if (node.operator === "=" && n >= 0) left.$sets = true;
      else addTargets(left, odd);
      break;
    }
    case "VariableDeclarator":
      if (node.id.type !== "Identifier" || (node.init && !(numberOf(node.init as Node) >= 0)))
        addTargets(node.id as Node, odd);
      break;
    case "ForInStatement":
    case "ForOfStatement": {
      const left = node.left as Node;
      if (left.type === "VariableDeclaration") addTargets(left.declarations[0].id as Node, odd);
      else if (left.type !== "MemberExpression") addTargets(left, odd);
    }
  }
  eachChild(node, markWrites, odd);
}

/** Whether a node of these types is in it, functions not looked into. */
function has(node: Node, types: ReadonlySet<string>): boolean {
  if (types.has(node.type)) return true;
  let found = false;
  eachChild(node, (child) => {
    if (!isFunction(child)) found ||= has(child, types);
  });
  return found;
}
