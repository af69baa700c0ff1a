/** What stands at the top of a file: the directive that keeps Gort out, and signs of an ECMAScript module. */
import { parseSync } from "oxc-parser";

/** White space, comments and directives at the start of a file. */
const prologue = /^(?:#![^\n]*\n)?(?:\s|\/\/[^\n]*\n?|\/\*[\s\S]*?\*\/|(?:"[^"\n]*"|'[^'\n]*')\s*(?:;|(?=\n)))*/;

/** Whether the file says `"use no gort"` at its top. */
export function isOptedOut(text: string): boolean {
  if (!text.includes("use no gort")) return false;
  const top = prologue.exec(text)![0].replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "");
  return /(?:^|[\s;])(?:"use no gort"|'use no gort')/.test(top);
}

/** Whether the text is written as an ECMAScript module: has `import`, `export`, `import.meta` or a top-level `await`. */
export function hasModuleSyntax(file: string, text: string): boolean {
  if (!/\b(?:import|export|await)\b/.test(text)) return false;
  const { module } = parseSync(file, text, { sourceType: "unambiguous" } as never);
  return module.hasModuleSyntax;
}
