/** A file, read: its tree as JavaScript without types, and the text that tree belongs to. */
import { extname } from "node:path";
import type { Node } from "../tree/ast.ts";
import { renameDecorated } from "./decorated.ts";
import { downlevel } from "./downlevel.ts";
import { type Language, languageOf } from "./language.ts";
import type { Format } from "../files/module-text.ts";
import { isModuleSyntax, parse, strip } from "./parse.ts";
import { Source } from "./source.ts";

export interface Read {
  program: Node;
  /** The user's text, or what was made of it. */
  source: Source;
  format: Format;
  language: Language;
}

/**
 * Reads a file by its extension and the nearest tsconfig.json.
 * @throws {CompileError} where it does not parse.
 */
export function read(
  text: string,
  file: string,
  options: { format: Format | undefined; hasRequire: boolean; runsHere: boolean },
): Read {
  const source = new Source(text, file);
  const language = languageOf(file);
  const program = parse(source, options.format ?? formats.get(extname(file)));
  const format = options.format ?? formatOf(file, program.body as Node[]);
  const constructs = strip(program, source, source.typescript && !language.useDefineForClassFields, options.runsHere);
  // TypeScript's `import` and `export` in a CommonJS module are `require` and `exports`.
  if (format === "commonjs" && source.typescript) constructs.push(...(program.body as Node[]).filter(isModuleSyntax));
  if (constructs.length === 0) return { program, source, format, language };
  const rewritten = downlevel(source, constructs, { language, format, hasRequire: options.hasRequire });
  const javascript = parse(rewritten, format);
  javascript.sourceType = program.sourceType;
  strip(javascript, rewritten, false, false);
  if (source.typescript || constructs.some((node) => node.type === "Decorator")) renameDecorated(javascript, source);
  return { program: javascript, source: rewritten, format, language };
}

/** What a name says; of any other the text does. In TypeScript `.ts` is a module, too: see `parse`. */
const formats: ReadonlyMap<string, Format> = new Map([
  [".cjs", "commonjs"],
  [".cts", "commonjs"],
  [".mjs", "module"],
  [".mts", "module"],
]);

function formatOf(file: string, body: Node[]): Format {
  const named = formats.get(extname(file));
  if (named !== undefined) return named;
  if (/\.tsx?$/.test(file)) return "module";
  return body.some(isModuleSyntax) ? "module" : "commonjs";
}
