/** A program that runs itself again, to see how it dies. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { wait } from "gort";

/** How `program` ended, run with `args`, and what it wrote. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export function child(program: string, ...args: string[]): Ended {
  const gort = join(import.meta.dirname, "../../packages/devtools/bin/gort.js");
  return wait(
    new Promise<Ended>((resolve, reject) => {
      const running = spawn(process.execPath, [gort, "run", program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
      let [stdout, stderr] = ["", ""];
      running.stdout.setEncoding("utf8").on("data", (s: string) => (stdout += s));
      running.stderr.setEncoding("utf8").on("data", (s: string) => (stderr += s));
      running.on("error", reject);
      running.on("close", (status) => resolve({ status, stdout, stderr }));
    }),
  );
}

/** What it said, without where. */
export function said(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => /^(?:fatal error|panic|runtime|goroutine)/.test(line))
    .map((line) => line.replace(/^goroutine \d+/, "goroutine N"))
    .join(" | ");
}
