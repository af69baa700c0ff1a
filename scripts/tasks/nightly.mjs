/**
 * `npm run nightly`: what takes too long for every change. All tests once more on dist, then with a suspension forced at
 * every safepoint (GORT_FORCE=1), on dist too: programs that start others would wait for the compiler, else; then 10,000 random programs on dist (GORT_FUZZ), then every test of the packages in
 * packages/compiler/test/suites (GORT_SUITES), then the dump of a million goroutines (GORT_SCALE), then the conformance programs on
 * the oldest Node.js that is supported.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "../build.mjs";
import { root } from "../packages.mjs";
import { unitTests } from "../unit-tests.mjs";

const built = build({ force: true });
if (!built.ok) {
  process.stderr.write(built.output);
  process.exit(1);
}
/** The oldest Node.js that what we publish runs on, from npm; "" where it cannot be had. */
function oldestNode() {
  const folder = join(root, "node_modules/.cache/gort-workspace/node22");
  const node = join(folder, "node_modules/node/bin/node");
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), "{}");
    spawnSync("npm", ["install", "--no-audit", "--no-fund", "node@22"], { cwd: folder, stdio: "ignore", shell: false });
  }
  return existsSync(node) ? node : "";
}

/** @type {[name: string, env: Record<string, string>, only?: string[]][]} */
const rounds = [
  ["on dist", { GORT_TEST_DIST: "1" }],
  ["a suspension forced at every safepoint", { GORT_FORCE: "1", GORT_TEST_DIST: "1" }],
  ["10,000 random programs", { GORT_FUZZ: "20", GORT_TEST_DIST: "1" }, ["packages/compiler/test/fuzz"]],
  [
    "every test of other packages",
    { GORT_SUITES: "full", GORT_TEST_DIST: "1" },
    ["packages/compiler/test/suites.test.ts"],
  ],
  ["a million goroutines, looked at", { GORT_SCALE: "1000000" }, ["packages/devtools/test/scale.test.ts"]],
];
const node = oldestNode();
if (node === "") process.stdout.write("Node.js 22 could not be installed: nothing is tested on it.\n");
else
  rounds.push([
    "conformance on Node.js 22",
    { GORT_TEST_NODE: node, GORT_TEST_DIST: "1" },
    ["conformance/conformance.test.ts"],
  ]);
const total = { passed: 0, failed: 0, skipped: 0 };
for (const [name, env, only = []] of rounds) {
  process.stdout.write(`\n== ${name}\n`);
  const done = unitTests([...only, ...process.argv.slice(2)], env);
  total.passed += done.passed;
  total.failed += done.failed;
  total.skipped += done.skipped;
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
