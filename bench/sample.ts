/** One sample: a process that runs one case and prints lines of name, GOMAXPROCS, metric, value, unit. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { steady } from "./targets.ts";

const TIMEOUT = 180_000;
const gort = join(import.meta.dirname, "../packages/devtools/bin/gort.js");

export interface Value {
  value: number;
  unit: string;
}

/** By metric. */
export type Sample = Map<string, Value>;

/** Cases with this at the end of their names run on one core. */
const CORE = "_core";

function run(name: string, command: string, args: string[], env: NodeJS.ProcessEnv): Sample {
  if (name.endsWith(CORE)) {
    // The last one that this process may use: interrupts mostly come to the first.
    const core = execFileSync("taskset", ["-pc", String(process.pid)], { encoding: "utf8" })
      .trim()
      .match(/\d+$/)![0];
    args = ["-c", core, command, ...args];
    command = "taskset";
  }
  const { status, signal, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env, timeout: TIMEOUT });
  if (status !== 0) {
    const why = (stderr ?? "").trim().split("\n").slice(0, 3).join(" | ");
    throw new Error(signal === null ? `exit status ${status}: ${why}` : `ended by ${signal}: ${why}`);
  }
  return parse(stdout);
}

/** What a case has printed. */
export function parse(stdout: string): Sample {
  const sample: Sample = new Map();
  for (const line of stdout.split("\n")) {
    const [, , metric, value, unit] = line.split("\t");
    if (metric !== undefined && unit !== undefined) sample.set(metric, { value: Number(value), unit });
  }
  return sample;
}

/** The argument by which a case runs a second time in its process, under the metric's name with ", steady". */
function again(name: string): string[] {
  return steady.has(name) ? ["steady"] : [];
}

/** Runs one of our cases, on what is built. `how`: more of what lib/bench.ts `choose` knows. */
export function ours(file: string, name: string, how: readonly string[] = []): Sample {
  const program = join(import.meta.dirname, "cases", `${file}.ts`);
  const args = ["--expose-gc", gort, "run", program, name, ...again(name), ...how];
  return run(name, process.execPath, args, { ...process.env, NODE_OPTIONS: "" });
}

/** Our Go twins, built once into a folder of their own. */
export class GoTwins implements Disposable {
  readonly version: string;
  private readonly folder: string;
  private readonly binary: string;
  readonly #cases: Set<string>;

  private constructor(version: string, folder: string) {
    this.version = version;
    this.folder = folder;
    this.binary = join(folder, "bench");
    this.#cases = new Set(execFileSync(this.binary, ["list"], { encoding: "utf8" }).trim().split("\n"));
  }

  /** `undefined`, and a word about it, where Go is not installed. */
  static build(): GoTwins | undefined {
    const version = spawnSync("go", ["version"], { encoding: "utf8" });
    if (version.status !== 0) {
      console.error("Go is not installed: no ratios to it (Debian: apt install golang-go)");
      return undefined;
    }
    const folder = mkdtempSync(join(tmpdir(), "gort-bench-"));
    const built = spawnSync("go", ["build", "-o", join(folder, "bench"), "."], {
      cwd: join(import.meta.dirname, "go"),
      encoding: "utf8",
    });
    if (built.status !== 0) {
      rmSync(folder, { recursive: true, force: true });
      throw new Error(`the Go twins do not build: ${built.stderr}`);
    }
    return new GoTwins(version.stdout.trim().replace(/^go version /, ""), folder);
  }

  /** Whether there is one of the case. */
  has(name: string): boolean {
    return this.#cases.has(name);
  }

  sample(name: string, procs: number): Sample {
    return run(name, this.binary, [name, ...again(name)], { ...process.env, GOMAXPROCS: String(procs) });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
