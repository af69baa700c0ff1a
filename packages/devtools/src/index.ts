/** `@gort/devtools`: the tools around a program of goroutines. The command is `gort`. */
export { check, type Checked, type Finding } from "./check.ts";
