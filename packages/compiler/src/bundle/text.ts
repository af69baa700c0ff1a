/**
 * A module as the text of a function, for slices in a bundle (bundle.ts). esbuild makes CommonJS of it, in which a module cannot wait: so
 * `await` at its top and `import()` are calls while esbuild sees them, and the first are `await` again behind it.
 *
 *     await load()      ► $await(load(),0)  ► (await(load()))    the text is an async function's, and whoever imports it waits
 *     import("../x.ts")  ► $import("../x.ts")                      the runtime's: shared/bundled.ts
 *
 * It ends in a source map, which Node.js reads where stacks are to be in the program's lines (`--enable-source-maps`).
 */
import { basename } from "node:path";
import { parseSync } from "oxc-parser";
import type * as esbuild from "esbuild";
import { eachChild, type Node } from "../tree/ast.ts";
import { withMap } from "../load/cache.ts";
import { isTypeScript } from "../files/files.ts";

export interface BundledText {
  readonly text: string;
  /** It awaits at its top. */
  readonly waits: boolean;
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function edited(code: string, edits: readonly Edit[]): string {
  let out = "";
  let at = 0;
  for (const { from, to, text } of edits.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    out += code.slice(at, from) + text;
    at = to;
  }
  return out + code.slice(at);
}

const functions = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** What esbuild is to see in place of `code`. */
function calls(code: string, program: Node, name: string): Edit[] {
  const edits: Edit[] = [];
  const walk = (node: Node, top: boolean): void => {
    const start = (node.argument as Node | undefined)?.start ?? 0;
    if (node.type === "ImportExpression") {
      edits.push({ from: node.start, to: node.start + "import".length, text: "$import" });
    } else if (top && node.type === "AwaitExpression") {
      edits.push({ from: node.start, to: start, text: "$await(" }, { from: node.end, to: node.end, text: ",0)" });
    } else if (
      (top && node.type === "ForOfStatement" && node.await === true) ||
      (top && node.type === "VariableDeclaration" && node.kind === "await using")
    ) {
      const what = node.type === "ForOfStatement" ? "for await" : "await using";
      throw new Error(
        `${name}: \`${what}\` at the top of a module that parallel functions reach cannot be bundled; put it in an async function, and await that`,
      );
    }
    const inside = functions.has(node.type) || node.type === "PropertyDefinition" || node.type === "StaticBlock";
    eachChild(node, (child) => walk(child, top && !inside));
  };
  walk(program, true);
  return edits;
}

/** `await` in place of the calls of `$await` in what esbuild has made. Each takes as much room as the call did: the map stays true. */
function awaits(code: string): string {
  const { program } = parseSync("slice.cjs", code, {
    sourceType: "script",
    allowReturnOutsideFunction: true,
  } as never);
  const edits: Edit[] = [];
  const walk = (node: Node): void => {
    const callee = node.callee as Node | undefined;
    if (node.type === "CallExpression" && callee?.type === "Identifier" && callee.name === "$await") {
      const [opens, closes] = ["(await(", ")) "];
      edits.push({ from: node.start, to: node.start + opens.length, text: opens });
      edits.push({ from: node.end - closes.length, to: node.end, text: closes });
    }
    eachChild(node, walk);
  };
  walk(program as unknown as Node);
  return edited(code, edits);
}

/** Lines that the engine puts before the text of a function. */
const HEADER = ";;";

/** `map`: from `code` to the lines of `file`; null where it is these. */
export async function bundledText(
  code: string,
  map: object | null,
  file: string,
  name: string,
  tool: typeof esbuild,
): Promise<BundledText> {
  if (file.endsWith(".json")) return { text: `module.exports=${JSON.stringify(JSON.parse(code))};`, waits: false };
  const loader = isTypeScript(file) ? "ts" : file.endsWith("x") ? "jsx" : "js";
  // Code that never says so is as it was: most is.
  let edits: Edit[] = [];
  if (/\bawait\b|\bimport\b\s*\(/.test(code)) {
    const { program } = parseSync(`slice.${loader}`, code, { sourceType: "unambiguous" } as never);
    edits = calls(code, program as unknown as Node, name);
  }
  const waits = edits.some((e) => e.text === "$await(");
  const source = edited(code, edits);
  const made = await tool.transform(map === null ? source : withMap(source, map), {
    sourcemap: "external",
    sourcesContent: false,
    format: "cjs",
    loader,
    target: "node22",
    platform: "node",
    minifyWhitespace: true,
    define: {
      "import.meta.url": "$url",
      "import.meta.dirname": "$dirname",
      "import.meta.filename": "$filename",
    },
    logLevel: "silent",
  });
  const { mappings, names } = JSON.parse(made.map) as { mappings: string; names: string[] };
  const text = waits ? awaits(made.code) : made.code;
  // Beside what the text is called there.
  const sources = [encodeURIComponent(basename(file))];
  return { text: withMap(text, { version: 3, sources, names, mappings: HEADER + mappings }), waits };
}
