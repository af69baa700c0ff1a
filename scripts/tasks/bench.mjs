/**
 * `npm run bench [-- case…]`: builds, then measures on dist, beside the Go twins where Go is installed.
 * `npm run bench -- --table`: the costs Go's goroutines are known by. `-- price`: what being compiled costs. `-- resumed`: loops
 * of a function that was suspended. `-- start`: compiling, and a program's second start. `-- peers`: other JavaScript beside ours.
 * `-- trace`: what an execution trace costs, on and off. `-- hog`: a server some of whose requests compute.
 * `-- beside`: what goroutines of one thread pay once there are others. `-- hog`: a server some of whose requests compute.
 * `-- tcp_echo http_hello tcp_spread http_spread`: servers beside plain Node's.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build } from "../build.mjs";
import { root } from "../packages.mjs";

const built = build();
if (!built.ok) {
  process.stderr.write(`${built.output}gort: the build failed\n`);
  process.exit(1);
}
const [first = "", ...rest] = process.argv.slice(2);
/** @type {Record<string, string[]>} */
const own = {
  price: [join(root, "bench/price.ts")],
  peers: [join(root, "bench/peers.ts")],
  beside: [join(root, "bench/beside.ts")],
  hog: [join(root, "bench/hog.ts")],
  trace: [join(root, "bench/trace.ts")],
  start: [join(root, "bench/start.ts")],
  resumed: ["--import", "@gort/compiler/register", join(root, "bench/resumed.ts")],
};
const server = /^(?:tcp_echo|http_hello|tcp_spread|http_spread)$/.test(first);
const main = server ? [join(root, "bench/net.ts"), first] : own[first];
const args = main === undefined ? [join(root, "bench/run.ts"), ...process.argv.slice(2)] : [...main, ...rest];
const done = spawnSync(process.execPath, args, { stdio: "inherit", cwd: root });
process.exit(done.status ?? 1);
