import { wants } from "../errors/catalogue.ts";
import { stack } from "../scheduler/dump.ts";
import { run } from "../scheduler/go.ts";

/**
 * Makes `f` a test body that may block: the test is a goroutine of its own, and has passed when `f` has returned. For vitest,
 * node:test and every other runner that waits for a promise. The test file must be compiled. There is no `done`: the body returns when
 * it has ended. Go: func TestName(t *testing.T).
 *
 *     test("sums", goTest(() => { expect(results.recv()).toBe(3); }));
 *
 * When the runner gives the test up (vitest and node:test: its time is over), what all goroutines wait for goes to standard error.
 *
 * @throws TypeError GORT_ARGUMENT if `f` is no function
 * @throws GortError GORT_NOT_COMPILED, as a rejection, if no compiled module has been loaded
 */
export function goTest<A extends unknown[], T>(f: (...args: A) => T): (...args: A) => Promise<Awaited<T>> {
  if (typeof f !== "function") throw wants("goTest", "a function", f);
  const body = (...args: A): Promise<Awaited<T>> => {
    const result = run(f, ...args);
    const signal = (args[0] as { signal?: unknown } | null | undefined)?.signal;
    if (signal instanceof AbortSignal) tellAborted(signal, result);
    return result;
  };
  // Runners read from the text which fixtures a test asks for.
  Object.defineProperty(body, "toString", { value: () => Function.prototype.toString.call(f), configurable: true });
  Object.defineProperty(body, "name", { value: f.name, configurable: true });
  return body;
}

/** The runner's `signal` says when it stops waiting. It may be aborted behind every test, too: then nothing is said. */
function tellAborted(signal: AbortSignal, result: Promise<unknown>): void {
  const tell = (): void => {
    const reason: unknown = signal.reason;
    console.error(
      `gort: the test was given up (${reason instanceof Error ? reason.message.split("\n")[0] : String(reason)}) while its goroutines waited:\n\n${stack(true)}`,
    );
  };
  const forget = (): void => signal.removeEventListener("abort", tell);
  signal.addEventListener("abort", tell, { once: true });
  result.then(forget, forget);
}
