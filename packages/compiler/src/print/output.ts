/** The text being written, with its source map and the places of its safepoint calls. */
import { encode, type SourceMapMappings } from "@jridgewell/sourcemap-codec";
import type { Source } from "../read/source.ts";

const keyword =
  /^(?:break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|import|in|instanceof|new|null|return|switch|this|throw|true|try|typeof|var|void|while|with)$/;

export class Output {
  /** All but what was written last, which may have to be looked at. */
  private head = "";
  private last = "";
  length = 0;
  /** Pairs: offset in the output, offset in the source. */
  private readonly segments: number[] = [];
  /** By index of a segment's first half: what stacks call the function that begins there. */
  private readonly named: Map<number, string> = new Map();
  /** Offsets of calls a suspension may pass through, where the engine reports them. */
  readonly sites: number[] = [];
  /** Those of them that stand in async bodies. */
  readonly awaited: Set<number> = new Set();
  readonly makes: Set<number> = new Set();
  /** Where what is only known in the end is put, on a line without anything mapped behind it. */
  hole = 0;

  write(text: string): void {
    if (text === "") return;
    this.head += this.last;
    this.last = text;
    this.length += text.length;
  }

  /** Writes a word, with a space where it would run into what stands before. */
  word(text: string): void {
    const before = this.last.charCodeAt(this.last.length - 1);
    if (isWordCharacter(before) && isWordCharacter(text.charCodeAt(0))) this.write(" ");
    else if ((before === 43 || before === 45) && text.charCodeAt(0) === before) this.write(" ");
    else if (before === 47 && text.charCodeAt(0) === 47) this.write(" ");
    // Or it would be the flags of a regular expression.
    else if (before === 47 && this.last.length > 1 && isWordCharacter(text.charCodeAt(0))) this.write(" ");
    else if (before === 33 && text.startsWith("--")) this.write(" ");
    this.write(text);
  }

  /** The end of a block, before which a semicolon may be left out. */
  close(): void {
    if (this.last.endsWith(";")) {
      this.last = this.last.slice(0, -1);
      this.length--;
    }
    this.write("}");
  }

  /** Begins a new line: between the parts of a module, so that none grows out of bounds. */
  line(): void {
    if (this.last !== "" && !this.last.endsWith("\n")) this.write("\n");
  }

  /** Begins the line with this number, where there are not so many yet: for the top of a module. */
  reach(line: number): void {
    const at = this.text.split("\n").length;
    if (line > at) this.write("\n".repeat(line - at));
    else if (line < at) this.line();
  }

  /**
   * What is written next comes from `offset` of the source. `name`: of a function that begins there, which the engine has none for; Node
   * shows it in stacks.
   */
  map(offset: number, name = ""): void {
    if (offset <= 0) return;
    if (name !== "") this.named.set(this.segments.length, name);
    this.segments.push(this.length, offset);
  }

  /** What is written next comes from nowhere: a debugger steps through it, coverage does not count it. */
  unmap(): void {
    this.segments.push(this.length, -1);
  }

  /**
   * Where the engine will say the call is, whose callee has just been written: at its last name, else at the `(`. A
   * keyword is no name, as in `map.delete(key)`.
   */
  callPosition(): number {
    const name = /(^|[^#\w$])([\w$]+)$/.exec(this.last);
    return name === null || keyword.test(name[2]!) ? this.length : this.length - name[2]!.length;
  }

  /** `awaited`: in an async body, which does not leave. `makes`: a `new`. */
  site(offset: number, awaited = false, makes = false): void {
    this.sites.push(offset);
    if (awaited) this.awaited.add(offset);
    else if (makes) this.makes.add(offset);
  }

  append(other: Output): void {
    for (const [i, name] of other.named) this.named.set(i + this.segments.length, name);
    for (let i = 0; i < other.segments.length; i += 2)
      this.segments.push(other.segments[i]! + this.length, other.segments[i + 1]!);
    for (const s of other.sites) this.site(s + this.length, other.awaited.has(s), other.makes.has(s));
    if (other.length === 0) return;
    this.head += this.last + other.head;
    this.last = other.last;
    this.length += other.length;
  }

  get text(): string {
    return this.head + this.last;
  }

  /**
   * The map's `mappings`, and the sites as text: line and column counted from 1, each told from the one before. `3:40 12 2:7a` is
   * 3:40, 3:52, and 5:7 in an async body. The runtime's internal/sites.ts reads it back.
   */
  finish(source: Source): { code: string; mappings: string; names: string[]; sites: string } {
    const mapped: Mapped[] = [];
    const names = [...new Set(this.named.values())];
    const numbers = new Map(names.map((name, i) => [name, i]));
    for (let i = 0; i < this.segments.length; i += 2) {
      const from = this.segments[i + 1]!;
      const name = numbers.get(this.named.get(i) ?? "");
      mapped.push({ at: this.segments[i]!, from: from < 0 ? null : source.position(from), name });
    }
    mapped.sort((a, b) => a.at - b.at);
    const text = this.text;
    const breaks = linesOf(text, mapped);
    const code = broken(text, breaks);
    const moved = mover(breaks);
    for (const m of mapped) m.at = moved(m.at);
    const again = mover(breaks);
    const siteText = this.sitesOf(code, (at) => again(at));
    this.hole = mover(breaks)(this.hole);
    const starts = startsOf(code);
    const mappings: SourceMapMappings = starts.map(() => []);
    let line = 0;
    for (const { at, from, name } of mapped) {
      while (line + 1 < starts.length && starts[line + 1]! <= at) line++;
      const column = at - starts[line]!;
      const known = mappings[line]!;
      if (known.length > 0 && known[known.length - 1]![0] === column) known.pop();
      if (from === null) known.push([column]);
      else if (name === undefined) known.push([column, 0, from.line - 1, from.column - 1]);
      else known.push([column, 0, from.line - 1, from.column - 1, name]);
    }
    return { code, mappings: encode(mappings), names, sites: siteText };
  }

  private sitesOf(code: string, moved: (at: number) => number): string {
    const starts = startsOf(code);
    const sites: string[] = [];
    let [line, row, from] = [0, 0, 0];
    for (const site of this.sites.slice().sort((a, b) => a - b)) {
      const at = moved(site);
      while (line + 1 < starts.length && starts[line + 1]! <= at) line++;
      const column = at - starts[line]! + 1;
      const place = line + 1 === row ? `${column - from}` : `${line + 1 - row}:${column}`;
      sites.push(`${place}${this.awaited.has(site) ? "a" : this.makes.has(site) ? "n" : ""}`);
      row = line + 1;
      from = column;
    }
    return sites.join(" ");
  }
}

/** A place of the text, and where it comes from; null: from nowhere. */
interface Mapped {
  at: number;
  readonly from: { readonly line: number; readonly column: number } | null;
  readonly name: number | undefined;
}

/** Lines as the engine counts them: a template's text may bring the rarer separators. */
function startsOf(code: string): number[] {
  const starts = [0];
  for (const { index, 0: end } of code.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(index + end.length);
  return starts;
}

/**
 * Where a line is to begin: where what follows comes from another line of the source. The engine's profiler counts by lines, so without that
 * it could tell the function alone. Behind `;`, `{`, `}` and `:` a line may end anywhere; nothing of a text is mapped.
 */
function linesOf(text: string, mapped: readonly Mapped[]): number[] {
  const breaks: number[] = [];
  let line = 0;
  /** Where the line ends that holds what is looked at. */
  let end = -1;
  for (const { at, from } of mapped) {
    if (from === null || from.line === line) continue;
    if (at > end) {
      // The first of its line.
      end = text.indexOf("\n", at);
      if (end < 0) end = text.length;
      line = from.line;
      continue;
    }
    const before = text.charCodeAt(at - 1);
    if (before !== 59 && before !== 123 && before !== 125 && before !== 58) continue;
    breaks.push(at);
    line = from.line;
  }
  return breaks;
}

function broken(text: string, breaks: readonly number[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const at of breaks) {
    parts.push(text.slice(from, at));
    from = at;
  }
  parts.push(text.slice(from));
  return parts.join("\n");
}

/** Offsets of the text before it was broken into lines to those behind, asked in ascending order. */
function mover(breaks: readonly number[]): (at: number) => number {
  let n = 0;
  return (at) => {
    while (n < breaks.length && breaks[n]! <= at) n++;
    return at + n;
  };
}

function isWordCharacter(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c === 36 || c > 127;
}
