import { expect, test, vi } from "vitest";
import { chan, gosched, run, sleep } from "../src/index.ts";
import { goTest } from "../src/testing/index.ts";
import { seq, settle } from "./frames.ts";

const seen: unknown[] = [];

test(
  "a body that blocks",
  goTest(
    seq(
      () => sleep(1),
      () => gosched(),
      () => expect(seen.push("blocked and went on")).toBe(1),
    ),
  ),
);

test("the test waited for it", () => {
  expect(seen).toEqual(["blocked and went on"]);
});

test.fails(
  "a body that throws after it blocked",
  goTest(
    seq(
      () => sleep(1),
      () => expect("from a goroutine").toBe("something else"),
    ),
  ),
);

test("what a runner reads of a body: its name, and the fixtures in its text", () => {
  const body = goTest(function named({ page }: { page: string }): string {
    return page;
  });
  expect(body.name).toBe("named");
  expect(String(body)).toContain("{ page }");
});

/** What runners give a test, as far as it matters here. */
interface Given {
  signal: AbortSignal;
}

test("a runner that gives the test up is told what its goroutines wait for; one that ends it is not", async () => {
  const error = vi.spyOn(console, "error").mockReturnValue();
  try {
    const stuck = new AbortController();
    const ch = chan<number>();
    const never = goTest<[Given], unknown>(() => ch.recv())({ signal: stuck.signal });
    await run(settle);
    stuck.abort(new Error("Test timed out in 50ms.\nIf this is a long-running test, …"));
    expect(error).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(
        /^gort: the test was given up \(Test timed out in 50ms\.\) [^]*goroutine \d+ \[chan receive\]:/,
      ),
    );
    ch.trySend(1);
    ch.close();
    await never;
    const done = new AbortController();
    await goTest<[Given], number>(() => 1)({ signal: done.signal });
    done.abort();
    expect(error).toHaveBeenCalledOnce();
  } finally {
    error.mockRestore();
  }
});
