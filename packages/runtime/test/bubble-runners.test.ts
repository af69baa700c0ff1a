/** Bubbles and schedules in tests as users write them, with vitest and with node:test, in processes of their own. */
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const body = (runner: string): string => `
import { test } from "${runner}";
import assert from "node:assert";
import { bubble, explore, goTest, waitIdle } from "gort/testing";
import { chan, go, sleep, WaitGroup } from "gort";

test("an hour", goTest(() => bubble(() => {
  const begin = Date.now();
  let half = 0;
  go(() => { sleep(1_800_000); half = Date.now() - begin; });
  sleep(3_600_000);
  assert.deepEqual([half, Date.now() - begin], [1_800_000, 3_600_000]);
})));
test("an async body", async () => {
  assert.equal(bubble(() => { sleep(1000); return performance.now(); }), 1000);
});
test("real time beside it", goTest(() => {
  const begin = performance.now();
  const done = chan<void>();
  go(() => { sleep(20); done.close(); });
  bubble(() => sleep(1e9));
  done.recv();
  assert.ok(performance.now() - begin < 1e6);
}));
test("idle", goTest(() => bubble(() => {
  let ran = false;
  go(() => void (ran = true));
  waitIdle();
  assert.ok(ran);
})));
test("schedules", goTest(() => {
  assert.equal(explore(() => {
    const wg = new WaitGroup();
    let n = 0;
    for (let i = 0; i < 3; i++) wg.go(() => void n++);
    wg.wait();
    assert.equal(n, 3);
  }, { seeds: 50 }), 50);
}));
`;

const failing = (runner: string): string => `
import { test } from "${runner}";
import assert from "node:assert";
import { bubble, explore, goTest } from "gort/testing";
import { chan, gosched, go, WaitGroup } from "gort";

test("lost", goTest(() => void explore(function lost() {
  const wg = new WaitGroup();
  let n = 0;
  for (let i = 0; i < 2; i++) wg.go(() => { const read = n; gosched(); n = read + 1; });
  wg.wait();
  assert.equal(n, 2);
})));
test("blocked", goTest(() => bubble(() => {
  const ch = chan<number>();
  go(function sender() { ch.send(1); });
})));
`;

const config = `
import { defineConfig } from "vitest/config";
import gort from "@gort/compiler/vite";
export default defineConfig({ plugins: [gort()], test: { include: ["*.test.ts"] } });`;

/** What a failing run says: the seed, the schedule with its places, how to run it again; the goroutine that is left. */
function expectFailures(text: string): void {
  expect(text).toMatch(/explore: schedule \d+ of 1000 \(strategy random, seed \d+\) fails: AssertionError/);
  expect(text).toMatch(/goroutine \d+ \[gave way\] \S+ \(\S*a\.test\.ts:10:\d+\)/);
  expect(text).toMatch(/run it again: explore\(f, \{ replay: \d+ \}\)/);
  expect(text).toContain("deadlock: main bubble goroutine has exited but blocked goroutines remain");
  expect(text).toMatch(
    /goroutine \d+ \[chan send \(durable\), synctest bubble \d+\]:\s+sender\(\.\.\.\)\s+\S*a\.test\.ts:16/,
  );
}

function vitest(files: Record<string, string>): UserProject {
  const project = new UserProject({ "vitest.config.ts": config, ...files });
  project.install("vitest");
  project.install(".bin/vitest");
  return project;
}

test("vitest", { timeout: 60_000 }, async () => {
  using project = vitest({ "a.test.ts": body("vitest") });
  const run = ["node", [project.path("node_modules/.bin/vitest"), "run"]] as const;
  const done = await project.type(run[0], [...run[1]]);
  expect(done.stdout + done.stderr).toMatch(/5 passed/);
  expect(done.status).toBe(0);
  project.write({ "a.test.ts": failing("vitest") });
  const failed = await project.type(run[0], [...run[1]]);
  expect(failed.status).toBe(1);
  expect(failed.stdout + failed.stderr).toMatch(/2 failed/);
  expectFailures(failed.stdout + failed.stderr);
});

test("node:test", { timeout: 60_000 }, async () => {
  using project = new UserProject({ "a.test.ts": body("node:test") });
  const args = ["--import", "@gort/compiler/register", "--test", "a.test.ts"];
  const done = await project.type("node", args);
  expect(done.stdout + done.stderr).toMatch(/pass 5\n/);
  expect(done.status).toBe(0);
  project.write({ "a.test.ts": failing("node:test") });
  const failed = await project.type("node", args);
  expect(failed.status).toBe(1);
  expect(failed.stdout).toMatch(/fail 2\n/);
  expectFailures(failed.stdout + failed.stderr);
});
