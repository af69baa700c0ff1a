/**
 * `npm run test262 -- DIR [words…]`: ECMAScript's conformance tests (a checkout of tc39/test262, which is not part of this
 * project), each three ways: as it is, compiled, compiled with a suspension forced at every safepoint. Scripts run as the
 * body of a function inside a goroutine, modules as modules. What Node itself fails that way does not count.
 *
 * Words choose tests by a part of their path; without any, the statements and expressions: ten minutes on two cores, and as long
 * again for the rest of the language and the built-ins that have compiled versions. What fails is run once more when the
 * others are through, in a process of its own: what passes then is named, and no failure. What docs/differences.md tells of is counted apart.
 *
 * TEST262_OUT writes the failures to a file, TEST262_EVERY=n takes each n-th test, TEST262_SEED=n of those in another order,
 * TEST262_MODE=sloppy or strict one of the two runs of tests that have two; TEST262_JOBS is the number of processes.
 * TEST262_NATIVES=1 tests the compiled versions of native functions instead of the compiler: `built-ins/Array/prototype/map/`.
 * TEST262_TOP=1 runs scripts at the top of a file, sloppy ones of a CommonJS file, strict ones of a module, where no goroutine runs.
 * TEST262_ENTRIES=1 forces suspensions also in what promises and timers call, and in async functions: what counts
 * microtasks fails then, and what the engine calls from one without a promise of its own to wait for: thenables and traps.
 */
import { fork } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "../build.mjs";
import { after } from "../test262/after.mjs";
import { frontmatter } from "../test262/frontmatter.mjs";
import { knownDifference } from "../test262/known.mjs";

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

/** How a test can end. `known`: it fails, as docs/differences.md tells. */
const none = { passed: 0, failed: 0, known: 0, refused: 0, skipped: 0 };
const total = { ...none };
let forcings = 0;
/** The same by folder (`built-ins/Array`) and mode. @type {Map<string, typeof none>} */
const folders = new Map();
/** @type {string[]} */
const failures = [];
const out = process.env["TEST262_OUT"];
if (out !== undefined) writeFileSync(out, "");
/** @param {string} text */
function fail(text) {
  failures.push(text);
  if (out !== undefined) appendFileSync(out, `${text}\n`);
}
/** What failed once and not again, alone: a slow machine, or a race. @type {string[]} */
const unsteady = [];
/** Files to be run once more, when all others are through. @type {Set<string>} */
const again = new Set();
/** @type {Map<string, number>} */
const refusals = new Map();
let next = 0;

/** @param {string} file @param {boolean} strict @param {keyof typeof none} how */
function tally(file, strict, how) {
  const { flags } = frontmatter(readFileSync(join(folder, "test", file), "utf8"));
  const mode = flags.has("module") ? "module" : strict ? "strict" : "sloppy";
  const key = `${file.split("/").slice(0, 2).join("/")} ${mode}`;
  const of = folders.get(key) ?? { ...none };
  folders.set(key, of);
  of[how]++;
  total[how]++;
}

/** @param {typeof none} of */
const show = (of) =>
  `${of.passed} passed, ${of.failed} failed, ${of.known} differ as documented, ${of.refused} refused, ${of.skipped} that Node fails`;

/** Whether something went wrong that another run may not show. @param {any[]} results */
const wentWrong = (results) =>
  results.some(
    ({ plain, compiled, forced }) => plain.kind === "passed" && [compiled, forced].some(({ kind }) => kind === "threw"),
  );

let taken = 0;
/** @param {any} message */
function take({ file, results }) {
  if (++taken % 1000 === 0) process.stderr.write(`${taken} of ${files.length} files, ${failures.length} failures\n`);
  if (wentWrong(results)) {
    if (!again.has(file)) {
      again.add(file);
      files.push(file);
      return;
    }
  } else if (again.has(file)) unsteady.push(file);
  for (const { strict, plain, compiled, forced } of /** @type {any[]} */ (results)) {
    if (plain.kind !== "passed") {
      tally(file, strict, "skipped");
      continue;
    }
    const where = `${file}${strict ? " (strict)" : ""}`;
    if (compiled.kind === "refused") {
      tally(file, strict, "refused");
      refusals.set(compiled.text, (refusals.get(compiled.text) ?? 0) + 1);
      fail(`REFUSED ${where}\n    ${compiled.text}`);
      continue;
    }
    const bad = Object.entries({ compiled, forced }).filter(([, outcome]) => outcome.kind !== "passed");
    if (bad.length === 0) {
      tally(file, strict, "passed");
      forcings += Number(forced.text);
    } else {
      const heading = knownDifference(file);
      tally(file, strict, heading === undefined ? "failed" : "known");
      fail(
        `${heading === undefined ? "FAILED" : `KNOWN (${heading})`} ${where}${bad.map(([way, { text }]) => `\n    ${way}: ${text}`).join("")}`,
      );
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
    let stop = () => {};
    let done = 0;
    const send = () => {
      stop();
      // A new process now and then: realms are not given back. What is run once more has one of its own.
      current = done === 0 || (done < 300 && !again.has(files[next] ?? "")) ? files[next++] : undefined;
      done++;
      if (current === undefined) {
        child.disconnect();
        return;
      }
      stop = after(30_000, () => child.kill("SIGKILL"));
      child.send(current);
    };
    child.on("message", (/** @type {any} */ message) => {
      if (message.ready !== true) take(message);
      send();
    });
    child.on("exit", () => {
      stop();
      if (current === undefined) {
        // It has had its share.
      } else if (!again.has(current)) {
        again.add(current);
        files.push(current);
      } else {
        tally(current, false, "failed");
        fail(`FAILED ${current}\n    the process hung or died`);
      }
      resolve(next < files.length ? worker() : undefined);
    });
  });
}

function report() {
  if (out !== undefined) writeFileSync(out, `${failures.sort().join("\n")}\n`);
  else process.stdout.write(`${failures.sort().slice(0, 200).join("\n")}\n`);
  for (const [why, n] of [...refusals].sort((a, b) => b[1] - a[1]))
    process.stdout.write(`refused ${n} times: ${why}\n`);
  for (const file of unsteady) process.stdout.write(`failed once, and not again: ${file}\n`);
  for (const [name, of] of [...folders].sort(([a], [b]) => (a < b ? -1 : 1)))
    process.stdout.write(`${name}: ${show(of)}\n`);
  process.stdout.write(`${show(total)}; ${forcings} suspensions forced\n`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

// What is known so far.
process.once("SIGINT", () => {
  report();
  process.exit();
});
await Promise.all(Array.from({ length: Number(process.env["TEST262_JOBS"] ?? 2) }, worker));
report();
