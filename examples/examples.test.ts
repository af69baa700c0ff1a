/** Every example is run as a user runs it, and prints NAME.out: what stands in the guides is what they do. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = import.meta.dirname;
const gort = join(folder, "../packages/devtools/bin/gort.js");
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".ts") && !name.includes(".test."))
  .map((name) => name.slice(0, -3))
  .sort();

/** Those that compute for long: never forced, which would take minutes. */
const heavy = new Set(["hog-server", "logs"]);

function run(name: string, ...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const forced = heavy.has(name) ? { GORT_FORCE: "" } : {};
    const env = { ...process.env, NODE_OPTIONS: "", ...forced };
    const child = spawn(process.execPath, [gort, "run", join(folder, `${name}.ts`), ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 25_000,
      killSignal: "SIGKILL",
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (s: string) => (stdout += s));
    child.stderr.setEncoding("utf8").on("data", (s: string) => (stderr += s));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout: stdout.replaceAll(`${folder}/`, ""), stderr }));
  });
}

/** Nothing they print depends on time. */
const exact = names.filter((name) => name !== "index" && name !== "hello");

test("all have their output recorded", () => {
  expect(exact.filter((name) => !existsSync(join(folder, `${name}.out`)))).toEqual([]);
});

test.concurrent.each(exact)("%s", async (name) => {
  const stdout = readFileSync(join(folder, `${name}.out`), "utf8");
  expect(await run(name)).toEqual({ stdout, stderr: "", status: 0 });
});

test("hello: each job once, by some worker", async () => {
  const done = await run("hello");
  expect(done).toMatchObject({ stderr: "", status: 0 });
  const squares = [...done.stdout.matchAll(/^worker [123]: (\d) squared is (\d+)$/gm)].map((m) =>
    [m[1], m[2]].map(Number),
  );
  expect(squares.toSorted((a, b) => a[0]! - b[0]!)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [n, n * n]));
});

test("index: counts a folder's identifiers", async () => {
  const done = await run("index", join(folder, "lib"));
  expect(done).toMatchObject({ stderr: "", status: 0 });
  expect(done.stdout).toMatch(/^Counting identifiers in lib\n/);
  expect(done.stdout).toMatch(/^ 1 {2}\w+ +\d+$/m);
  expect(done.stdout).toMatch(new RegExp(`^${readdirSync(join(folder, "lib")).length} files, `, "m"));
});

test("npm start -- --help says what it does and what it takes, and builds nothing", () => {
  const start = join(folder, "../scripts/tasks/start.mjs");
  const done = spawnSync(process.execPath, [start, "--help"], {
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  expect(done).toMatchObject({
    status: 0,
    stderr: "",
    stdout: expect.stringMatching(/^npm start \[-- FOLDER\]\n/) as string,
  });
});

/** The size it is made for: read in pieces, it takes little more memory than a small one. */
test("logs: 200 MB", async () => {
  const done = await run("logs", "200");
  expect(done).toMatchObject({ stderr: "", status: 0 });
  const [, found, lines] = /^(\d+) of (\d+) lines$/m.exec(done.stdout)!;
  expect(found).toBe(lines);
  expect(Number(lines)).toBeGreaterThan(2_000_000);
  expect(Number(/ (\d+) MB of memory$/m.exec(done.stdout)![1])).toBeLessThan(700);
});
