/** A leak check for a whole run of tests, hung into the runner by one of its own hooks. */
import { argument } from "../errors/catalogue.ts";
import { findLeaksAsync } from "./leaks.ts";
import { Check, type VerifyTestMainOptions } from "./options.ts";
import { idsNow } from "./stacks.ts";

/** `afterAll` or `afterEach` of vitest, `after` or `afterEach` of node:test, or the like. */
export type Hook = (f: (...context: unknown[]) => Promise<void>) => unknown;

/**
 * Fails the run if goroutines are left when `hook` calls: after all tests of a file, or after each. In a file that the runner
 * loads before the tests:
 *
 *     import { afterAll } from "vitest";            // or: import { after } from "node:test";
 *     import { verifyTestMain } from "gort/testing";
 *     verifyTestMain(afterAll);                     // afterEach says which test it was
 *
 * When a test has failed already it does not look, unless `runOnFailure`. Behind each test a goroutine is told of once: those that it has told of, and
 * those that a failed test has left, are no leaks of the tests that follow. Go: goleak.VerifyTestMain.
 * @throws TypeError GORT_ARGUMENT, RangeError GORT_RANGE if an option is wrong. The hook rejects with an Error "goleak: Errors on successful test run: …"
 */
export function verifyTestMain(hook: Hook, options: VerifyTestMainOptions = {}): void {
  if (typeof hook !== "function") throw argument("verifyTestMain: give it a hook of the test runner, such as afterAll");
  new Check("verifyTestMain", options, ["cleanup", "runOnFailure"]);
  const { cleanup, runOnFailure = false, ...rest } = options;
  /** Those of earlier tests. */
  const ids = new Set(rest.ignoreCurrent?.ids);
  // No parameter is declared: vitest reads from the text what a hook wants to be given.
  hook(async function verifyNoGoroutines() {
    // oxlint-disable-next-line eslint/prefer-rest-params
    const failed = [...arguments].some(hasFailed);
    const isAsked = !failed || runOnFailure;
    const error = isAsked ? await findLeaksAsync({ ...rest, ignoreCurrent: { ids } }) : undefined;
    for (const id of isAsked ? (error?.goroutines.map((g) => g.id) ?? []) : idsNow()) ids.add(id);
    cleanup?.(failed || error !== undefined ? 1 : 0);
    if (error === undefined) return;
    const run = failed ? "unsuccessful" : "successful";
    throw new Error(`goleak: Errors on ${run} test run: ${error.message}`, { cause: error });
  });
}

/** Whether a test has failed, by one of the things the runner gives its hooks. `after` of node:test does not tell: then none has. */
function hasFailed(context: unknown): boolean {
  // vitest's context of a test is a function.
  if (context === null || (typeof context !== "object" && typeof context !== "function")) return false;
  const c = context as { task?: unknown; result?: { state?: string }; tasks?: unknown[]; error?: unknown };
  if (c.task !== undefined) return hasFailed(c.task); // vitest's afterEach
  if (c.result?.state === "fail") return true; // vitest: a test, or a suite
  if (Array.isArray(c.tasks)) return c.tasks.some(hasFailed); // vitest's afterAll
  return c.error !== undefined && c.error !== null; // node:test: the error of the test
}
