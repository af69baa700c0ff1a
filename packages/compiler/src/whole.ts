/** What lazy.ts loads. */
export { compile } from "./compile.ts";
export { keepCoverage } from "./coverage/coverage.ts";
export { blankTypes } from "./files/exported-types.ts";
export { isModule } from "./files/module-syntax.ts";
export { read } from "./read/read.ts";
