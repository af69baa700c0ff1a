/** The text being written, with its source map and the places of its safepoint calls. */
import { encode, type SourceMapMappings } from "@jridgewell/sourcemap-codec";
import type { Source } from "./source.ts";

const keyword =
  /^(?:break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|import|in|instanceof|new|null|return|switch|this|throw|true|try|typeof|var|void|while|with)$/;

export class Output {
  private readonly parts: string[] = [];
  length = 0;
  /** Pairs: offset in the output, offset in the source. */
  private readonly segments: number[] = [];
  /** Offsets of calls a suspension may pass through, where the engine reports them. */
  readonly sites: number[] = [];
  /** Those of them that stand in async bodies. */
  readonly awaited: Set<number> = new Set();
  readonly makes: Set<number> = new Set();
  /** Where what is only known in the end is put, on a line without anything mapped behind it. */
  hole = 0;
  private last = "";

  write(text: string): void {
    if (text === "") return;
    this.parts.push(text);
    this.length += text.length;
    this.last = text;
  }

  /** Writes a word, with a space where it would run into what stands before. */
  word(text: string): void {
    const before = this.last.charCodeAt(this.last.length - 1);
    if (isWordCharacter(before) && isWordCharacter(text.charCodeAt(0))) this.write(" ");
    else if ((before === 43 || before === 45) && text.charCodeAt(0) === before) this.write(" ");
    else if (before === 47 && text.charCodeAt(0) === 47) this.write(" ");
    this.write(text);
  }

  /** What is written next comes from `offset` of the source. */
  map(offset: number): void {
    if (offset > 0) this.segments.push(this.length, offset);
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
    for (let i = 0; i < other.segments.length; i += 2)
      this.segments.push(other.segments[i]! + this.length, other.segments[i + 1]!);
    for (const s of other.sites) this.site(s + this.length, other.awaited.has(s), other.makes.has(s));
    for (const p of other.parts) this.parts.push(p);
    this.length += other.length;
    this.last = other.last === "" ? this.last : other.last;
  }

  get text(): string {
    return this.parts.join("");
  }

  /** The map's `mappings`, and each site as `line:column`, both counted from 1. */
  finish(source: Source): { code: string; mappings: string; sites: string[] } {
    const code = this.text;
    // Lines as the engine counts them: a template's text may bring the rarer separators.
    const starts = [0];
    for (const { index, 0: end } of code.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(index + end.length);
    const mappings: SourceMapMappings = starts.map(() => []);
    let line = 0;
    const order = this.segments.map((_, i) => i).filter((i) => i % 2 === 0);
    order.sort((a, b) => this.segments[a]! - this.segments[b]!);
    for (const i of order) {
      const at = this.segments[i]!;
      while (line + 1 < starts.length && starts[line + 1]! <= at) line++;
      const offset = this.segments[i + 1]!;
      const column = at - starts[line]!;
      const known = mappings[line]!;
      if (known.length > 0 && known[known.length - 1]![0] === column) known.pop();
      if (offset < 0) known.push([column]);
      else {
        const from = source.position(offset);
        known.push([column, 0, from.line - 1, from.column - 1]);
      }
    }
    const sites: string[] = [];
    line = 0;
    for (const at of this.sites.slice().sort((a, b) => a - b)) {
      while (line + 1 < starts.length && starts[line + 1]! <= at) line++;
      sites.push(`${line + 1}:${at - starts[line]! + 1}${this.awaited.has(at) ? "a" : this.makes.has(at) ? "n" : ""}`);
    }
    return { code, mappings: encode(mappings), sites };
  }
}

function isWordCharacter(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c === 36 || c > 127;
}
