/** Files that are rewritten before the pass: every place they are known by is the user's. What they mean is the fixtures' business. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { decode } from "@jridgewell/sourcemap-codec";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compile, CompileError, type CompileResult } from "../src/index.ts";

let folder = "";

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "gort-downlevel-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Compiles a file of a project with this tsconfig.json. */
function compiled(text: string, options: { tsconfig?: object; name?: string } = {}): CompileResult {
  const filename = join(folder, options.name ?? "app.ts");
  mkdirSync(dirname(filename), { recursive: true });
  if (options.tsconfig !== undefined) writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options.tsconfig));
  return compile(text, { filename, shown: "app.ts", report: true });
}

function refusal(text: string, options: { tsconfig?: object; name?: string } = {}): CompileError {
  try {
    compiled(text, options);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error("it was compiled");
}

/** Where the source map leads from the only place in the output that reads so; line and column from 1. */
function placeOf(result: CompileResult, written: string): string {
  const lines = result.code.split("\n");
  const at = lines.flatMap((line, i) => (line.includes(written) ? [[i, line.indexOf(written)] as const] : []));
  expect(at.length).toBeGreaterThan(0);
  const [line, column] = at[0]!;
  const segment = decode(result.map.mappings)[line]!.findLast((s) => s[0] <= column);
  return segment?.length === undefined || segment.length === 1 ? "nowhere" : `${segment[2]! + 1}:${segment[3]! + 1}`;
}

describe("places", () => {
  const text = `enum Color {
  Red,
}

function boom(f: () => void): never {
  f();
  throw new Error(Color[Color.Red]);
}

export namespace Deep {
  export function call(f: () => number): number {
    const one = f();
    return one + f();
  }
}
`;

  test("frames tell the lines and columns of the user's calls", () => {
    const { code } = compiled(text);
    expect(code).toContain('$M("boom","6:3")');
    expect(code).toContain('$M("call","12:17 1:18")');
  });

  test("the source map leads to the user's text, and brings it along", () => {
    const result = compiled(text);
    expect(result.map.sources).toEqual([join(folder, "app.ts")]);
    expect(result.map.sourcesContent).toEqual([text]);
    expect(placeOf(result, "new Error")).toBe("7:9");
    expect(placeOf(result, 'Color2["Red"]=0')).toBe("2:3");
  });

  test("go says where it was called", () => {
    const { code } = compiled(
      `import { go } from "gort";\nenum E { A }\nexport function main() {\n  go(work, E.A);\n}\nfunction work() {}\n`,
    );
    expect(code).toContain('$R.goAt("main\\napp.ts:4:3",work');
  });

  test("barriers are the user's; the helpers' are not told", () => {
    const result = compiled(
      `function d(v: any, c: any) {}\nclass A {\n  @d get x() {\n    return f();\n  }\n}\nfunction f() { for (;;); }\n`,
    );
    expect(result.report!.barriers.map((b) => `${b.what} ${b.name} ${b.line}:${b.column}`)).toEqual([
      "a getter A.x 3:10",
    ]);
  });

  test("with metadata, two libraries behind each other", () => {
    const tsconfig = { compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true } };
    const result = compiled(
      `function d(...a: any[]): any {}\n\nclass A {\n  @d static first: string;\n  @d m(f: () => number): number {\n    const n: number = 1;\n    return n + f();\n  }\n}\n`,
      { tsconfig },
    );
    expect(result.code).toContain('$M("A.m","7:16');
    expect(result.code.indexOf('"m"')).toBeLessThan(result.code.indexOf('"first"'));
  });

  test("what is refused behind a rewritten construct stands where the user wrote it", () => {
    const e = refusal(`enum Color { Red }\n\nexport const x: number = Color.Red,\n  y = [x], z = $R;\n`);
    expect([e.code, e.line, e.column]).toEqual(["GORT_UNSUPPORTED", 4, 16]);
  });

  test("what the rewriting library refuses stands where the user wrote it, in characters", () => {
    const e = refusal(`enum Ä { ö = "ü" }\nconst s = "ä🙂ö"; class A { @d constructor() {} }\n`);
    expect(e.code).toBe("GORT_PARSE");
    expect([e.line, e.column, e.file]).toEqual([2, 29, join(folder, "app.ts")]);
  });

  test("where esbuild itself fails, that is said", () => {
    const tsconfig = { compilerOptions: { experimentalDecorators: true } };
    const e = refusal(
      `namespace N { export class C { [d("x")](@d a: number) {} }\nfunction d(..._: any[]): any {} }\n`,
      { tsconfig },
    );
    expect(e.code).toBe("GORT_PARSE");
    expect(e.message).toContain("It is esbuild that fails here");
  });

  test("a decorator of a parameter without the option that allows it: which one it is", () => {
    const e = refusal(`class A { constructor(@d x: number) {} }\nfunction d(...a: any[]): any {}\n`);
    expect(e.code).toBe("GORT_PARSE");
    expect(e.message).toContain('"experimentalDecorators": true');
  });
});

describe("tsconfig.json", () => {
  const jsx = "export const x = <a b={1}><></></a>;\n";

  test.each([
    ["without one, the automatic runtime", undefined, jsx, 'from"react/jsx-runtime"'],
    ["react-jsx", { jsx: "react-jsx", jsxImportSource: "preact" }, jsx, 'from"preact/jsx-runtime"'],
    ["react-jsxdev, as in production", { jsx: "react-jsxdev" }, jsx, 'from"react/jsx-runtime"'],
    ["preserve", { jsx: "preserve", jsxImportSource: "solid-js/h" }, jsx, 'from"solid-js/h/jsx-runtime"'],
    ["react", { jsx: "react" }, jsx, 'React.createElement("a",{b:1},React.createElement(React.Fragment'],
    ["factories", { jsx: "react", jsxFactory: "h", jsxFragmentFactory: "F" }, jsx, 'h("a",{b:1},h(F'],
    ["a pragma in the file", { jsx: "react-jsx" }, `/** @jsxRuntime classic */\n/** @jsx h */\n${jsx}`, 'h("a"'],
    ["an import source in the file", {}, `/** @jsxImportSource own */\n${jsx}`, 'from"own/jsx-runtime"'],
  ])("JSX: %s", (_, compilerOptions, text, expected) => {
    const options = compilerOptions === undefined ? {} : { tsconfig: { compilerOptions } };
    // At the top of a module a call is checked: without that.
    for (const name of ["app.tsx", "app.jsx"])
      expect(compiled(text, { ...options, name }).code.replaceAll("$R.b(", "")).toContain(expected);
  });

  test.each([
    [
      "as tsc writes it",
      `\uFEFF{\n  // "jsx": "react",\n  "compilerOptions": { /* , */ "jsx": "react-jsx", /* } */ "jsxImportSource": "own//x", }, // end\n}`,
    ],
    ["that builds on another", '{ "extends": "./base.json", "compilerOptions": { "jsxImportSource": "own//x" } }'],
  ])("a tsconfig.json %s", (_, config) => {
    writeFileSync(join(folder, "tsconfig.json"), config);
    writeFileSync(join(folder, "base.json"), '{ "compilerOptions": { "jsx": "react-jsx" } }');
    expect(compiled(jsx, { name: "app.tsx" }).code).toContain('from"own//x/jsx-runtime"');
  });

  const text = `import { A, b } from "./a.ts";
import { type C } from "./c.ts";
import D from "./d.ts";
import "./e.ts";
import type { F } from "./f.ts";
export const x = b as A | C | D | F;
`;
  const imports = (code: string): string[] =>
    code.split(/\n|(?<=internal";)/).filter((line) => /^import .*\.\//.test(line));

  test("imports of types go, whole declarations too", () => {
    expect(imports(compiled(text).code)).toEqual(['import {b} from"./a.ts";', 'import "./e.ts";']);
    const rewritten = `${text}enum E { A }`;
    expect(imports(compiled(rewritten).code)).toEqual(['import {b} from"./a.ts";', 'import "./e.ts";']);
  });

  const passing = `export {} from "./a.ts"; export { type B, type B as C } from "./b.ts"; import {} from "./c.ts"; import D, {} from "./d.ts";
export * from "./e.ts"; export { type F, f } from "./f.ts"; import "./g.ts";\n`;
  const files = (code: string): string => [...code.matchAll(/"\.\/(\w)\.ts"/g)].map(([, name]) => name).join("");

  test.each([
    [false, "efg"],
    [true, "abcdefg"],
  ])("so do modules imported or passed on for types alone; verbatimModuleSyntax: %s", (verbatimModuleSyntax, kept) => {
    const tsconfig = { compilerOptions: { verbatimModuleSyntax } };
    for (const more of ["", "enum E { A }"]) expect(files(compiled(passing + more, { tsconfig }).code)).toBe(kept);
  });

  test("verbatimModuleSyntax keeps them", () => {
    const tsconfig = { compilerOptions: { verbatimModuleSyntax: true } };
    for (const more of ["", "enum E { A }"])
      expect(imports(compiled(text + more, { tsconfig }).code)).toEqual([
        'import {A,b} from"./a.ts";',
        'import "./c.ts";',
        'import D from"./d.ts";',
        'import "./e.ts";',
      ]);
  });

  test.each([
    [{ target: "es2021" }, "this.x=1"],
    [{ target: "ES6", useDefineForClassFields: true }, "x=1;"],
    [{ target: "es2022" }, "x=1;"],
    [{ useDefineForClassFields: false }, "this.x=1"],
    [{}, "x=1;"],
  ])("class fields: %j", (compilerOptions, expected) => {
    const { code } = compiled("export class A { x = 1; }", { tsconfig: { compilerOptions } });
    expect(code.includes("this.x=1")).toBe(expected.startsWith("this"));
    expect(code).toContain(expected);
  });

  test("extends, comments, and references to other projects", () => {
    writeFileSync(
      join(folder, "base.json"),
      '{ "compilerOptions": { "jsx": "react", /* own */ "jsxFactory": "h", }, }',
    );
    mkdirSync(join(folder, "src"));
    writeFileSync(join(folder, "tsconfig.app.json"), '{ "extends": "./base.json", "include": ["src"] }');
    writeFileSync(
      join(folder, "tsconfig.node.json"),
      '{ "compilerOptions": { "jsxImportSource": "no" }, "include": ["*.ts"] }',
    );
    const tsconfig = { files: [], references: [{ path: "./tsconfig.node.json" }, { path: "./tsconfig.app.json" }] };
    expect(compiled("export const x = <a />;\n", { tsconfig, name: "src/app.tsx" }).code).toContain('h("a"');
  });

  test("a broken one changes nothing", () => {
    writeFileSync(join(folder, "tsconfig.json"), "{ nonsense");
    expect(compiled("enum E { A }\nexport const x = E.A;\n").code).toContain("E2");
  });

  test("a package is not read by the application's", () => {
    const tsconfig = { compilerOptions: { useDefineForClassFields: false } };
    const name = "node_modules/lib/index.ts";
    writeFileSync(join(folder, "package.json"), '{ "name": "app" }');
    expect(compiled("export class A { x = 1; }", { tsconfig, name }).code).not.toContain("this.x");
  });
});

test("a file of types alone never loads the rewriting library", async () => {
  const { createRequire } = await import("node:module");
  const { cache } = createRequire(import.meta.url);
  const loaded = (): boolean => Object.keys(cache).some((path) => /[\\/]esbuild[\\/]lib[\\/]main\.js$/.test(path));
  if (loaded()) return;
  compiled("export abstract class A<T> { declare x: T; f(): T { return this.x satisfies T; } }");
  expect(loaded()).toBe(false);
});

test("`export =` in an ECMAScript module is refused", () => {
  const e = refusal("const x = 1;\nexport = x;\n", { name: "app.mts" });
  expect([e.code, e.line, e.column]).toEqual(["GORT_UNSUPPORTED", 2, 1]);
});

test("a namespace beside decorators with metadata is refused", () => {
  const tsconfig = { compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true } };
  const other = refusal("function d(...a: any[]) {}\n@d class A {}\nnamespace N { export const x = 1; }\n", {
    tsconfig,
  });
  expect([other.code, other.line, other.column]).toEqual(["GORT_UNSUPPORTED", 3, 1]);
});

test("a class in a decorated method is refused where its types are lost", () => {
  const tsconfig = { compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true } };
  const text = (name: string): string =>
    `function d(...a: any[]) {}\nclass A {\n  @d n: number = 1;\n  @d\n  m(a: number) {\n    return class { ${name} };\n  }\n}\n`;
  const other = refusal(text("n() {}"), { tsconfig });
  expect([other.code, other.line, other.column]).toEqual(["GORT_UNSUPPORTED", 4, 4]);
  compiled(text("n = 1"), { tsconfig });
});
