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

/** Everything but goroutines; `work` is also run without the compiler. */
const plain = `export interface Host { f(): number; g(n: number): boolean; h(s: string): void }
export function work(o: Host, list: number[], deep = o.f()): string {
  let out = "" + deep;
  if (o.g(1)) out += "a";
  if (!o.g(2)) {
    out += "b";
  } else if (o.g(3)) {
    out += "c";
  }
  for (const x of list) {
    if (o.g(x)) {
      continue;
    }
    if (x > 4) break;
    out += o.f() > 1 ? "d" : "e";
    out += o.g(x) && o.g(x + 1) && "z";
  }
  switch (o.f()) {
    case 1:
      o.h("one");
      break;
    case 2:
      o.h("two");
    default:
      o.h("d");
  }
  try {
    o.h("try");
    if (o.g(77)) throw new Error(out);
  } catch (e) {
    o.h("caught" + e);
  } finally {
    o.h("finally");
  }
  const { a = o.f(), b = 3 } = { a: 1 } as { a?: number; b?: number };
  outer: for (let i = 0; i < 3; i++) {
    while (o.f() > 0) {
      if (i > 1) break outer;
      if (o.g(i)) { continue outer; }
      if (o.g(100)) { return "x"; }
      break;
    }
  }
  const never = () => {
    o.h("never");
  };
  const arrow = (n: number): number => o.f() + n;
  return out + list.map((x) => o.f() + x).join() + arrow(1) + a + b + String(never);
}
export class Animal {
  name = "x";
  other: string = String(1);
  static count = 0;
  readonly kind: string;
  constructor(kind: string) {
    if (kind === "") throw new Error("no");
    this.kind = kind;
  }
  get upper(): string { return this.kind.toUpperCase(); }
  set upper(v: string) { this.name = v; }
  say(o: Host): string {
    return this.upper + o.f();
  }
  static make(): Animal { return new Animal("k"); }
}
class Never {
  x = String(5);
  static { if (Animal.count === 7) { console.log(Never); } }
}
`;

interface Place {
  line: number;
  column: number;
}
/** As reports have it: what statements, functions and branches there are, and how often each has run. */
interface FileCoverage {
  statementMap: Record<string, { start: Place }>;
  fnMap: Record<string, { name: string; loc: { start: Place } }>;
  branchMap: Record<string, { type: string; loc: { start: Place } }>;
  s: Record<string, number>;
  f: Record<string, number>;
  b: Record<string, number[]>;
}

/** Whether each of it has run. */
function hasRun(file: FileCoverage): Record<string, boolean> {
  const found: Record<string, boolean> = {};
  const at = ({ start }: { start: Place }): string => `${start.line}:${start.column}`;
  // Where a statement begins is told by what stands first in it: the maps of two tools differ by a few columns.
  for (const [i, place] of Object.entries(file.statementMap)) found[`line ${place.start.line}`] ||= file.s[i]! > 0;
  for (const [i, { name, loc }] of Object.entries(file.fnMap))
    found[`function ${name} ${loc.start.line}`] = file.f[i]! > 0;
  for (const [i, { type, loc }] of Object.entries(file.branchMap))
    file.b[i]!.forEach((n, k) => (found[`${type} ${at(loc)} ${k}`] = n > 0));
  return found;
}

/** The report of vitest, and what it printed. */
async function vitestCoverage(more: Record<string, string>, plugins: string) {
  using project = new UserProject({
    ...more,
    "vitest.config.mjs": `import gort from "@gort/compiler/vite";
      export default { plugins: ${plugins}, resolve: { preserveSymlinks: true }, test: { include: ["*.test.ts"], coverage: {
        enabled: true, provider: "v8", include: ["*.ts"], exclude: ["*.test.ts"], reporter: ["json"] } } };`,
  });
  for (const name of ["vitest", "vite", "@vitest/coverage-v8"]) project.install(name);
  const done = await project.type("node", ["node_modules/vitest/vitest.mjs", "run", "--root", "."]);
  expect(done.stdout).toMatch(/Tests\s+\d+ passed/);
  const found = JSON.parse(readFileSync(project.path("coverage/coverage-final.json"), "utf8"));
  const of = (name: string): FileCoverage => found[Object.keys(found).find((key) => key.endsWith(name))!];
  return { of, said: done.stderr };
}

test("vitest: the report of a program is what it is without the compiler", { timeout: 60_000 }, async () => {
  const more = {
    "plain.ts": plain,
    "untested.ts": `export function never(f: () => number): number {
  if (f() > 1) return 2;
  return f();
}`,
    "a.test.ts": `import { expect, test } from "vitest";
import { Animal, work } from "./plain.ts";
function host(start: number) {
  let n = start;
  return { f: () => n++ % 3, g: (x: number) => (x * 7 + n) % 3 === 0, h: () => void n++ };
}
test("work", () => {
  expect(work(host(0), [1, 2, 3, 4, 5, 6])).toBeTypeOf("string");
  expect(new Animal("z").say(host(0))).toBe("Z0");
});`,
    "b.test.ts": `import { expect, test } from "vitest";
import { work } from "./plain.ts";
test("work", () => {
  expect(work({ f: () => 1, g: () => true, h: () => {} }, [])).toContain("21");
});`,
  };
  const [uncompiled, compiled] = await Promise.all([vitestCoverage(more, "[]"), vitestCoverage(more, "[gort()]")]);
  for (const name of ["plain.ts", "untested.ts"])
    expect(hasRun(compiled.of(name))).toEqual(hasRun(uncompiled.of(name)));
  expect(Object.values(hasRun(compiled.of("plain.ts")))).toContain(true);
  expect(Object.values(hasRun(compiled.of("untested.ts")))).not.toContain(true);
});

test("vitest: a line has run if it has in one of the two copies", { timeout: 60_000 }, async () => {
  const { of } = await vitestCoverage(
    {
      "lib.ts": lib,
      "a.test.ts": `import { expect, test } from "vitest";
import { goTest } from "gort/testing";
import { Box, used } from "./lib.ts";
test("used", goTest(() => {
  expect(used(3)).toBe(9);
  expect(new Box().open()).toBe(7);
}));`,
    },
    "[gort()]",
  );
  const run = hasRun(of("lib.ts"));
  const not = Object.keys(run).filter((key) => !run[key]);
  expect(not.filter((key) => key.startsWith("line"))).toEqual(
    [13, 14, 29, 34, 39, 40, 41, 43, 49].map((line) => `line ${line}`),
  );
  expect(not.filter((key) => key.startsWith("function"))).toEqual(["function unused 38", "function n 48"]);
  // The way around each `if` was taken, too.
  expect(not.filter((key) => key.startsWith("if"))).toEqual(["if 12:2 0", "if 28:2 0"]);
  expect(of("lib.ts").s).toMatchObject({ 0: 2 });
});
