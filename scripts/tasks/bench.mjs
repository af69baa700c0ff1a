/** `npm run bench [-- options]`: builds, then runs bench/index.ts on dist. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "../build.mjs";
import { root } from "../packages.mjs";

const built = build();
if (!built.ok) {
  process.stderr.write(`${built.output}gort: the build failed\n`);
  process.exit(1);
}
const go = spawnSync("go", ["version"], { encoding: "utf8" });
if (go.status !== 0) {
  process.stderr.write("gort: Go is not installed (on Debian: golang-go), so the table has our figures only\n");
}
const main = ["index.ts", "index.mjs"].map((name) => join(root, "bench", name)).find((path) => existsSync(path));
if (main === undefined) {
  process.stderr.write("gort: bench/index.ts is missing\n");
  process.exit(1);
}
const done = spawnSync(process.execPath, [main, ...process.argv.slice(2)], { stdio: "inherit", cwd: root });
process.exit(done.status ?? 1);
