/**
 * `npm run bench [-- case…]`: builds, then measures on dist, beside the Go twins where Go is installed.
 * `npm run bench -- price`: what compiling costs. `npm run bench -- peers`: other JavaScript beside ours.
 * `npm run bench -- hog`: a server some of whose requests compute.
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
const [first, ...rest] = process.argv.slice(2);
const own = ["price", "peers", "hog"].includes(first ?? "");
const main = join(root, "bench", own ? `${first}.ts` : "run.ts");
const args = own ? rest : process.argv.slice(2);
const done = spawnSync(process.execPath, [main, ...args], { stdio: "inherit", cwd: root });
process.exit(done.status ?? 1);
