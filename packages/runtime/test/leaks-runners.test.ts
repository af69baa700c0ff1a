/** The leak check as a set-up of vitest and node:test, as a user writes it, in processes of their own. */
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const leaky = `
import { chan, go } from "gort";
export function leak(): void {
  const ch = chan<number>();
  go(function leaker() { ch.send(1); });
}`;

const body = (runner: string): string => `
import { test } from "${runner}";
import assert from "node:assert";
import { goTest } from "gort/testing";
import { go, chan, sleep } from "gort";
import { leak } from "./leaky.ts";
test("clean", goTest(() => { const ch = chan<number>(); go(() => ch.send(1)); assert.equal(ch.recv(), 1); }));
test("leaks", goTest(() => { leak(); sleep(1); }));
test("after it", goTest(() => sleep(1)));
`;

const failing = (runner: string): string => `
import { test } from "${runner}";
import { goTest } from "gort/testing";
import { leak } from "./leaky.ts";
test("fails", goTest(() => { leak(); throw new Error("failed by itself"); }));
`;

const config = `
import { defineConfig } from "vitest/config";
import gort from "@gort/compiler/vite";
export default defineConfig({ plugins: [gort()], test: { setupFiles: ["./setup.ts"], include: ["*.test.ts"] } });`;

const setup = (runner: string, hook: string, options = ""): string =>
  `import { ${hook} } from "${runner}"; import { verifyTestMain } from "gort/testing"; verifyTestMain(${hook}${options});`;

const found =
  /goleak: Errors on successful test run: found unexpected goroutines:\s+\[Goroutine \d+ in state chan send, with leaker on top of the stack:\s+goroutine \d+ \[chan send\]:\s+leaker\(\.\.\.\)\s+\S*leaky\.ts:5:\d+\s+created by leak in goroutine \d+/;

function vitest(files: Record<string, string>): {
  project: UserProject;
  run: () => Promise<{ status: unknown; stdout: string; stderr: string }>;
} {
  const project = new UserProject({ "vitest.config.ts": config, "leaky.ts": leaky, ...files });
  project.install("vitest");
  project.install(".bin/vitest");
  return { project, run: () => project.type("node", [project.path("node_modules/.bin/vitest"), "run"]) };
}

test("vitest, after all tests of a file", { timeout: 120_000 }, async () => {
  const { project, run } = vitest({ "setup.ts": setup("vitest", "afterAll"), "a.test.ts": body("vitest") });
  using _ = project;
  const done = await run();
  expect(done.status).toBe(1);
  expect(done.stdout + done.stderr).toMatch(found);
  expect(done.stdout).toMatch(/3 passed/);
});

test("vitest, after each test: it says which, and leaves out what is ignored", { timeout: 120_000 }, async () => {
  const { project, run } = vitest({ "setup.ts": setup("vitest", "afterEach"), "a.test.ts": body("vitest") });
  using _ = project;
  const done = await run();
  expect(done.status).toBe(1);
  expect(done.stdout + done.stderr).toMatch(/FAIL .*a\.test\.ts > leaks/);
  expect(done.stdout + done.stderr).toMatch(found);
  project.write({ "setup.ts": setup("vitest", "afterEach", ', { ignoreTopFunction: "leaker" }') });
  expect((await run()).status).toBe(0);
});

test("vitest: a test that failed is not told of leaks, unless runOnFailure", { timeout: 120_000 }, async () => {
  const { project, run } = vitest({ "setup.ts": setup("vitest", "afterAll"), "a.test.ts": failing("vitest") });
  using _ = project;
  const done = await run();
  expect(done.status).toBe(1);
  expect(done.stdout + done.stderr).toContain("failed by itself");
  expect(done.stdout + done.stderr).not.toContain("goleak");
  project.write({ "setup.ts": setup("vitest", "afterAll", ", { runOnFailure: true }") });
  const again = await run();
  expect(again.stdout + again.stderr).toContain(
    "goleak: Errors on unsuccessful test run: found unexpected goroutines:",
  );
});

test(
  "after each test: a leak is told of once, a test that failed is not told of any, nor are those behind it",
  { timeout: 120_000 },
  async () => {
    const after = (runner: string): string =>
      `import { test as third } from "${runner}";\nthird("the last", () => {});`;
    for (const first of [body, failing]) {
      const hook = setup("vitest", "afterEach");
      const { project, run } = vitest({ "setup.ts": hook, "a.test.ts": first("vitest") + after("vitest") });
      using _ = project;
      const { stdout, stderr } = await run();
      const blamed = first === body ? ["leaks"] : ["fails"];
      const list = [...new Set([...(stdout + stderr).matchAll(/FAIL .*a\.test\.ts > (.*)/g)].map((m) => m[1]))];
      expect(list).toEqual(blamed);
      expect((stdout + stderr).includes("goleak")).toBe(first === body);
      project.write({
        "setup.ts": setup("node:test", "afterEach"),
        "a.test.ts": first("node:test") + after("node:test"),
      });
      const args = ["--import", "@gort/compiler/register", "--import", "./setup.ts", "--test", "a.test.ts"];
      const done = await project.type("node", args);
      expect([...new Set([...done.stdout.matchAll(/✖ (leaks|fails|after it|the last)/g)].map((m) => m[1]))]).toEqual(
        blamed,
      );
      expect((done.stdout + done.stderr).includes("goleak")).toBe(first === body);
    }
  },
);

test("node:test, after all and after each", { timeout: 120_000 }, async () => {
  using project = new UserProject({ "leaky.ts": leaky, "a.test.ts": body("node:test") });
  const args = ["--import", "@gort/compiler/register", "--import", "./setup.ts", "--test", "a.test.ts"];
  project.write({ "setup.ts": setup("node:test", "after") });
  const all = await project.type("node", args);
  expect(all.status).toBe(1);
  expect(all.stdout + all.stderr).toMatch(found);
  project.write({ "setup.ts": setup("node:test", "afterEach") });
  const each = await project.type("node", args);
  expect(each.status).toBe(1);
  expect(each.stdout + each.stderr).toMatch(found);
  expect(each.stdout).toMatch(/✖ leaks/);
  project.write({ "setup.ts": setup("node:test", "after", ', { ignoreCreatedBy: "leak" }') });
  expect((await project.type("node", args)).status).toBe(0);
});
