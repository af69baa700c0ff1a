/**
 * What V8 counted in a compiled module, told of the user's text. A function is there twice, and each of its lines has run as
 * often as one of the two says: where the fast copy was left, the clone went on.
 *
 *     compiled  { function f … } count 1, from the first suspension on 0     { function f$r … } count 1
 *     user's    { function f … } count 1
 *
 * Read off the tree: a statement, or a branch of an expression, has run if something that is mapped to it has.
 */
import { decode } from "@jridgewell/sourcemap-codec";
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import { parse, strip } from "../read/parse.ts";
import { Source } from "../read/source.ts";

/** What is told of each statement. */
export interface How {
  /** Only a part of the text was compiled, as for threads; what was not has not run. */
  partial: boolean;
  /** How often each statement has run, not only whether: for who counts the `else` that is not there. */
  exact: boolean;
}

/** The user's text as a tree, without its types. */
export function coveredTree(text: string, file: string): Node {
  const source = new Source(text, file);
  const program = parse(source, undefined);
  strip(program, source, false, false);
  return program;
}

/** As V8 writes them: offsets in the text; the first range of a function is the function's. */
export interface Range {
  startOffset: number;
  endOffset: number;
  count: number;
}
export interface CoveredFunction {
  functionName: string;
  isBlockCoverage: boolean;
  ranges: Range[];
}

/** Where the compiled text's lines begin, and what is mapped there. */
export interface Compiled {
  lineLengths: number[];
  mappings: string;
}

/** How often what stands at offsets of the user's text has run, in order of the offsets. */
interface Counts {
  at: number[];
  /** In the copy that says most. */
  most: number[];
  /** In all copies together. */
  all: number[];
  /** The same, of what stands last in each copy: of a call in a condition, the question what it gave. */
  asked: number[];
}

/** The functions of the user's text. `program`: see {@link coveredTree}. */
export function coveredFunctions(
  text: string,
  program: Node,
  compiled: Compiled,
  functions: readonly CoveredFunction[],
  { partial, exact }: How,
): CoveredFunction[] {
  const counts = countsOf(text, compiled, functions);
  const found: CoveredFunction[] = [];

  /** `node`: a function, or the program. */
  function cover(node: Node, body: Node, name: string, from: number, whole: number): void {
    const own = runsOf(body, counts, counts.most);
    const count = isFunction(node) ? (own ?? Math.min(whole, 1)) : whole;
    const entry: CoveredFunction = {
      functionName: name,
      isBlockCoverage: true,
      ranges: [{ startOffset: from, endOffset: node.end, count }],
    };
    found.push(entry);
    eachChild(node, (child) => visit(child, node, count, entry.ranges));
  }

  function visit(node: Node, parent: Node, count: number, ranges: Range[]): void {
    if (isFunction(node)) {
      const member = parent.type === "MethodDefinition" || parent.type === "Property" ? parent : null;
      cover(node, node.body as Node, nameOf(node, parent), member === null ? node.start : member.start, count);
      return;
    }
    let now = count;
    if (count > 0 && (isBranch(node, parent) || (exact && isInitializer(node, parent)))) {
      const own = exact ? startsOf(node, counts) : runsOf(node, counts, counts.most);
      if (own === 0) {
        now = 0;
        exclude(node, ranges);
      } else if (exact && own !== null && own !== count) {
        now = own;
        ranges.push({ startOffset: node.start, endOffset: node.end, count: own });
      }
    }
    eachChild(node, (child) => visit(child, node, now, ranges));
  }

  /** A range of its own for what has not run; one for what stands behind one another. */
  function exclude(node: Node, ranges: Range[]): void {
    const last = ranges[ranges.length - 1]!;
    if (
      ranges.length > 1 &&
      last.count === 0 &&
      last.endOffset <= node.start &&
      text.slice(last.endOffset, node.start).trim() === ""
    ) {
      last.endOffset = node.end;
      return;
    }
    let from = node.start;
    // The whole line: reports count lines.
    const line = text.lastIndexOf("\n", from - 1) + 1;
    if (text.slice(line, from).trim() === "") from = line;
    ranges.push({ startOffset: from, endOffset: node.end, count: 0 });
  }

  cover(program, program, "", 0, partial ? 0 : 1);
  found[0]!.ranges[0]!.endOffset = text.length;
  return found;
}

/** What runs or not, whatever is around it. */
function isBranch(node: Node, parent: Node): boolean {
  if (node.type === "FunctionDeclaration" || node.type === "ClassBody") return false;
  if (/(?:Statement|Clause)$/.test(node.type) || node.type === "VariableDeclaration" || node.type === "SwitchCase")
    return true;
  if (parent.type === "ConditionalExpression") return node !== parent.test;
  return parent.type === "LogicalExpression" && node === parent.right;
}

/** What the engine runs as a function of its own, for each instance. */
function isInitializer(node: Node, parent: Node): boolean {
  return node.type === "StaticBlock" || (parent.type === "PropertyDefinition" && node === parent.value);
}

function nameOf(node: Node, parent: Node): string {
  const name = node.id ?? parent.key ?? (parent.type === "VariableDeclarator" ? parent.id : null);
  return (name?.name as string | undefined) ?? (typeof name?.value === "string" ? (name.value as string) : "");
}

/** How often a statement was begun. Of an `if`: how often it was decided, for the rest of that is its `else`. */
function startsOf(node: Node, counts: Counts): number | null {
  if (node.type === "IfStatement") {
    const { start } = node.test as Node;
    const i = search(counts.at, start);
    if (counts.at[i] === start && counts.asked[i]! > 0) return counts.asked[i]!;
  }
  return runsOf(node, counts, counts.all);
}

/**
 * How often a node has run: what is mapped first in it, or, where only a part of it stands in the copy that has run, that. Functions
 * in it are left aside. Null where nothing is mapped.
 */
function runsOf(node: Node, { at }: Counts, runs: readonly number[]): number | null {
  const inner = functionsIn(node);
  let found: number | null = null;
  for (let i = search(at, node.start); i < at.length && at[i]! < node.end; i++) {
    // Where an expression begins that is a function, it is made.
    if (inner.some((f) => at[i]! < f.end && (at[i]! > f.start || (at[i]! === f.start && isDeclared(f))))) continue;
    found = runs[i]!;
    if (found > 0) break;
  }
  return found;
}

function isDeclared(node: Node): boolean {
  return node.type === "FunctionDeclaration";
}

function functionsIn(node: Node): Node[] {
  const found: Node[] = [];
  eachChild(node, function collect(child) {
    if (isFunction(child)) found.push(child);
    else eachChild(child, collect);
  });
  return found;
}

/** The index of the first that is not below. */
function search(list: number[], value: number): number {
  let lo = 0;
  let hi = list.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (list[mid]! < value) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

function countsOf(text: string, compiled: Compiled, functions: readonly CoveredFunction[]): Counts {
  const starts = [0];
  for (const { 0: end, index } of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(index + end.length);
  // Outer ranges first. A copy is a function of the engine.
  const ranges = functions
    .flatMap((f, copy) => f.ranges.map((range) => ({ ...range, copy })))
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  const open: (Range & { copy: number })[] = [];
  let next = 0;
  const found = new Map<number, Map<number, { most: number; last: number }>>();
  let line = 0;
  // Whoever prints the text again leads what comes from nowhere to what stands before it.
  let before = -1;
  decode(compiled.mappings).forEach((segments, row) => {
    for (const s of segments) {
      const offset = line + s[0];
      while (next < ranges.length && ranges[next]!.startOffset <= offset) open.push(ranges[next++]!);
      while (open.length > 0 && open[open.length - 1]!.endOffset <= offset) open.pop();
      const at = s.length < 4 ? -1 : starts[s[2]!]! + s[3]!;
      const same = at === before;
      before = at;
      if (same || at < 0) continue;
      let i = open.length - 1;
      while (i >= 0 && open[i]!.endOffset <= offset) i--;
      const { count, copy } = i < 0 ? none : open[i]!;
      let copies = found.get(at);
      if (copies === undefined) found.set(at, (copies = new Map()));
      const known = copies.get(copy);
      if (known === undefined) copies.set(copy, { most: count, last: count });
      else {
        known.most = Math.max(known.most, count);
        known.last = count;
      }
    }
    line += (compiled.lineLengths[row] ?? 0) + 1;
  });
  const at = [...found.keys()].sort((a, b) => a - b);
  const over = (of: (copies: { most: number; last: number }[]) => number): number[] =>
    at.map((x) => of([...found.get(x)!.values()]));
  return {
    at,
    most: over((copies) => Math.max(...copies.map((c) => c.most))),
    all: over((copies) => copies.reduce((sum, c) => sum + c.most, 0)),
    asked: over((copies) => copies.reduce((sum, c) => sum + c.last, 0)),
  };
}

/** Where no function of the engine is. */
const none = { count: 0, copy: -1 };
