/**
 * The text being compiled: where an offset is, and how to refuse what stands there. Positions are always the user's: a
 * text that another compiler wrote from the user's carries that compiler's source map, and leads back through it.
 */
import { encode, type SourceMapMappings, type SourceMapSegment } from "@jridgewell/sourcemap-codec";
import { CompileError, type CompileErrorCode, type Position } from "../errors.ts";

/** What a text is written in. */
export type Syntax = "ts" | "tsx" | "js" | "jsx";

/** The text a {@link Source} was made from. */
interface Origin {
  source: Source;
  /** By line: output column, source, line, column, all counted from 0. */
  lines: SourceMapMappings;
}

export class Source {
  readonly text: string;
  readonly file: string;
  readonly syntax: Syntax;
  /** Where the lines begin, as editors count them. */
  private readonly starts: number[];
  /** The same as source maps count them: the rarer separators of JavaScript end a line too. */
  private mapped: number[] | null = null;
  private readonly origin: Origin | null;

  constructor(text: string, file: string, syntax: Syntax = syntaxOf(file), origin: Origin | null = null) {
    this.text = text;
    this.file = file;
    this.syntax = syntax;
    this.origin = origin;
    this.starts = lineStarts(text, /\n/g);
  }

  /** Whether this is what another compiler made of the user's text. */
  get isRewritten(): boolean {
    return this.origin !== null;
  }

  /** The `mappings` of a source map from this text to the user's. */
  mappings(): string {
    if (this.origin === null) return "";
    const { source, lines } = this.origin;
    return encode(
      lines.map((segments) =>
        segments.map((segment): SourceMapSegment => {
          if (segment.length === 1) return segment;
          const { line, column } = source.positionOf(segment);
          return [segment[0], 0, line - 1, column - 1];
        }),
      ),
    );
  }

  /** What another compiler made of this text, with the mappings of its source map. */
  rewritten(text: string, lines: SourceMapMappings, syntax: Syntax): Source {
    return new Source(text, this.file, syntax, { source: this, lines });
  }

  get typescript(): boolean {
    return this.syntax === "ts" || this.syntax === "tsx";
  }

  /** Line and column, both counted from 1, of an offset in the user's text; of what stands before, where that is new. */
  position(offset: number): Position {
    if (this.origin === null) {
      const line = lineAt(this.starts, offset);
      return { line: line + 1, column: offset - this.starts[line]! + 1 };
    }
    const { source, lines } = this.origin;
    const starts = this.mappedStarts();
    const last = lineAt(starts, offset);
    for (let line = last; line >= 0; line--) {
      const found = segmentAt(lines[line] ?? [], line === last ? offset - starts[line]! : Infinity);
      if (found !== null) return source.positionOf(found);
    }
    const first = lines.flat().find((segment) => segment.length > 1);
    return first === undefined ? { line: 1, column: 1 } : source.positionOf(first);
  }

  /** Whether the user's own text has the word `name`. */
  hasWord(name: string): boolean {
    if (this.origin !== null) return this.origin.source.hasWord(name);
    for (let at = this.text.indexOf(name); at >= 0; at = this.text.indexOf(name, at + 1))
      if (!/[\w$]/.test(this.text[at - 1] ?? "") && !/[\w$]/.test(this.text[at + name.length] ?? "")) return true;
    return false;
  }

  /** Whether the user wrote what stands there, or the compiler before us. */
  isWritten(offset: number): boolean {
    if (this.origin === null) return true;
    const { source, lines } = this.origin;
    const starts = this.mappedStarts();
    const line = lineAt(starts, offset);
    const found = segmentAt(lines[line] ?? [], offset - starts[line]!);
    return found !== null && source.isWritten(source.offsetOf(found));
  }

  refuse(code: CompileErrorCode, offset: number, what: string, hint: string): never {
    throw new CompileError(code, what, hint, this.file, this.position(offset));
  }

  /** The offset of a line, counted from 1, and a column in UTF-8 bytes, counted from 0: as tools written in Go tell it. */
  offsetOfBytes(line: number, bytes: number): number {
    const starts = this.mappedStarts();
    const start = starts[Math.min(line, starts.length) - 1]!;
    return start + Buffer.from(this.text.slice(start, starts[line])).subarray(0, bytes).toString().length;
  }

  private mappedStarts(): number[] {
    return (this.mapped ??= lineStarts(this.text, /\r\n|[\n\r\u2028\u2029]/g));
  }

  private positionOf(segment: SourceMapSegment): Position {
    return this.position(this.offsetOf(segment));
  }

  private offsetOf(segment: SourceMapSegment): number {
    return this.mappedStarts()[segment[2]!]! + segment[3]!;
  }
}

function lineStarts(text: string, end: RegExp): number[] {
  const starts = [0];
  for (const found of text.matchAll(end)) starts.push(found.index + found[0].length);
  return starts;
}

/** The line an offset is in, counted from 0. */
function lineAt(starts: number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (starts[mid]! <= offset) low = mid;
    else high = mid - 1;
  }
  return low;
}

function syntaxOf(file: string): Syntax {
  if (/\.[cm]?tsx$/.test(file)) return "tsx";
  if (/\.[cm]?ts$/.test(file)) return "ts";
  return file.endsWith(".jsx") ? "jsx" : "js";
}

/** The last segment of a line at or before a column that leads to the source; null where there is none. */
function segmentAt(segments: SourceMapSegment[], column: number): SourceMapSegment | null {
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i]!;
    if (segment[0] <= column) return segment.length > 1 ? segment : null;
  }
  return null;
}
