/**
 * The names a CommonJS file exports, for `import { name }` of them. Node.js reads them off the text, by the forms in which
 * other compilers write them; ours change some of these. What is no longer found stands at the end, in the form esbuild
 * says it in, which never runs.
 */
import { createRequire } from "node:module";

type Lexer = typeof import("cjs-module-lexer");

const require = createRequire(import.meta.url);

/** What to write behind `code`, which was compiled from `text`; mostly nothing. */
export function exportedHint(text: string, code: string): string {
  if (!text.includes("exports")) return "";
  const before = namesIn(text);
  const after = namesIn(code);
  const lost = before.exports.filter((name) => !after.exports.includes(name));
  if (lost.length === 0 && before.reexports.every((name) => after.reexports.includes(name))) return "";
  const names = lost.map((name) => `${JSON.stringify(name)}:exports`);
  // An assignment to `module.exports` stands for all modules that were named before.
  const modules = before.reexports.map((name) => `...require(${JSON.stringify(name)})`);
  return `0&&(module.exports={${[...names, ...modules].join(",")}});\n`;
}

function namesIn(text: string): { exports: string[]; reexports: string[] } {
  const { parse } = require("cjs-module-lexer") as Lexer;
  try {
    return parse(text);
  } catch {
    // Node.js finds none then, either.
    return { exports: [], reexports: [] };
  }
}
