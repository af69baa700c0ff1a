/**
 * The runtime finds in a minified text the calls the printer's table names: as many, and no other. Held against the tree
 * of the text: every call in it is asked about, at the place where the engine reports it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { parseSync } from "oxc-parser";
import { rolldown } from "rolldown";
import { minify } from "terser";
import { expect, test } from "vitest";
import { standsInCheck } from "../../runtime/src/internal/check.ts";
import { compile } from "../src/index.ts";

interface Node {
  type: string;
  start: number;
  end: number;
  callee: Node;
  quasi: Node;
  property: Node;
  computed: boolean;
}

const names =
  "callbacks-native class-places classes-fields deep-expressions for-of logic optional-chain reflect-construct statement-heads using".split(
    " ",
  );

const minifiers: Record<string, (code: string) => Promise<string>> = {
  printed: (code) => Promise.resolve(code),
  esbuild: async (code) => (await transform(code, { minify: true, format: "esm", target: "esnext" })).code,
  terser: async (code) => (await minify(code, { module: true, compress: { passes: 2 } })).code!,
  oxc: async (code) => {
    const load = { name: "text", resolveId: (id: string) => (id === "m" ? id : null), load: () => code };
    const bundle = await rolldown({ input: "m", external: /^(?!m$)/, treeshake: false, plugins: [load] });
    return (await bundle.generate({ minify: true })).output[0].code;
  },
};

/** All calls of a text, where the engine reports them: at the last name of the callee, else at the bracket. */
function calls(text: string): number[] {
  const found: number[] = [];
  const visit = (n: unknown): void => {
    if (typeof n !== "object" || n === null) return;
    const node = n as Node;
    if (node.type === "NewExpression") found.push(node.start);
    else if (node.type === "TaggedTemplateExpression") found.push(node.quasi.start);
    else if (node.type === "CallExpression") found.push(position(node.callee, text));
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseSync("x.mjs", text).program);
  return found;
}

function position(callee: Node, text: string): number {
  const name = callee.type === "MemberExpression" && !callee.computed ? callee.property : callee;
  if (name.type === "Identifier" && !/^(?:do|delete|return|catch)$/.test(text.slice(name.start, name.end)))
    return name.start;
  return text.indexOf("(", callee.end);
}

for (const [minifier, run] of Object.entries(minifiers)) {
  test.each(names)(`${minifier}: %s`, async (name) => {
    const filename = join(import.meta.dirname, "fixtures", `${name}.ts`);
    const { code } = compile(readFileSync(filename, "utf8"), { filename, format: "module" });
    const table = /\$R\.module\(import\.meta\.url,"([^"]*)"\)/.exec(code)![1]!.split(" ");
    const text = await run(code);
    const found = calls(text).filter((at) => standsInCheck(text, at));
    expect(found.length).toBe(table.length);
  });
}
