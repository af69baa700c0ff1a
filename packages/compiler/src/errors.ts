/** What the compiler refuses, and how it says so: code, text, place, what to write instead. */

export interface Position {
  /** 1-based. */
  line: number;
  /** 1-based. */
  column: number;
}

const catalogue = {
  GORT_PARSE: "The file does not parse",
  GORT_UNSUPPORTED: "This construct is not supported yet",
  GORT_DEPENDENCY: "A package that compiles this construct is not installed",
  GORT_PARALLEL: "`parallel` marks a function at the top of a module",
  GORT_PARALLEL_STATE: "State of a module in a parallel function",
} as const;

/** The code of a {@link CompileError}; each has a page in docs/errors. */
export type CompileErrorCode = keyof typeof catalogue;

/** Thrown when a file cannot be compiled. Nothing of the file has run. One that does not parse is the engine's "SyntaxError" by name, too. */
export class CompileError extends SyntaxError {
  override readonly name: string;
  readonly code: CompileErrorCode;
  /** As it was given to the compiler: an absolute path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** What to write instead; "" if there is nothing to say. */
  readonly hint: string;
  constructor(code: CompileErrorCode, what: string, hint: string, file: string, at: Position) {
    super(`${file}:${at.line}:${at.column}: ${code}: ${catalogue[code]}: ${what}. ${hint}`);
    this.name = code === "GORT_PARSE" ? "SyntaxError" : "CompileError";
    this.code = code;
    this.file = file;
    this.line = at.line;
    this.column = at.column;
    this.hint = hint;
  }
}
