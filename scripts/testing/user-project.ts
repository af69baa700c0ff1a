/** A user's project in a temporary folder: files, Gort's packages installed, and commands typed there. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { manifest, packages, root } from "../packages.mjs";

export interface Outcome {
  /** Exit status; the name of the signal that ended the process otherwise. */
  status: number | string;
  stdout: string;
  stderr: string;
  /** Milliseconds. */
  took: number;
}

export class UserProject {
  readonly folder: string;

  /** @param files Path to text; package.json is there unless given. */
  constructor(files: Record<string, string>) {
    this.folder = mkdtempSync(join(tmpdir(), "gort-user-"));
    this.write({ "package.json": '{ "name": "users-project", "private": true, "type": "module" }', ...files });
    for (const name of packages) this.link(join(root, "packages", name), manifest(name).name);
    this.link(join(root, "packages/devtools/bin/gort.js"), ".bin/gort");
  }

  private link(from: string, name: string): void {
    const to = join(this.folder, "node_modules", name);
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(from, to);
  }

  /** Makes a package of the workspace's node_modules available, as if installed. */
  install(name: string): void {
    this.link(join(root, "node_modules", name), name);
  }

  write(files: Record<string, string>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /**
   * Types a command; it has 50 s. `npx` is npm's, everything else is found in node_modules/.bin or on the PATH. `told` is called with all it
   * has printed whenever it prints.
   */
  async type(
    command: string,
    args: readonly string[],
    env: Record<string, string> = {},
    told: (stdout: string) => void = () => {},
  ): Promise<Outcome> {
    const start = performance.now();
    const inherited = { ...process.env };
    // What a test runner sets is not what a user has.
    for (const name of Object.keys(inherited))
      if (/^(?:NODE_OPTIONS|VITEST|GORT_|GOMAXPROCS|npm_)/.test(name)) delete inherited[name];
    const child = spawn(command === "node" ? process.execPath : command, args, {
      cwd: this.folder,
      env: {
        ...inherited,
        NO_COLOR: "1",
        FORCE_COLOR: undefined,
        PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 50_000,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => told((stdout += text)));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const status = await new Promise<number | string>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(code ?? signal ?? "?"));
    });
    return { status, stdout, stderr: stderr.replace(/^npm warn .*\n/gm, ""), took: performance.now() - start };
  }

  /** `npx gort …`, as a user types it. */
  npxGort(...args: string[]): Promise<Outcome> {
    return this.type("npx", ["--no-install", "gort", ...args]);
  }

  /** The same without npx's half a second. */
  gort(...args: string[]): Promise<Outcome> {
    return this.type("node", [join(this.folder, "node_modules/.bin/gort"), ...args]);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
