/** `gort/testing`: what tests of code with goroutines need. */
export { goTest } from "./body.ts";
