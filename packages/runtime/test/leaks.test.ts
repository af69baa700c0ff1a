/** Leak checks: what they find, what they leave out, how long they look, what they say. */
import { afterEach, expect, test } from "vitest";
import { seq } from "./frames.ts";
import { chan, go, gosched, run, sleep, type Chan } from "../src/index.ts";
import {
  findLeaks,
  findLeaksAsync,
  ignoreCurrent,
  LeakError,
  verifyNone,
  verifyNoneAsync,
  verifyTestMain,
} from "../src/testing/index.ts";
import { R } from "../src/internal/state.ts";

const quick = { maxRetryAttempts: 3, maxSleepInterval: 1 };

afterEach(() => verifyNoneAsync());

/** Something that blocks until it is let go. */
function blocked(): Chan<number> {
  const ch = chan<number>();
  R.goAt(
    "starter\n/app.ts:9:9",
    seq(() => ch.recv()),
  );
  return ch;
}

test("nothing to find", async () => {
  expect(await findLeaksAsync()).toBe(undefined);
  await verifyNoneAsync();
  await run(() => verifyNone());
});

test("the words are goleak's", async () => {
  const [a, b] = await run(() => [blocked(), blocked()]);
  const error = (await findLeaksAsync(quick)) as LeakError;
  const [first, second] = error.goroutines.map((s) => s.id) as [number, number];
  const creation = `created by starter in goroutine ${first - 1}\n\t/app.ts:9:9`;
  expect(error.message).toBe(
    "found unexpected goroutines:\n" +
      `[Goroutine ${first} in state chan receive, with steps on top of the stack:\n` +
      `goroutine ${first} [chan receive]:\nsteps(...)\n\t/app.ts:1:1\n${creation}\n\n` +
      ` Goroutine ${second} in state chan receive, with steps on top of the stack:\n` +
      `goroutine ${second} [chan receive]:\nsteps(...)\n\t/app.ts:1:1\n${creation}\n]`,
  );
  expect(error).toMatchObject({ name: "LeakError", code: "GORT_LEAK" });
  expect(error.goroutines[0]).toMatchObject({
    state: "chan receive",
    topFunction: "steps",
    functions: ["steps"],
    createdBy: "starter",
  });
  await expect(verifyNoneAsync(quick)).rejects.toThrow(LeakError);
  a.close();
  b.close();
});

test("a goroutine that is asked does not find itself, and others find it", async () => {
  const found = await run(
    seq(
      () => findLeaks(quick),
      (e: LeakError | undefined) => e,
    ),
  );
  expect(found).toBe(undefined);
  const ch = await run(() => blocked());
  await expect(run(seq(() => verifyNone(quick)))).rejects.toThrow("in state chan receive");
  const error = (await run(seq(() => findLeaks(quick)))) as LeakError;
  expect(error.goroutines).toHaveLength(1);
  ch.close();
});

test("it looks again while goroutines end", async () => {
  const order: string[] = [];
  await run(
    seq(
      () =>
        void go(
          seq(
            () => sleep(20),
            () => void order.push("ended"),
          ),
        ),
      () => verifyNone(),
      () => void order.push("verified"),
    ),
  );
  const again = run(
    seq(
      () =>
        void go(
          seq(
            () => sleep(20),
            () => void order.push("ended"),
          ),
        ),
      () => gosched(),
    ),
  );
  await again;
  await verifyNoneAsync();
  expect(order).toEqual(["ended", "verified", "ended"]);
});

test("a goroutine that was never run, and one that is ready", async () => {
  const error = (await run(() => {
    go(function fresh() {});
    return findLeaks({ maxRetryAttempts: 0 });
  })) as LeakError;
  expect(error.goroutines[0]).toMatchObject({ state: "runnable", topFunction: "fresh" });
});

test("options leave goroutines out: by the top, by any function, by the creator", async () => {
  const ch = await run(() => blocked());
  for (const ignored of [
    { ignoreTopFunction: "steps" },
    { ignoreTopFunction: ["other", /^st/] },
    { ignoreAnyFunction: "steps" },
    { ignoreCreatedBy: "starter" },
    { ignoreCreatedBy: /start/g },
  ]) {
    expect(await findLeaksAsync({ ...quick, ...ignored })).toBe(undefined);
    await run(() => verifyNone({ ...quick, ...ignored }));
  }
  for (const not of [{ ignoreTopFunction: "step" }, { ignoreAnyFunction: "starter" }, { ignoreCreatedBy: "steps" }])
    expect(await findLeaksAsync({ ...quick, ...not })).toBeInstanceOf(LeakError);
  ch.close();
});

test("ignoreCurrent knows what was there, and not what comes later", async () => {
  const before = await run(() => blocked());
  const current = ignoreCurrent();
  await verifyNoneAsync({ ...quick, ignoreCurrent: current });
  const later = await run(() => blocked());
  const error = await findLeaksAsync({ ...quick, ignoreCurrent: current });
  expect(error?.goroutines).toHaveLength(1);
  before.close();
  later.close();
  await verifyNoneAsync();
  const again = await run(() => blocked());
  expect(await findLeaksAsync({ ...quick, ignoreCurrent: current })).toBeInstanceOf(LeakError);
  again.close();
});

test("20 retries, 1 us doubling, capped at 100 ms", async () => {
  const { Check } = await import("../src/testing/options.ts");
  const check = new Check("x", {}, []);
  const pauses = Array.from({ length: 21 }, (_, i) => check.pause(i));
  expect(pauses.slice(0, 4)).toEqual([0.001, 0.002, 0.004, 0.008]);
  expect(pauses.slice(16)).toEqual([65.536, 100, 100, 100, -1]);
});

test("cleanup runs once, whatever was found", async () => {
  const codes: number[] = [];
  const cleanup = (code: number): void => void codes.push(code);
  await verifyNoneAsync({ cleanup });
  await run(() => verifyNone({ cleanup }));
  const ch = await run(() => blocked());
  await expect(verifyNoneAsync({ ...quick, cleanup })).rejects.toThrow("found unexpected");
  await expect(run(() => verifyNone({ ...quick, cleanup }))).rejects.toThrow("found unexpected");
  ch.close();
  expect(codes).toEqual([0, 0, 0, 0]);
});

test("a cleanup that blocks is told so", async () => {
  await expect(run(() => verifyNone({ cleanup: () => sleep(1) }))).rejects.toMatchObject({ code: "GORT_NATIVE_FRAME" });
});

test("wrong options", async () => {
  const wrong: [object, string][] = [
    [{ ignoreTop: "x" }, "unknown option ignoreTop"],
    [{ ignoreTopFunction: 5 }, "the name of a function"],
    [{ ignoreAnyFunction: [null] }, "the name of a function"],
    [{ ignoreCurrent: true }, "what ignoreCurrent() returned"],
    [{ cleanup: 1 }, "cleanup is a function"],
    [{ maxRetryAttempts: -1 }, "maxRetryAttempts should be greater than 0"],
    [{ maxSleepInterval: 0 }, "maxSleepInterval should be greater than 0s"],
    [{ runOnFailure: true }, "unknown option runOnFailure"],
  ];
  for (const [options, says] of wrong) {
    await expect(verifyNoneAsync(options)).rejects.toThrow(`verifyNone: `);
    expect(() => verifyNone(options)).toThrow(says);
  }
  expect(() => findLeaks({ cleanup: () => {} } as object)).toThrow("findLeaks: unknown option cleanup");
  expect(() => verifyNone(null as never)).toThrow("verifyNone: wants an object of options, not null");
  expect(() => verifyTestMain(undefined as never)).toThrow("give it a hook");
  expect(() => verifyTestMain(() => {}, { ignoreTop: "x" } as object)).toThrow("verifyTestMain: unknown option");
});

test("verifyTestMain: goleak's words, only after success unless runOnFailure", async () => {
  let hooked: (...context: unknown[]) => Promise<void> = async () => {};
  const codes: number[] = [];
  const options = { ...quick, cleanup: (code: number): void => void codes.push(code) };
  verifyTestMain((f) => (hooked = f), options);
  await hooked();
  const ch = await run(() => blocked());
  await expect(hooked()).rejects.toThrow(
    /^goleak: Errors on successful test run: found unexpected goroutines:\n\[Goroutine/,
  );
  const failures = [
    { tasks: [{ result: { state: "pass" } }, { tasks: [{ result: { state: "fail" } }] }] },
    { task: { result: { state: "fail" } } },
    { error: new Error("failed") },
  ];
  for (const failure of failures) await hooked(failure);
  // A goroutine is told of once; vitest's context of a test is a function.
  const passed = Object.assign(() => {}, { task: { result: { state: "pass" } } });
  await hooked(passed);
  const later = await run(() => blocked());
  await hooked(Object.assign(() => {}, { task: { result: { state: "fail" } } }));
  await hooked(passed);
  const last = await run(() => blocked());
  await expect(hooked(passed)).rejects.toThrow("successful");
  verifyTestMain((f) => (hooked = f), { ...options, runOnFailure: true });
  await expect(hooked(failures[0])).rejects.toThrow(/^goleak: Errors on unsuccessful test run: found/);
  for (const one of [ch, later, last]) one.close();
  expect(codes).toEqual([0, 1, 1, 1, 1, 0, 1, 0, 1, 1]);
});
