/** Runs one of the workspace's tools (node_modules/.bin) and keeps what it prints. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./packages.mjs";

/**
 * @param {string} tool "node", "npm", a tool in node_modules/.bin, or (`system`) one on the PATH
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, show?: boolean, system?: boolean }} [options]
 * @returns {{ ok: boolean, status: number | null, stdout: string, output: string }}
 */
export function run(tool, args, options = {}) {
  const windows = process.platform === "win32";
  const file =
    tool === "node"
      ? process.execPath
      : tool === "npm" || options.system
        ? tool
        : join(root, "node_modules", ".bin", tool + (windows ? ".cmd" : ""));
  const done = spawnSync(file, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", options.show ? "inherit" : "pipe", options.show ? "inherit" : "pipe"],
    encoding: "utf8",
    maxBuffer: 1 << 28,
    shell: windows && tool !== "node",
  });
  const failure = done.error === undefined ? "" : `${done.error.message}\n`;
  return {
    ok: done.status === 0,
    status: done.status,
    stdout: done.stdout ?? "",
    output: `${done.stdout ?? ""}${done.stderr ?? ""}${failure}`,
  };
}
