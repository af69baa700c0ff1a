/** A program that is running, with its pprof port. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { request } from "node:http";
import { join } from "node:path";
import { expect } from "vitest";
import { goVersion } from "../../../scripts/go.mjs";
import type { UserProject } from "../../../scripts/testing/user-project.ts";

export const hasGo: boolean = goVersion() !== "";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  text: string;
}

export class Running implements Disposable {
  readonly child: ChildProcess;
  readonly url: string;
  stdout: string = "";
  stderr: string = "";

  private constructor(child: ChildProcess, url: string) {
    this.child = child;
    this.url = url;
  }

  /** `gort run --pprof localhost:0 …`, once it listens and its standard output has said `until`. */
  static start(
    project: UserProject,
    file: string,
    until: string = "ready",
    env: Record<string, string> = {},
  ): Promise<Running> {
    const gort = join(project.folder, "node_modules/.bin/gort");
    const child = spawn(process.execPath, [gort, "run", "--pprof", "127.0.0.1:0", file], {
      cwd: project.folder,
      // Not forced, also where all else is: nothing would be seen of what a program computes but its suspensions.
      env: { ...process.env, NODE_OPTIONS: "", GORT_FORCE: "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, err] = ["", ""];
    return new Promise((resolve, reject) => {
      let running: Running | null = null;
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`not ready: ${out}${err}`));
      }, 20_000);
      const look = (): void => {
        const url = /^gort: profiles at (\S+)$/m.exec(err)?.[1];
        if (running === null && url !== undefined && out.includes(until)) {
          clearTimeout(timer);
          resolve((running = new Running(child, url)));
        }
        if (running !== null) [running.stdout, running.stderr] = [out, err];
      };
      child.stdout.setEncoding("utf8").on("data", (s: string) => ((out += s), look()));
      child.stderr.setEncoding("utf8").on("data", (s: string) => ((err += s), look()));
      child.on("exit", () => {
        clearTimeout(timer);
        if (running === null) reject(new Error(`ended: ${out}${err}`));
      });
    });
  }

  get(path: string, headers: Record<string, string> = {}, method: string = "GET"): Promise<Answer> {
    return fetchFrom(new URL(path, this.url), headers, method);
  }

  [Symbol.dispose](): void {
    this.child.kill("SIGKILL");
  }
}

/** `expect` of what comes to be so. */
export function soon<T>(f: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(f, { timeout: 20_000 });
}

/** node:http's own, which lets the Host header be set. */
export function fetchFrom(url: URL, headers: Record<string, string> = {}, method: string = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(url, { headers, method, agent: false }, (res) => {
      const parts: Buffer[] = [];
      res.on("data", (part: Buffer) => parts.push(part));
      res.on("error", reject);
      res.on("end", () => {
        const body = Buffer.concat(parts);
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body, text: body.toString() });
      });
    });
    req.on("error", reject);
    req.end();
  });
}

/** What `go tool …` prints; throws with what it said if it failed. */
export function goTool(...args: string[]): Buffer {
  const done = spawnSync("go", ["tool", ...args], {
    maxBuffer: 1 << 26,
    env: { ...process.env, PPROF_TMPDIR: process.env["TMPDIR"] ?? "/tmp", PPROF_NO_BROWSER: "1" },
  });
  if (done.status !== 0) throw new Error(`go tool ${args.join(" ")}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** The table of `go tool pprof -top`: flat and cumulative value of each function, in the profile's own unit where it has one. */
export function topOf(file: string, ...flags: string[]): Map<string, { flat: string; cum: string }> {
  const rows = new Map<string, { flat: string; cum: string }>();
  for (const line of goTool("pprof", "-top", "-nodefraction=0", "-nodecount=10000", ...flags, file)
    .toString()
    .split("\n")) {
    const m = /^\s*(\S+)\s+\S+%\s+\S+%\s+(\S+)\s+\S+%\s+(.*)$/.exec(line);
    if (m !== null) rows.set(m[3] as string, { flat: m[1] as string, cum: m[2] as string });
  }
  return rows;
}

/** "1.20ms" in milliseconds. */
export function ms(value: string | undefined): number {
  const m = /^([\d.]+)(ns|us|ms|s|mins|hrs)?$/.exec(value ?? "0");
  if (m === null) throw new Error(`no duration: ${value}`);
  const scale = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000, mins: 60_000, hrs: 3.6e6 };
  return Number(m[1]) * (m[2] === undefined ? 1 : scale[m[2] as keyof typeof scale]);
}
