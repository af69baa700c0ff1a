/** Servers and clients as processes, for the benchmarks of whole servers: net.ts and hog.ts. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const gort = join(import.meta.dirname, "../packages/devtools/bin/gort.js");

/** How to start a server. It prints its port. */
export interface Variant {
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
}

export const onNode = (name: string, file: string, ...args: string[]): Variant => ({
  name,
  command: process.execPath,
  args: [file, ...args],
});

export const onGort = (file: string, ...args: string[]): Variant => ({
  name: "Gort",
  command: process.execPath,
  args: [gort, "run", file, ...args],
});

/** The Go twin in `folder`, built to `binary`, with one P and with two; none, and a word about it, where Go is not installed. */
export function onGo(folder: string, binary: string, ...args: string[]): Variant[] {
  const built = spawnSync("go", ["build", "-o", binary, "."], { cwd: folder, encoding: "utf8" });
  if (built.error !== undefined) {
    console.error("Go is not installed: no figures of it");
    return [];
  }
  if (built.status !== 0) throw new Error(`the Go twin does not build: ${built.stderr}`);
  return [1, 2].map((procs) => ({
    name: `Go, P=${procs}`,
    command: binary,
    args,
    env: { GOMAXPROCS: String(procs) },
  }));
}

export interface Running extends Disposable {
  port: string;
  /** Processor time it has used so far, ms; NaN where the system does not say. */
  cpu(): number;
}

export async function start({ command, args, env }: Variant): Promise<Running> {
  const child = spawn(command, args, {
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = (): void => void child.kill("SIGKILL");
  try {
    const port = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("error", reject);
      child.once("exit", (status) => reject(new Error(`the server ended with ${status}`)));
    });
    return { port, cpu: () => cpuOf(child), [Symbol.dispose]: end };
  } catch (e) {
    end();
    throw e;
  }
}

function cpuOf(child: ChildProcess): number {
  try {
    // After the name: state is field 3, user and system time are 14 and 15, in hundredths of a second.
    const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return NaN;
  }
}

/** Runs a program of clients to its end; returns what it printed. */
export async function clients(file: string, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (text: Buffer) => (said += String(text)));
  const status = await new Promise((resolve) => child.once("close", resolve));
  if (status !== 0) throw new Error(`the clients ended with ${String(status)}`);
  return said;
}
