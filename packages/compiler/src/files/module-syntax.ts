/** What only a parser can tell of a module that is not compiled: its kind, its imports. */
import { parseSync } from "oxc-parser";
import { DEEP, nesting } from "../read/nesting.ts";

/** Whether the text has `import`, `export`, `import.meta` or a top-level `await`. TypeScript's `export =` means CommonJS. */
export function isModule(file: string, text: string): boolean {
  if (nesting(text) > DEEP) return /^[ \t]*(?:import|export)\b/m.test(text);
  const { module, program } = parseSync(file, text, { sourceType: "unambiguous" } as never);
  return module.hasModuleSyntax && !program.body.some((s) => s.type === "TSExportAssignment");
}

/** The specifiers a module imports, re-exports, or imports dynamically, where they are literals; each once, types left out. */
export function moduleRequests(file: string, text: string): string[] {
  const { imported, later } = requestsOf(file, text);
  return [...new Set([...imported, ...later])];
}

/** The same, apart: what it needs before it runs, and what it imports dynamically. */
export function requestsOf(file: string, text: string): { imported: Set<string>; later: Set<string> } {
  // What the parser's stack is too small for; a request too many does no harm.
  if (nesting(text) > DEEP)
    return {
      imported: new Set([...text.matchAll(/\b(?:import|from)\s*\(?\s*(["'])([^"'\n]+)\1/g)].map((m) => m[2]!)),
      later: new Set(),
    };
  const { module } = parseSync(file, text, { sourceType: "unambiguous" } as never);
  const found = module.staticImports.filter((i) => i.entries.length === 0 || i.entries.some((e) => !e.isType));
  const imported = new Set(found.map((i) => i.moduleRequest.value));
  const later = new Set<string>();
  for (const { entries } of module.staticExports) {
    for (const e of entries) if (e.moduleRequest !== null && !e.isType) imported.add(e.moduleRequest.value);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(["'`])([^"'`$\\]*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end));
    if (literal !== null) later.add(literal[2]!);
  }
  return { imported, later };
}
