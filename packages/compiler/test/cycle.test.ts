/** Which modules count as standing in a cycle of imports. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isInCycle } from "../src/files/cycle.ts";

const folder = mkdtempSync(join(tmpdir(), "gort-cycle-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => join(folder, name);
const write = (name: string, text: string): void => writeFileSync(file(name), text);

test("cycles through any number of files, through re-exports, and by names TypeScript rewrites", () => {
  write("a.ts", `import { b } from "./b.js"; import fs from "node:fs"; import { z } from "zod";`);
  write("b.ts", `export * from './c';`);
  write("c.tsx", `import type { A } from "./a.ts"; import "./d.ts"`);
  write("d.ts", `export const d = 1;`);
  for (const name of ["a.ts", "b.ts", "c.tsx"]) expect([name, isInCycle(file(name))]).toEqual([name, true]);
  expect(isInCycle(file("d.ts"))).toBe(false);
});

test("a file that only leads to a cycle is in none", () => {
  write("app.ts", `import { a } from "./a.ts";`);
  expect(isInCycle(file("app.ts"))).toBe(false);
});

test("what cannot be told counts as a cycle: names of the package's own, files that are not there", () => {
  write("own.ts", `import x from "#x";`);
  write("alias.ts", `import x from "@/x";`);
  write("missing.ts", `import x from "./nowhere.ts";`);
  for (const name of ["own.ts", "alias.ts", "missing.ts", "not-written.ts"]) expect(isInCycle(file(name))).toBe(true);
  write("leads.ts", `import "./own.ts"`);
  expect(isInCycle(file("leads.ts"))).toBe(true);
});

test("a file that has changed is read again", () => {
  write("one.ts", `import "./two.ts"`);
  write("two.ts", `export {}`);
  expect(isInCycle(file("one.ts"))).toBe(false);
  write("two.ts", `import "./one.ts"`);
  utimesSync(file("two.ts"), new Date(), new Date(Date.now() + 5000));
  expect(isInCycle(file("one.ts"))).toBe(true);
});
