/**
 * V8's coverage of a compiled program, as those read it who make reports of it: the user's lines, each once, whichever copy of a
 * function has run them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const lib = `import { chan, go } from "gort";

/** Some types. */
export interface Shape {
  kind: string;
}

export function used(n: number): number {
  const ch = chan<number>();
  go(() => ch.send(n));
  const got = ch.recv()!;
  if (got > 100) {
    console.log("never");
    return -1;
  }
  let sum = 0;
  for (const x of [1, 2, got]) {
    sum += fast(x);
  }
  return sum;
}

function fast(x: number): number {
  return maybe(() => x) + 1;
}

function maybe(f: () => number): number {
  if (f() > 1000) {
    return unused(f);
  }
  try {
    return f();
  } catch {
    return 0;
  }
}

export function unused(f: () => number): number {
  let n = 0;
  while (n < 10) {
    n += f();
  }
  return n;
}

export class Box {
  #n = 1;
  get n(): number {
    return this.#n;
  }
  open(): number {
    return used(this.#n);
  }
}
`;
const uncovered = "13-15 29-30 34-35 39-44 49-50";

const files = {
  "lib.ts": lib,
  "app.test.ts": `import { test } from "node:test";
    import assert from "node:assert";
    import { run } from "gort";
    import { Box, used } from "./lib.ts";
    test("used", async () => {
      assert.equal(await run(() => used(3)), 9);
      assert.equal(await run(() => new Box().open()), 7);
    });`,
  // Never suspended: no clone has run.
  "quick.ts": `import { run } from "gort";
    import { Box } from "./lib.ts";
    await run(() => new Box().n);`,
};

/** Lines, as \`1-3 5\`, that lie in a range that has not run, by the rule of c8: whole lines, the last range counts. */
function linesOf(text: string, functions: { ranges: { startOffset: number; endOffset: number; count: number }[] }[]) {
  const lines: number[] = [];
  let start = 0;
  text.split("\n").forEach((line, i) => {
    let count = 1;
    for (const { ranges } of functions)
      for (const r of ranges) if (r.startOffset <= start && r.endOffset >= start + line.length) count = r.count;
    if (count === 0 && line !== "") lines.push(i + 1);
    start += line.length + 1;
  });
  const parts: string[] = [];
  for (const [i, line] of lines.entries()) {
    if (lines[i - 1] === line - 1) parts.push(parts.pop()!.replace(/-.*$/, "") + `-${line}`);
    else parts.push(`${line}`);
  }
  return parts.join(" ");
}

/** What a process has reported of a file, and the source map that is read last. */
async function coverage(project: UserProject, app: string) {
  const folder = project.path("coverage");
  const done = await project.type("node", ["--import", "@gort/compiler/register", app], { NODE_V8_COVERAGE: folder });
  expect(done.status).toBe(0);
  const reports = readdirSync(folder)
    .sort()
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8")));
  const url = reports.flatMap((r) => r.result).find((s) => s.url.endsWith("/lib.ts"))!.url as string;
  const scripts = reports.flatMap((r) => r.result).filter((s) => s.url === url);
  expect(scripts).toHaveLength(1);
  const map = reports.findLast((r) => r["source-map-cache"]?.[url] !== undefined)["source-map-cache"][url].data;
  return { functions: scripts[0].functions, map };
}

test("what has run is told in the user's lines, both copies of a function together", async () => {
  using project = new UserProject(files);
  const { functions, map } = await coverage(project, "app.test.ts");
  expect(linesOf(lib, functions)).toBe(uncovered);
  const named = functions.map((f: { functionName: string; ranges: { count: number }[] }) => [
    f.functionName,
    f.ranges[0]!.count,
  ]);
  expect(Object.fromEntries(named)).toMatchObject({ used: 2, fast: 6, maybe: 6, unused: 0, open: 1, n: 0 });
  // Of the text to itself.
  expect(map.sourcesContent).toEqual([lib]);
});

test("where nothing was suspended, too", async () => {
  using project = new UserProject(files);
  expect(linesOf(lib, (await coverage(project, "quick.ts")).functions)).toBe("9-21 23-25 27-36 39-44 52-53");
});

test("node --test --experimental-test-coverage", { timeout: 30_000 }, async () => {
  using project = new UserProject(files);
  const done = await project.type("node", [
    "--import",
    "@gort/compiler/register",
    "--test",
    "--experimental-test-coverage",
    "--test-coverage-include=lib.ts",
    "app.test.ts",
  ]);
  expect(done.status).toBe(0);
  expect(/lib\.ts.*\|\s*(.*?)\s*$/m.exec(done.stdout)?.[1]).toBe(uncovered);
});
