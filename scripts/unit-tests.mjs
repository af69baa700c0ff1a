/** Runs vitest, shows what it prints, and counts. */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./packages.mjs";
import { run } from "./run.mjs";

/**
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function unitTests(args, env = {}) {
  const report = join(root, "node_modules/.cache/gort-workspace/vitest.json");
  mkdirSync(join(report, ".."), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const done = run("vitest", ["run", ...reporters, ...args], { show: true, env });
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const said = JSON.parse(readFileSync(report, "utf8"));
  // A file that does not load has no tests to fail, and counts as one.
  const unloaded = said.testResults.filter(
    (/** @type {any} */ file) =>
      file.status === "failed" && file.assertionResults.every((/** @type {any} */ t) => t.status !== "failed"),
  ).length;
  const failed = said.numFailedTests + unloaded;
  return {
    passed: said.numPassedTests,
    failed: failed === 0 && !done.ok ? 1 : failed,
    skipped: said.numPendingTests + said.numTodoTests,
  };
}
