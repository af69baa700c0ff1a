/**
 * The first step of every command: installs what is missing, then runs scripts/tasks/<task>.mjs under the workspace's own
 * Node.js (npm package `node`). This file alone must run on Node.js 20, with nothing installed.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const ownNode = join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node");
const [task = "start", ...args] = process.argv.slice(2);

if (Number(process.versions.node.split(".")[0]) < 20) {
  fail(`Working in this repository needs Node.js 20 or newer; this is ${process.version}.`);
}
if (!isInstalled()) install();
if (!runsOwnNode()) repairOwnNode();
runTask();

/** @param {string} text @returns {never} */
function fail(text) {
  process.stderr.write(`gort: ${text}\n`);
  process.exit(1);
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/**
 * Whether node_modules holds what package-lock.json says. npm writes node_modules/.package-lock.json last, so an
 * interrupted install is seen; optional packages of other platforms may be missing.
 */
function isInstalled() {
  const hidden = join(modules, ".package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = readJson(join(root, "package-lock.json")).packages;
  const there = readJson(hidden).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes("node_modules/")) continue;
    const found = there[path];
    if (found === undefined ? !entry.optional && !entry.devOptional : found.version !== entry.version) return false;
    if (found !== undefined && !existsSync(join(root, path))) return false;
  }
  return true;
}

/** The environment for npm itself: without our own node on the PATH, which an install replaces. */
function npmEnvironment() {
  const env = { ...process.env };
  const key = Object.keys(env).find((k) => k.toLowerCase() === "path") ?? "PATH";
  env[key] = (env[key] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.startsWith(root + sep))
    .join(delimiter);
  return env;
}

/** @param {string[]} command @param {string} cwd */
function npm(command, cwd) {
  const cli = process.env["npm_execpath"];
  const viaNode = cli !== undefined && /npm-cli\.[cm]?js$/.test(cli);
  const options = { cwd, env: npmEnvironment(), encoding: /** @type {const} */ ("utf8"), maxBuffer: 1 << 28 };
  if (viaNode && !process.execPath.startsWith(modules + sep)) {
    return spawnSync(process.execPath, [cli, ...command], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  }
  return spawnSync("npm", command, {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
}

/**
 * Not `npm ci`: it refuses a lock file that lacks an optional package of another platform, which a registry without those
 * packages cannot record. `--no-save` takes what the lock file says as well, checks it, and leaves it as it is.
 */
function install() {
  process.stderr.write("gort: installing packages, about a minute the first time\n");
  const done = npm(["install", "--no-save", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], root);
  if (done.error !== undefined) fail(`npm could not be started: ${done.error.message}`);
  if (done.status !== 0) fail(`npm install failed:\n${done.stdout}${done.stderr}`);
}

function runsOwnNode() {
  if (!existsSync(ownNode)) return false;
  const wanted = readJson(join(root, "package.json")).devDependencies.node;
  const said = spawnSync(ownNode, ["--version"], { encoding: "utf8" });
  return said.status === 0 && said.stdout.trim() === `v${wanted}`;
}

/** Where npm is told to run no install scripts, the package `node` has not fetched its binary: does that step. */
function repairOwnNode() {
  const folder = join(modules, "node");
  const script = join(folder, "installArchSpecificPackage.js");
  if (!existsSync(script)) fail("node_modules/node is missing. Delete node_modules and try again.");
  process.stderr.write("gort: fetching the workspace's own Node.js\n");
  const done = spawnSync(process.execPath, [script], {
    cwd: folder,
    env: npmEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  if (!runsOwnNode()) fail(`The workspace's own Node.js could not be installed:\n${done.stdout}${done.stderr}`);
}

function runTask() {
  const env = { ...process.env };
  const key = Object.keys(env).find((k) => k.toLowerCase() === "path") ?? "PATH";
  env[key] = [dirname(ownNode), join(modules, ".bin"), env[key] ?? ""].join(delimiter);
  delete env["NODE_OPTIONS"];
  const child = spawn(ownNode, [join(root, "scripts", "tasks", `${task}.mjs`), ...args], {
    // npm changes to the workspace's folder; what the user names is relative to where they stand.
    cwd: task === "start" ? (process.env["INIT_CWD"] ?? process.cwd()) : root,
    env,
    stdio: "inherit",
  });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}
