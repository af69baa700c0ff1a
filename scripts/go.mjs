/**
 * Go's own tools, which our profiles and traces must open in. Where there is no `go`, it is installed if that can be done without
 * asking anybody; else the tests that need it are skipped, and counted as such.
 */
import { spawnSync } from "node:child_process";

/** "go version go1.19.8 linux/amd64"; "" if there is none. */
export function goVersion() {
  const said = spawnSync("go", ["version"], { encoding: "utf8" });
  return said.status === 0 ? said.stdout.trim() : "";
}

/** Installs Debian's golang-go where apt is and may be used. @returns {string} What there is then. */
export function ensureGo() {
  const found = goVersion();
  if (found !== "" || process.platform !== "linux") return found;
  const isRoot = process.getuid?.() === 0;
  const apt = (/** @type {string[]} */ ...args) => {
    const command = isRoot ? ["apt-get", ...args] : ["sudo", "-n", "apt-get", ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    return spawnSync(command[0] ?? "", command.slice(1), { env, stdio: "ignore", timeout: 300_000 }).status === 0;
  };
  const install = ["install", "-y", "--no-install-recommends", "golang-go"];
  if (!apt(...install)) {
    apt("update");
    apt(...install);
  }
  return goVersion();
}
