/** `gort explain`. That each code has a page: conformance/errors.test.ts. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../../scripts/packages.mjs";
import { UserProject } from "../../../scripts/testing/user-project.ts";
import { explain } from "../src/explain.ts";

const pages = readdirSync(join(root, "docs/errors")).filter((file) => file.startsWith("GORT_"));

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
  const all = (await project.gort("explain")).stdout.trimEnd().split("\n");
  expect(all.map((line) => `${line.split(" ")[0]}.md`)).toEqual(pages);
  expect(all.filter((line) => !/^GORT_\w+ {2,}\S/.test(line))).toEqual([]);
  expect(all).toContainEqual(expect.stringMatching(/^GORT_DEADLOCK +all goroutines are asleep$/));
  expect(await project.gort("explain", "E0001")).toMatchObject({
    status: 1,
    stderr: "gort: There is no error E0001. gort explain lists them all.\n",
  });
});
