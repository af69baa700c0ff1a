/** Every code that the sources can give has a page and a line in the list, and every page is of such a code. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const folder = join(root, "docs/errors");
/** Environment variables. */
const variables = /^GORT_(?:CACHE|CACHE_DIR|DEBUG|FORCE|INCLUDE|PPROF_TOKEN|SEED)$/;

const codes = new Set<string>();
for (const file of globSync("packages/*/src/**/*.ts", { cwd: root }))
  for (const [, code = ""] of readFileSync(join(root, file), "utf8").matchAll(/\b(GORT_[A-Z_]+)\b/g))
    if (!variables.test(code)) codes.add(code);

const pages = readdirSync(folder)
  .filter((name) => name.startsWith("GORT_"))
  .map((name) => name.replace(".md", ""));

test("each code has a page, each page a code", () => {
  expect(codes.size).toBeGreaterThan(20);
  expect(pages.toSorted()).toEqual([...codes].toSorted());
});

test("each page is in the list, once, and begins with its code", () => {
  const listed = [
    ...readFileSync(join(folder, "README.md"), "utf8").matchAll(/^\| \[(GORT_\w+)\]\((GORT_\w+)\.md\) \|/gm),
  ];
  expect(listed.map((m) => m[1]).toSorted()).toEqual(pages.toSorted());
  for (const [, code, page] of listed) expect(page).toBe(code);
  for (const page of pages) {
    const text = readFileSync(join(folder, `${page}.md`), "utf8");
    expect(text.split("\n", 1)[0]).toMatch(new RegExp(`^# ${page}: .`));
    expect(text).toMatch(/\*\*What to do/);
  }
});
