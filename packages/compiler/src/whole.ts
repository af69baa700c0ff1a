/** What lazy.ts loads. */
export { compile } from "./compile.ts";
export { keepCoverage } from "./coverage.ts";
export { blankTypes } from "./exported-types.ts";
export { isModule } from "./module-syntax.ts";
export { read } from "./read.ts";
