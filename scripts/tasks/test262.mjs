/**
 * `npm run test262 -- DIR [words…]`: ECMAScript's conformance tests (a checkout of tc39/test262, which is not part of this
 * project), each three ways: as it is, compiled, compiled with a suspension forced at every safepoint. Scripts run as the
 * body of a function inside a goroutine, modules as modules. What Node itself fails that way does not count.
 *
 * Words choose tests by a part of their path; without any, the statements and expressions. TEST262_OUT writes the
 * failures to a file, TEST262_EVERY=n takes each n-th test, TEST262_SEED=n of those in another order, TEST262_MODE=sloppy or strict takes one of the two runs of
 * tests that have two; TEST262_JOBS is the number of processes. TEST262_NATIVES=1 tests the compiled versions of native functions instead
 * of the compiler: `built-ins/Array/prototype/map/`.
 */
import { fork } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "../build.mjs";

const [folder = "", ...words] = process.argv.slice(2);
if (folder === "") {
  process.stderr.write("usage: npm run test262 -- DIR [words…], DIR a checkout of tc39/test262\n");
  process.exit(2);
}
const built = build();
if (!built.ok) {
  process.stderr.write(built.output);
  process.exit(1);
}
const chosen = words.length > 0 ? words : ["language/statements/", "language/expressions/"];
/** Puts the tests in an order of its own, so that TEST262_EVERY takes other ones. */
const seed = Number(process.env["TEST262_SEED"] ?? 0);
let state = seed;
const dice = () => (state = (state * 48_271 + 11) % 2_147_483_647);
const files = /** @type {string[]} */ (readdirSync(join(folder, "test"), { recursive: true }))
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".js") && !file.includes("_FIXTURE") && chosen.some((word) => file.includes(word)))
  .sort()
  .map((file, i) => ({ file, rank: seed === 0 ? i : dice() }))
  .sort((a, b) => a.rank - b.rank)
  .map(({ file }) => file)
  .filter((_, i) => i % Number(process.env["TEST262_EVERY"] ?? 1) === 0);

const count = { tests: 0, skipped: 0, passed: 0, refused: 0, failed: 0, forcings: 0 };
/** @type {string[]} */
const failures = [];
/** @type {Map<string, number>} */
const refusals = new Map();
let next = 0;

/** @param {any} message */
function take({ file, results }) {
  for (const { strict, plain, compiled, forced } of /** @type {any[]} */ (results)) {
    count.tests++;
    if (plain.kind !== "passed") {
      count.skipped++;
      continue;
    }
    const where = `${file}${strict ? " (strict)" : ""}`;
    if (compiled.kind === "refused") {
      count.refused++;
      refusals.set(compiled.text, (refusals.get(compiled.text) ?? 0) + 1);
      failures.push(`REFUSED ${where}\n    ${compiled.text}`);
      continue;
    }
    const bad = Object.entries({ compiled, forced }).filter(([, outcome]) => outcome.kind !== "passed");
    if (bad.length === 0) {
      count.passed++;
      count.forcings += Number(forced.text);
    } else {
      count.failed++;
      failures.push(`FAILED ${where}${bad.map(([way, { text }]) => `\n    ${way}: ${text}`).join("")}`);
    }
  }
}

/** One process after the other: a test that hangs or crashes takes its process with it. @returns {Promise<void>} */
function worker() {
  return new Promise((resolve) => {
    /** @type {string | undefined} */
    let current;
    const child = fork(join(import.meta.dirname, "../test262/child.mjs"), [folder], {
      execArgv: ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning", "--stack-size=900"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    /** @type {NodeJS.Timeout} */
    let timer;
    let done = 0;
    const send = () => {
      clearTimeout(timer);
      // A new process now and then: realms are not given back.
      current = done++ < 300 ? files[next++] : undefined;
      if (current === undefined) {
        child.disconnect();
        return;
      }
      timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
      child.send(current);
    };
    child.on("message", (/** @type {any} */ message) => {
      if (message.ready !== true) take(message);
      send();
    });
    child.on("exit", () => {
      clearTimeout(timer);
      if (current !== undefined) {
        count.tests++;
        count.failed++;
        failures.push(`FAILED ${current}\n    the process hung or died`);
      }
      resolve(next < files.length ? worker() : undefined);
    });
  });
}

function report() {
  const out = process.env["TEST262_OUT"];
  if (out !== undefined) writeFileSync(out, `${failures.sort().join("\n")}\n`);
  else process.stdout.write(`${failures.sort().slice(0, 200).join("\n")}\n`);
  for (const [why, n] of [...refusals].sort((a, b) => b[1] - a[1]))
    process.stdout.write(`refused ${n} times: ${why}\n`);
  process.stdout.write(
    `${count.passed} passed, ${count.failed} failed, ${count.refused} refused, ${count.skipped} that Node fails; ` +
      `${count.forcings} suspensions forced\n`,
  );
  process.exitCode = count.failed > 0 ? 1 : 0;
}

// What is known so far.
process.once("SIGINT", () => {
  report();
  process.exit();
});
await Promise.all(Array.from({ length: Number(process.env["TEST262_JOBS"] ?? 2) }, worker));
report();
