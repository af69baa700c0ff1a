/** The text being compiled: where an offset is, and how to refuse what stands there. */
import { CompileError, type CompileErrorCode, type Position } from "./errors.ts";

export class Source {
  readonly text: string;
  readonly file: string;
  private readonly starts: number[] = [0];

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
    for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) this.starts.push(i + 1);
  }

  /** Line and column, both counted from 1, of an offset. */
  position(offset: number): Position {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if (this.starts[mid]! <= offset) low = mid;
      else high = mid - 1;
    }
    return { line: low + 1, column: offset - this.starts[low]! + 1 };
  }

  refuse(code: CompileErrorCode, offset: number, what: string, hint: string): never {
    throw new CompileError(code, what, hint, this.file, this.position(offset));
  }
}
