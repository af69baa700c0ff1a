/** Which files imports mean in TypeScript: what tsc and bundlers find, `gort run` finds. */
import { expect, test } from "vitest";
import { compile, isCompiled } from "../src/index.ts";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const tsconfig = JSON.stringify({
  compilerOptions: {
    module: "esnext",
    moduleResolution: "bundler",
    baseUrl: ".",
    paths: { "@/*": ["src/*"], "~twice": ["src/math/twice.ts"], typed: ["types/typed.d.ts"] },
  },
});

/** What `gort run` prints, normally and with a suspension forced everywhere: the same. */
async function output(files: Record<string, string>, entry: string = "app.ts"): Promise<string> {
  using project = new UserProject(files);
  const outputs: string[] = [];
  for (const force of ["0", "1"]) {
    const args = [project.path("node_modules/.bin/gort"), "run", entry];
    const { stdout, stderr } = await project.type("node", args, { GORT_FORCE: force });
    outputs.push(stdout + stderr);
  }
  return outputs[0] === outputs[1] ? outputs[0]! : outputs.join("but forced: ");
}

const math = {
  "src/math/index.ts": `export * from "./twice";\nexport const name = "index";\n`,
  "src/math/twice.ts": `import { sleep } from "gort";\nexport const twice = (n: number): number => { sleep(1); return 2 * n; };\n`,
  "src/math/twice.test.ts": `throw new Error("another file");\n`,
};

test("places without an extension, folders, and names that have a point in them", async () =>
  expect(
    await output({
      ...math,
      "src/view.model.ts": "export const model = 7;\n",
      "app.ts": `import { name, twice } from "./src/math"; import { model } from "./src/view.model";
        export function main(): void { console.log(name, twice(model)); }`,
    }),
  ).toBe("index 14\n"));

test("names of tsconfig.json go before packages; declarations are no modules", async () =>
  expect(
    await output({
      ...math,
      "tsconfig.json": tsconfig,
      "types/typed.d.ts": "export declare const from: string;\n",
      "node_modules/typed/package.json": `{ "name": "typed", "type": "module", "exports": "./i.js" }`,
      "node_modules/typed/i.js": `export const from = "the package";\n`,
      "node_modules/~twice/package.json": `{ "name": "~twice", "type": "module", "exports": "./i.js" }`,
      "node_modules/~twice/i.js": "export const twice = () => 0;\n",
      "app.ts": `import { twice } from "~twice"; import { name } from "@/math"; import { from } from "typed"; import { readFileSync } from "fs";
        export function main(): void { console.log(twice(2), name, from, typeof readFileSync); }`,
    }),
  ).toBe("4 index the package function\n"));

test("require in a .cts file finds them too", async () =>
  expect(
    await output(
      {
        "tsconfig.json": tsconfig,
        "src/half.cts": "export const half = (n: number): number => n / 2;\n",
        "app.cts": `import { half } from "@/half"; const again = require("./src/half") as typeof import("./src/half.cts");
        export function main(): void { console.log(half(4), again.half(6), again.half === half); }`,
      },
      "app.cts",
    ),
  ).toBe("2 3 true\n"));

test("a module in a cycle through a name may be called before its body runs", async () =>
  expect(
    await output({
      "tsconfig.json": tsconfig.replace("@/*", "lib/*"),
      "app.ts": `import { b } from "lib/b"; export function early(): string { return "early"; } export function main(): void { console.log(b); }`,
      "src/b.ts": `import { early } from "lib/../app"; export const b = early();\n`,
    }),
  ).toBe("early\n"));

const parallel = `import { go, parallel } from "gort"; import { next } from "@/state";
  console.log("top");
  const f = parallel((n: number): number => next(n));
  export function main(): void { console.log(go(f, 1).join()); }`;

test("a thread loads the slice of a module that has a name", async () =>
  expect(
    await output({
      "tsconfig.json": tsconfig,
      "app.ts": parallel,
      "src/state.ts": `console.log("once");\nexport const next = (n: number): number => n + 1;\n`,
    }),
  ).toBe("once\ntop\n2\n"));

test("… by a name for files alone: what may be a package is loaded whole", () => {
  const files = {
    "tsconfig.json": JSON.stringify({ compilerOptions: { paths: { "@/*": ["./src/*"], "*": ["./types/*"] } } }),
  };
  using project = new UserProject(files);
  const text = `import { parallel } from "gort"; import { next } from "@/state"; import { other } from "other";
    export const f = parallel((n: number): number => next(other(n)));`;
  const { code } = compile(text, { filename: project.path("app.ts"), format: "module", slice: "f" });
  expect(code).toContain(`"@/state?gort-slice=next"`);
  expect(code).toContain(`"other"`);
});

test("JavaScript finds what Node.js finds; what is missing is named as it was written", async () => {
  const script = { ...math, "app.ts": `import "./a.js";`, "a.js": `import "./src/math";` };
  expect(await output(script)).toContain("ERR_UNSUPPORTED_DIR_IMPORT");
  const named = { "tsconfig.json": tsconfig, "app.ts": `import "@/nothing";` };
  expect(await output(named)).toContain("Cannot find package '@/nothing'");
  expect(await output({ "app.ts": `import "./nothing";` })).toMatch(/Cannot find module '\S+\/nothing'/);
});

test("a pattern of `exclude` means the same for each file, whatever its flags", () => {
  const rules = { exclude: [/generated/g, /\/app\/gen/y] };
  const files = ["/app/generated/a.ts", "/app/generated/b.ts", "/app/a.ts"];
  expect(files.map((file) => isCompiled(file, rules))).toEqual([false, false, true]);
});
