/**
 * Every program here runs in a process of its own, as a user runs it, twice: as it is, and with a suspension forced at
 * every safepoint (GORT_FORCE=1). What it prints is NAME.out, both times.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const folder = import.meta.dirname;
const gort = join(folder, "../packages/devtools/bin/gort.js");
const programs = readdirSync(folder)
  .filter((name) => name.endsWith(".ts") && !name.includes(".test."))
  .sort();
/** Where the sources of the packages are tested and not what is built, the child must take them too. */
const conditions = process.execArgv.filter((flag) => flag.startsWith("--conditions="));

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

function run(program: string, force: boolean): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const env: NodeJS.ProcessEnv = { ...process.env, GOMAXPROCS: "1", NODE_OPTIONS: conditions.join(" ") };
    // The golden orders are those of slices that do not end: a stalled machine must not preempt in the middle of a probe.
    if (program === "order.ts") env["GODEBUG"] = "asyncpreemptoff=1";
    if (force) env["GORT_FORCE"] = "1";
    else delete env["GORT_FORCE"];
    const child = spawn(process.execPath, [gort, "run", join(folder, program)], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (s: string) => (stdout += s));
    child.stderr.setEncoding("utf8").on("data", (s: string) => (stderr += s));
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      resolve({ status, stdout, stderr });
    });
  });
}

for (const force of [false, true]) {
  describe(force ? "with a suspension forced at every safepoint" : "as it is", () => {
    for (const program of programs) {
      test(program, { timeout: 70_000 }, async () => {
        const expected = readFileSync(join(folder, program.replace(/\.ts$/, ".out")), "utf8");
        const { status, stdout, stderr } = await run(program, force);
        expect({ stdout, stderr, status }).toEqual({ stdout: expected, stderr: "", status: 0 });
      });
    }
  });
}
