/**
 * What a process prints when it dies, to the letter: each case of fatal/main.ts in a process of its own, held against
 * fatal/NAME.txt. The texts are Go's, but for the frames (JavaScript has names of its own,
 * and no panic frames) and the last line, the code of the error.
 */
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "fatal");
const gort = join(import.meta.dirname, "../packages/devtools/bin/gort.js");

interface Outcome {
  status: number | string | null;
  stdout: string;
  stderr: string;
}

/** Without what differs from machine to machine: the folder, and how much fits on a native stack. */
const masked = (text: string): string =>
  text.replaceAll(folder, "/src").replace(/\.\.\.\d+ frames elided/, "...N frames elided");

/** Runs a case; `signal` is sent once it has printed something. */
function run(name: string, env: Record<string, string> = {}, signal?: NodeJS.Signals): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const own: NodeJS.ProcessEnv = { ...process.env, NODE_OPTIONS: "", ...env };
    const child = spawn(process.execPath, [gort, "run", join(folder, "main.ts"), name], {
      env: own,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (s: string) => {
      stdout += s;
      if (signal !== undefined) child.kill(signal);
    });
    child.stderr.setEncoding("utf8").on("data", (s: string) => (stderr += s));
    child.on("error", reject);
    child.on("close", (status, by) => {
      clearTimeout(timer);
      resolve({ status: status ?? by, stdout, stderr: masked(stderr) });
    });
  });
}

const names = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => name.slice(0, -4))
  .sort();

/** Forcing a suspension at every safepoint moves frames from the native stack to the heap: these have some of both. */
const forced = [
  "chan",
  "closedwhile",
  "goexitpanic",
  "joined",
  "named",
  "nestedpanic",
  "panicerr",
  "recoveredrepanic",
  "usingpanic",
];

/** GOTRACEBACK stands behind the dash. */
const level = (name: string): string | undefined => name.split("-")[1];

function observed(name: string, force: string): Promise<Outcome> {
  const env: Record<string, string> = { GORT_FORCE: force };
  if (level(name) !== undefined) env["GOTRACEBACK"] = level(name)!;
  const which = name.split("-")[0]!;
  return run(which, env, which === "quit" ? "SIGQUIT" : undefined);
}

function expected(name: string): Outcome {
  return {
    stderr: readFileSync(join(folder, `${name}.txt`), "utf8"),
    stdout: name.startsWith("quit") ? "ready\n" : "",
    status: level(name) === "crash" ? "SIGABRT" : 2,
  };
}

test.concurrent.each(names)("%s", async (name) => {
  expect(await observed(name, "")).toEqual(expected(name));
});

test.concurrent.each(forced)("%s, with a suspension forced at every safepoint", async (name) => {
  expect(await observed(name, "1")).toEqual(expected(name));
});

test("system shows the runtime's own frames", async () => {
  const done = await run("mutex", { GOTRACEBACK: "system" });
  expect(done.stderr).toMatch(/goroutine 1 \[sync\.Mutex\.Lock\]:\ngort\.Mutex\.lock\(\.\.\.\)\nmutex\(\.\.\.\)/);
  expect(done.status).toBe(2);
});
