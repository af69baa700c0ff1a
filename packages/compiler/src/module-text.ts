/** What can be told of a file without compiling it: the directive that keeps Gort out, its kind of module, its imports. */
import { extname } from "node:path";
import { parseSync } from "oxc-parser";
import { packageOf } from "./package-rules.ts";

export type Format = "module" | "commonjs";

/** White space, comments and directives at the start of a file. */
const prologue = /^(?:#![^\n]*\n)?(?:\s|\/\/[^\n]*\n?|\/\*[\s\S]*?\*\/|(?:"[^"\n]*"|'[^'\n]*')\s*(?:;|(?=\n)))*/;

/** Whether the file says `"use no gort"` at its top. */
export function isOptedOut(text: string): boolean {
  if (!text.includes("use no gort")) return false;
  const top = prologue.exec(text)![0].replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "");
  return /(?:^|[\s;])(?:"use no gort"|'use no gort')/.test(top);
}

/**
 * How Node loads a module: by its extension, by the `type` of its package, by how it is written. TypeScript and JSX that
 * are written as a module are one also where package.json says "commonjs", as `npm init` does today.
 */
export function formatOf(file: string, text: string): Format {
  const extension = extname(file);
  if (extension === ".mts" || extension === ".mjs") return "module";
  if (extension === ".cts" || extension === ".cjs") return "commonjs";
  const type = packageOf(file)?.type;
  if (type === "module") return "module";
  if (type === "commonjs" && extension === ".js") return "commonjs";
  return isModule(file, text) ? "module" : "commonjs";
}

/** Whether the text has `import`, `export`, `import.meta` or a top-level `await`. TypeScript's `export =` means CommonJS. */
function isModule(file: string, text: string): boolean {
  if (!/\b(?:import|export|await)\b/.test(text)) return false;
  const { module, program } = parseSync(file, text, { sourceType: "unambiguous" } as never);
  return module.hasModuleSyntax && !program.body.some((s) => s.type === "TSExportAssignment");
}

/** The specifiers a module imports, re-exports, or imports dynamically, where they are literals. */
export function moduleRequests(file: string, text: string): string[] {
  const { module } = parseSync(file, text, { sourceType: "unambiguous" } as never);
  const found = module.staticImports.filter((i) => i.entries.length === 0 || i.entries.some((e) => !e.isType));
  const requests = found.map((i) => i.moduleRequest.value);
  for (const { entries } of module.staticExports) {
    for (const e of entries) if (e.moduleRequest !== null && !e.isType) requests.push(e.moduleRequest.value);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(["'`])([^"'`$\\]*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end));
    if (literal !== null) requests.push(literal[2]!);
  }
  return [...new Set(requests)];
}
