/**
 * Every program here runs in a process of its own, as a user runs it, twice: as it is, and with a suspension forced at
 * every safepoint of its goroutines (GORT_FORCE=1). What it prints is NAME.out, both times.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const folder = import.meta.dirname;
const gort = join(folder, "../packages/devtools/bin/gort.js");
const programs = readdirSync(folder)
  .filter((name) => /\.c?ts$/.test(name) && !name.includes(".test."))
  .sort();
/** Another Node.js: `npm run nightly` gives the oldest one that is supported. */
const node = process.env["GORT_TEST_NODE"] ?? process.execPath;

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

function run(program: string, force: string, procs: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const env: NodeJS.ProcessEnv = { ...process.env, GOMAXPROCS: procs, NODE_OPTIONS: "" };
    // The golden orders are those of slices that do not end: a stalled machine must not preempt in the middle of a probe.
    if (/^(?:order|45-rwmutex)\.ts$/.test(program)) env["GODEBUG"] = "asyncpreemptoff=1";
    env["GORT_FORCE"] = force;
    if (program === "opentelemetry.ts") env["GORT_INCLUDE"] = "@opentelemetry/api,@opentelemetry/context-async-hooks";
    const child = spawn(node, [gort, "run", join(folder, program)], {
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

/** Where no goroutine runs too: whoever called goes on, so only a program that minds no order there can be run so. */
const everywhere = ["entries.ts"];

/** Programs with parallel goroutines mean the same on any number of Ps; golden orders are those of one. */
function procsFor(program: string): readonly string[] {
  return /\bparallel\(/.test(readFileSync(join(folder, program), "utf8")) ? ["1", "2", "4"] : ["1"];
}

for (const force of ["", "1", "2"]) {
  const said = ["as it is", "with a suspension forced at every safepoint of a goroutine", "and of everything else"];
  describe(said[Number(force)]!, () => {
    for (const program of force === "2" ? everywhere : programs) {
      for (const procs of procsFor(program)) {
        test(`${program}${procs === "1" ? "" : `, ${procs} Ps`}`, { timeout: 70_000 }, async () => {
          const expected = readFileSync(join(folder, program.replace(/\.c?ts$/, ".out")), "utf8");
          const { status, stdout, stderr } = await run(program, force, procs);
          expect({ stdout, stderr, status }).toEqual({ stdout: expected, stderr: "", status: 0 });
        });
      }
    }
  });
}
