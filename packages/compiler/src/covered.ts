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
import { eachChild, isFunction, type Node } from "./ast.ts";
import { parse, strip } from "./parse.ts";
import { Source } from "./source.ts";

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
  count: number[];
}

/**
 * The functions of the user's text. `partial`: only a part of it was compiled, as for threads; what was not has not run.
 */
export function coveredFunctions(
  text: string,
  file: string,
  compiled: Compiled,
  functions: readonly CoveredFunction[],
  partial: boolean,
): CoveredFunction[] {
  const source = new Source(text, file);
  const program = parse(source, undefined);
  strip(program, source, false);
  const counts = countsOf(text, compiled, functions);
  const found: CoveredFunction[] = [];

  /** `node`: a function, or the program. */
  function cover(node: Node, body: Node, name: string, from: number, whole: number): void {
    const own = runsOf(body, counts);
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
    if (count > 0 && isBranch(node, parent) && runsOf(node, counts) === 0) {
      now = 0;
      exclude(node, ranges);
    }
    eachChild(node, (child) => visit(child, node, now, ranges));
  }

  /** A range of its own for what has not run; one for what stands behind one another. */
  function exclude(node: Node, ranges: Range[]): void {
    const last = ranges[ranges.length - 1]!;
    if (ranges.length > 1 && last.endOffset <= node.start && text.slice(last.endOffset, node.start).trim() === "") {
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

function nameOf(node: Node, parent: Node): string {
  const name = node.id ?? parent.key ?? (parent.type === "VariableDeclarator" ? parent.id : null);
  return (name?.name as string | undefined) ?? (typeof name?.value === "string" ? (name.value as string) : "");
}

/**
 * How often a node has run: what is mapped first in it, or, where only a part of it stands in the copy that has run, that. Functions
 * in it are left aside. Null where nothing is mapped.
 */
function runsOf(node: Node, counts: Counts): number | null {
  const inner = functionsIn(node);
  let found: number | null = null;
  for (let i = search(counts.at, node.start); i < counts.at.length && counts.at[i]! < node.end; i++) {
    const at = counts.at[i]!;
    if (inner.some((f) => at >= f.start && at < f.end)) continue;
    found = counts.count[i]!;
    if (found > 0) break;
  }
  return found;
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
  // Outer ranges first.
  const ranges = functions
    .flatMap((f) => f.ranges)
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  const open: Range[] = [];
  let next = 0;
  const best = new Map<number, number>();
  let line = 0;
  decode(compiled.mappings).forEach((segments, row) => {
    for (const s of segments) {
      const offset = line + s[0];
      while (next < ranges.length && ranges[next]!.startOffset <= offset) open.push(ranges[next++]!);
      while (open.length > 0 && open[open.length - 1]!.endOffset <= offset) open.pop();
      if (s.length < 4) continue;
      const at = starts[s[2]!]! + s[3]!;
      let i = open.length - 1;
      while (i >= 0 && open[i]!.endOffset <= offset) i--;
      const count = i < 0 ? 0 : open[i]!.count;
      best.set(at, Math.max(best.get(at) ?? 0, count));
    }
    line += (compiled.lineLengths[row] ?? 0) + 1;
  });
  const at = [...best.keys()].sort((a, b) => a - b);
  return { at, count: at.map((x) => best.get(x)!) };
}
