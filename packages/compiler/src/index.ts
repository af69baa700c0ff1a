/** `@gort/compiler`: makes plain TypeScript and JavaScript suspendable. */
export type { Barrier } from "./barriers.ts";
export type { Candidate } from "./parallel.ts";
export { compile, type CompileOptions, type CompileResult, type Report, type SourceMap } from "./compile.ts";
export { CompileError, type CompileErrorCode } from "./errors.ts";
export { importedFile } from "./files.ts";
export { showCompileError, type ShowOptions } from "./code-frame.ts";
export { moduleRequests } from "./module-syntax.ts";
export { type Format, formatOf, isOptedOut, textOf } from "./module-text.ts";
export { installLoader, type LoaderOptions } from "./loader.ts";
export { isCompiled, type Rules } from "./package-rules.ts";
export { sliceOf } from "./slice.ts";
