/** `@gort/compiler`: makes plain TypeScript and JavaScript suspendable. */
export type { Barrier } from "./analyze/barriers.ts";
export type { Candidate } from "./parallel/candidates.ts";
export { compile, type CompileOptions, type CompileResult, type Report, type SourceMap } from "./compile.ts";
export { CompileError, type CompileErrorCode } from "./errors.ts";
export { importedFile } from "./files/files.ts";
export { showCompileError, type ShowOptions } from "./code-frame.ts";
export { moduleRequests } from "./files/module-syntax.ts";
export { type Format, formatOf, isOptedOut, textOf } from "./files/module-text.ts";
export { installLoader, type LoaderOptions } from "./load/loader.ts";
export { isCompiled, type Rules } from "./files/package-rules.ts";
export { sliceOf } from "./parallel/address.ts";
