/**
 * The own tests of packages (suites/suites.ts), each in processes of its own: as they are, compiled, compiled with a
 * preemption every millisecond, compiled with a suspension forced at every safepoint. The same tests must fail (none, where the
 * package is right on this Node.js), and the same must be asserted, in the same order.
 *
 * GORT_SUITES=full runs every file, which takes minutes.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report } from "./suites/harness.ts";
import { suites, type Suite } from "./suites/suites.ts";

const full = process.env["GORT_SUITES"] === "full";
const limit = full ? 3_600_000 : 100_000;
/** Where the sources of the packages are tested and not what is built, the child must take them too. */
const conditions = process.execArgv.filter((flag) => flag.startsWith("--conditions="));
const child = join(import.meta.dirname, "suites/child.ts");

function run(suite: Suite, way: string): Promise<Report> {
  return new Promise((resolve, reject) => {
    const env: NodeJS.ProcessEnv = { ...process.env, GORT_FORCE: "", NODE_OPTIONS: "" };
    // A loaded machine must not preempt where nothing is to be preempted.
    if (way === "compiled") env["GODEBUG"] = "asyncpreemptoff=1";
    const args = [...conditions, "--conditions=@zod/source", child, suite.name, way, full ? "full" : "quick"];
    const started = spawn(process.execPath, args, {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limit,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    started.stdout.setEncoding("utf8").on("data", (s: string) => (stdout += s));
    started.stderr.setEncoding("utf8").on("data", (s: string) => (stderr += s));
    started.on("error", reject);
    started.on("close", (status, signal) => {
      const last = stdout.trimEnd().split("\n").at(-1)!;
      if (status === 0 && last.startsWith("{")) resolve(JSON.parse(last) as Report);
      else
        reject(
          new Error(`${suite.name} ${way}: ${String(signal ?? status)}\n${stdout.slice(-2000)}${stderr.slice(-4000)}`),
        );
    });
  });
}

const names = (failures: string[], differing: string[]): string[] =>
  failures.map((f) => f.replace(/: [^]*/, "")).filter((name) => !differing.includes(name));

for (const suite of suites) {
  const { differing = [], least } = suite;
  describe(suite.name, () => {
    let plain: Promise<Report> | undefined;
    test("as it is", { timeout: limit }, async () => {
      const { tests, assertions, failures } = await (plain ??= run(suite, "plain"));
      expect(failures.slice(suite.failing ?? 0)).toEqual([]);
      expect(tests).toBeGreaterThanOrEqual(least.tests);
      expect(assertions).toBeGreaterThanOrEqual(least.assertions);
    });
    for (const way of ["compiled", "preempted", "forced"])
      test(way, { timeout: limit }, async () => {
        const expected = await (plain ??= run(suite, "plain"));
        const { suspended, ...got } = await run(suite, way);
        const before = names(expected.failures, differing);
        const raced = way === "compiled" ? 0 : (suite.races ?? 0);
        const others = names(got.failures, differing).filter((name) => raced === 0 || before.includes(name));
        expect(others).toEqual(before);
        expect(got.failures.length - others.length).toBeLessThanOrEqual(raced + differing.length);
        expect(got.tests).toBe(expected.tests);
        // Assertions behind promises nobody waits for may come after the end of their test.
        expect(Math.abs(got.assertions - expected.assertions)).toBeLessThanOrEqual(suite.varies === true ? 5 : 0);
        if (suite.varies !== true) expect(got.digest).toBe(expected.digest);
        if (way === "forced") expect(suspended).toBeGreaterThan(500);
      });
  });
}
