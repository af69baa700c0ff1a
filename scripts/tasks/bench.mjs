/**
 * `npm run bench [-- case…]`: builds, then measures on dist, beside the Go twins where Go is installed.
 * `npm run bench -- price`: what compiling costs. `npm run bench -- hog`: a server whose requests compute.
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
const own = { price: "price.ts", hog: "hog/run.ts" };
const special = first === "price" || first === "hog";
const main = join(root, "bench", special ? own[first] : "run.ts");
const args = special ? rest : process.argv.slice(2);
const done = spawnSync(process.execPath, [main, ...args], { stdio: "inherit", cwd: root });
process.exit(done.status ?? 1);
