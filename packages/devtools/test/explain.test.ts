/** The pages about errors: one for each code and no others, and the command that shows them. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../../scripts/packages.mjs";
import { UserProject } from "../../../scripts/testing/user-project.ts";
import { explain } from "../src/explain.ts";

const pages = readdirSync(join(root, "docs/errors")).filter((file) => file.startsWith("GORT_"));

/** Every code in the sources; what is read from the environment is none. */
function codesInSources(): Set<string> {
  const codes = new Set<string>();
  for (const file of globSync("packages/*/src/**/*.ts", { cwd: root })) {
    const text = readFileSync(join(root, file), "utf8");
    for (const [, code] of text.matchAll(/(?<!env\[)["'](GORT_[A-Z_]+)["']/g)) codes.add(code!);
    for (const [, code] of text.matchAll(/^ {2}(GORT_[A-Z_]+): ["{]/gm)) codes.add(code!);
  }
  return codes;
}

test("every code has a page, and every page a code", () => {
  expect(pages.map((page) => page.replace(".md", "")).sort()).toEqual([...codesInSources()].sort());
});

test("every page begins with its code, says what to do, and is in the list", () => {
  const list = readFileSync(join(root, "docs/errors/README.md"), "utf8");
  const wrong = pages.filter((page) => {
    const text = readFileSync(join(root, "docs/errors", page), "utf8");
    const begins = text.startsWith(`# ${page.replace(".md", "")}: `);
    return !begins || !/\*\*What to do\.\*\*/.test(text) || !list.includes(`](${page}) |`);
  });
  expect(wrong).toEqual([]);
});

test("a page in a terminal: no line wider than it, no marks, code as it is", () => {
  const lines = pages.flatMap((page) => explain(page.replace(".md", ""), 80).split("\n"));
  const prose = lines.filter((line) => !line.startsWith("    "));
  expect(prose.filter((line) => line.length > 80 || /\*\*|\]\(|^#|^\||```/.test(line))).toEqual([]);
  expect(explain("GORT_THREAD_ENDED", 80)).toContain("    function insist(n: number): number {\n      for (;;) {\n");
});

test("gort explain", async () => {
  using project = new UserProject({});
  const shown = await project.gort("explain", "gort_deadlock");
  expect(shown).toMatchObject({ status: 0, stderr: "" });
  expect(shown.stdout).toMatch(/^GORT_DEADLOCK: all goroutines are asleep\n\nEvery goroutine waits/);
  expect((await project.gort("explain")).stdout.split("\n")).toContain("GORT_SHARE");
  expect(await project.gort("explain", "E0001")).toMatchObject({
    status: 1,
    stderr: "gort: There is no error E0001. gort explain lists them all.\n",
  });
});
