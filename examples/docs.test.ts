/**
 * What stands in README.md and in the guides: each block of TypeScript compiles and fits the types as they are now, whole programs run, and
 * every link leads somewhere. Names a block does not declare are the reader's; those of gort and Node it may leave the import of out.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { compile } from "@gort/compiler";
import { root } from "../scripts/packages.mjs";
import { UserProject } from "../scripts/testing/user-project.ts";

const pages = globSync(["*.md", "docs/**/*.md", "packages/*/README.md"], { cwd: root }).sort();

interface Block {
  /** "README.md:16". */
  place: string;
  text: string;
}

const blocks: Block[] = pages.flatMap((page) => {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map((m) => ({
    place: `${page}:${text.slice(0, m.index).split("\n").length}`,
    // "…" stands for what is left out.
    text: m[1]!.replaceAll("{ … }", "{ }"),
  }));
});

const programs = blocks.filter(({ text }) => text.includes("export function main(") && !text.includes("listen("));

test("there are as many as one would think", () => {
  expect(blocks.length).toBeGreaterThanOrEqual(20);
  expect(programs.length).toBeGreaterThanOrEqual(3);
});

test.each(blocks)("$place compiles", ({ text, place }) => {
  expect(() => compile(text, { filename: join(root, `${place}.ts`) })).not.toThrow();
});

/** Where names come from that blocks do not import. */
function exporters(): Map<string, string> {
  const from = new Map<string, string>();
  const ours = ["devtools", "trace", "testing", "net", "http", ""];
  for (const entry of ours) {
    const text = readFileSync(join(root, `api/gort${entry === "" ? "" : `.${entry}`}.api.txt`), "utf8");
    const [, names = ""] = /^export \{(.*)\}/m.exec(text) ?? [];
    const module = entry === "devtools" ? "@gort/devtools" : entry === "" ? "gort" : `gort/${entry}`;
    for (const name of names.split(","))
      from.set(
        name
          .trim()
          .replace(/^type /, "")
          .split(" ")[0]!,
        module,
      );
  }
  for (const name of ["IncomingMessage", "ServerResponse", "createServer"]) from.set(name, "node:http");
  from.set("scryptSync", "node:crypto").set("createReadStream", "node:fs").set("test", "vitest");
  return from;
}

/** The reader's own whose types others follow from. */
const reader =
  `declare const app: { get(path: string, f: (req: any, res?: any) => unknown): void; use(f: (req: any, res: any, next: () => void) => void): void };
declare function work(n: number): number;`.replaceAll("\n", " ");

test("they fit the types", () => {
  const folder = join(root, "node_modules/.cache/gort-workspace/docs");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = { noEmit: true, erasableSyntaxOnly: false, noImplicitAny: false, noUncheckedIndexedAccess: false };
  const json = { extends: join(root, "tsconfig.base.json"), compilerOptions: options, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(json));
  const from = exporters();
  blocks.forEach(({ text }, i) => {
    const imported = new Set([...text.matchAll(/^import .*$/gm)].flatMap((m) => m[0].match(/\w+/g) ?? []));
    const declared = new Set([...text.matchAll(/(?:const|let|function) (\w+)/g)].map((m) => m[1]!));
    const used = new Set(text.replace(/^import .*$/gm, "").match(/(?<![.\w])[A-Za-z]\w*/g));
    const left = [...used].filter((name) => from.has(name) && !imported.has(name) && !declared.has(name));
    const imports = left.map((name) => `import { ${name} } from "${from.get(name)}";`);
    writeFileSync(join(folder, `${i}.ts`), `${imports.join(" ")} ${reader} ${text}export {};\n`);
  });
  const tsc = join(root, "node_modules/.bin/tsc");
  const args = ["-p", folder, "--verbatimModuleSyntax", "false", "--isolatedModules", "false", "--pretty", "false"];
  const done = spawnSync(tsc, args, { encoding: "utf8", cwd: folder, env: { ...process.env, NODE_OPTIONS: "" } });
  // What is not declared is the reader's own.
  const problems = done.stdout
    .split("\n")
    .filter((line) => /error TS/.test(line) && !/TS(?:2304|2552|18004):/.test(line))
    .map((line) =>
      line.replace(/^(\d+)\.ts\((\d+),/, (_, i: string, n: string) => `${blocks[Number(i)]!.place} + ${n} (`),
    );
  expect(problems).toEqual([]);
});

test.each(programs)("$place runs", async ({ text }) => {
  const texts = /\btexts\b/.test(text) ? 'const texts = ["a", "b\\nc"];\n' : "";
  using project = new UserProject({ "app.ts": `${texts}${text}` });
  expect(await project.gort("run", "app.ts")).toMatchObject({ status: 0, stderr: "" });
});

/** As GitHub makes them of headings. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

test("links lead to what is there", () => {
  const broken: string[] = [];
  for (const page of pages) {
    const text = readFileSync(join(root, page), "utf8")
      .replace(/^```[^]*?^```$/gm, "")
      .replace(/`[^`\n]*`/g, "");
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = "", hash] = target.split("#");
      const file = path === "" ? join(root, page) : resolve(root, dirname(page), path);
      const isThere = existsSync(file);
      const headings = isThere && hash !== undefined ? [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)] : [];
      if (!isThere || (hash !== undefined && !headings.some((m) => anchor(m[1]!) === hash)))
        broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});
