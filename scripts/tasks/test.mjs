/**
 * `npm test`: every check there is. Each gate counts as one test beside vitest's own, and the last line sums them up:
 * "N passed, N failed, N skipped". GORT_TEST_ONLY=types,lint,… runs some of the gates.
 */
import { checkApi } from "../api.mjs";
import { build } from "../build.mjs";
import { ensureGo } from "../go.mjs";
import { hasChromium } from "../chromium.mjs";
import { checkLock } from "../lock.mjs";
import { checkPackages } from "../package-checks.mjs";
import { run } from "../run.mjs";
import { unitTests } from "../unit-tests.mjs";

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

/**
 * @param {string} name
 * @param {() => { ok: boolean, output: string }} check
 */
function gate(name, check) {
  const start = performance.now();
  let result;
  try {
    result = check();
  } catch (error) {
    result = { ok: false, output: `${error instanceof Error ? error.stack : String(error)}\n` };
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${result.ok ? "ok    " : "FAILED"} ${name} (${seconds} s)\n`);
  if (!result.ok) process.stdout.write(`${result.output.replace(/^/gm, "       ").trimEnd()}\n`);
  if (result.ok) total.passed++;
  else {
    total.failed++;
    failures.push(name);
  }
  return result.ok;
}

/** @param {string} problem */
const verdict = (problem) => ({ ok: problem === "", output: problem });

const only = process.env["GORT_TEST_ONLY"]?.split(",");
/** @param {string} name */
const wanted = (name) => only === undefined || only.includes(name);

if (wanted("lock")) gate("lock file: complete, no addresses of registries", () => verdict(checkLock()));
if (wanted("types")) gate("types", () => run("tsc", ["-p", "tsconfig.json"]));
if (wanted("types"))
  gate("types of what is published, declared in full", () => run("tsc", ["-p", "tsconfig.src.json"]));
if (wanted("types")) gate("types of the live page", () => run("tsc", ["-p", "packages/devtools/src/live/page"]));
if (wanted("lint")) gate("lint", () => run("oxlint", ["--deny-warnings"]));
if (wanted("format")) gate("format (npm run format)", () => run("oxfmt", ["--check", "."]));
if (wanted("files")) {
  gate("no file without a use (knip)", () =>
    run("knip", ["--include", "files,unlisted,unresolved", "--no-config-hints"]),
  );
}
const built = gate("build", () => build());
if (built && wanted("api")) gate("public API as recorded in api/", () => verdict(checkApi()));
if (built && wanted("packages")) for (const [name, check] of checkPackages()) gate(name, () => verdict(check()));
if (wanted("unit")) {
  if (ensureGo() === "")
    process.stdout.write("There is no Go here: the tests of profiles and traces with its tools are skipped.\n");
  if (!hasChromium())
    process.stdout.write("There is no Chromium here: the tests of the live page in a browser are skipped.\n");
  const units = unitTests(process.argv.slice(2));
  total.passed += units.passed;
  total.failed += units.failed;
  total.skipped += units.skipped;
  if (units.failed > 0) failures.push("tests");
}

if (failures.length > 0) process.stdout.write(`\nFailed: ${failures.join("; ")}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
