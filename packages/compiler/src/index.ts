/** `@gort/compiler`: makes plain TypeScript and JavaScript suspendable. */
export { type Barrier, compile, type CompileOptions, type CompileResult, type SourceMap } from "./compile.ts";
export { CompileError, type CompileErrorCode } from "./errors.ts";
