import { run } from "../scheduler/go.ts";

/**
 * Makes `f` a test body that may block: the test is a goroutine of its own, and has passed when `f` has returned. For vitest,
 * node:test and every other runner that waits for a promise. The test file must be compiled. There is no `done`: the body returns when
 * it has ended.
 *
 *     test("sums", goTest(() => { expect(results.recv()).toBe(3); }));
 *
 * @throws GortError GORT_NOT_COMPILED, as a rejection, if no compiled module has been loaded
 */
export function goTest<A extends unknown[], T>(f: (...args: A) => T): (...args: A) => Promise<Awaited<T>> {
  const body = (...args: A): Promise<Awaited<T>> => run(f, ...args);
  // Runners read from the text which fixtures a test asks for.
  Object.defineProperty(body, "toString", { value: () => Function.prototype.toString.call(f), configurable: true });
  Object.defineProperty(body, "name", { value: f.name, configurable: true });
  return body;
}
