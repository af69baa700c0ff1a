/**
 * A module as the text of a function, for slices in a bundle (bundle.ts). esbuild makes CommonJS of it, in which a module cannot wait: so
 * `await` at its top and `import()` are calls while esbuild sees them, and the first are `await` again behind it.
 *
 *     await load()      ► $await(load())  ► (await (load()))    the text is an async function's, and whoever imports it waits
 *     import("./x.ts")  ► $import("./x.ts")                     the runtime's: shared/bundled.ts
 */
import { parseSync } from "oxc-parser";
import type * as esbuild from "esbuild";
import { eachChild, type Node } from "./ast.ts";

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
      edits.push({ from: node.start, to: start, text: "$await(" }, { from: node.end, to: node.end, text: ")" });
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

/** `await` in place of the calls of `$await` in what esbuild has made. */
function awaits(code: string): string {
  const { program } = parseSync("slice.cjs", code, {
    sourceType: "script",
    allowReturnOutsideFunction: true,
  } as never);
  const edits: Edit[] = [];
  const walk = (node: Node): void => {
    const callee = node.callee as Node | undefined;
    if (node.type === "CallExpression" && callee?.type === "Identifier" && callee.name === "$await") {
      edits.push({ from: node.start, to: callee.end, text: "(await " }, { from: node.end, to: node.end, text: ")" });
    }
    eachChild(node, walk);
  };
  walk(program as unknown as Node);
  return edited(code, edits);
}

export async function bundledText(
  code: string,
  file: string,
  name: string,
  tool: typeof esbuild,
): Promise<BundledText> {
  if (file.endsWith(".json")) return { text: `module.exports=${JSON.stringify(JSON.parse(code))};`, waits: false };
  const loader = /\.[cm]?tsx?$/.test(file) ? "ts" : file.endsWith("x") ? "jsx" : "js";
  // Code that never says so is as it was: most is.
  let edits: Edit[] = [];
  if (/\bawait\b|\bimport\b\s*\(/.test(code)) {
    const { program } = parseSync(`slice.${loader}`, code, { sourceType: "unambiguous" } as never);
    edits = calls(code, program as unknown as Node, name);
  }
  const waits = edits.some((e) => e.text === "$await(");
  const { code: text } = await tool.transform(edited(code, edits), {
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
  return { text: waits ? awaits(text) : text, waits };
}
