/** A program that runs itself again, to see how it dies. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { wait } from "gort";

/** Status and standard error of `program` run with `args`. */
export function child(program: string, ...args: string[]): { status: number | null; stderr: string } {
  const gort = join(import.meta.dirname, "../../packages/devtools/bin/gort.js");
  return wait(
    new Promise<{ status: number | null; stderr: string }>((resolve, reject) => {
      const running = spawn(process.execPath, [gort, "run", program, ...args], { stdio: ["ignore", "ignore", "pipe"] });
      let stderr = "";
      running.stderr.setEncoding("utf8").on("data", (s: string) => (stderr += s));
      running.on("error", reject);
      running.on("close", (status) => resolve({ status, stderr }));
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
