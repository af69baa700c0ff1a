/** Dumps, names, labels, statistics. */
import { afterEach, expect, test } from "vitest";
import { seq, settle } from "./frames.ts";
import {
  background,
  chan,
  go,
  run,
  setName,
  sleep,
  stack,
  stats,
  withCancel,
  withLabels,
  type Chan,
} from "../src/index.ts";
import { host } from "../src/internal/host.ts";
import { parseTraceback } from "../src/scheduler/traceback.ts";
import { verifyNoneAsync } from "../src/testing/index.ts";

const realNow = host.now;
afterEach(async () => {
  host.now = realNow;
  await verifyNoneAsync();
});

test("how long a goroutine has waited is shown in whole minutes, once there is one", async () => {
  const ch: Chan<number> = chan();
  await run(seq(() => void go(seq(() => ch.recv())), settle));
  const shown = (): string => /\[.*\]/.exec(stack(true))![0];
  expect(shown()).toBe("[chan receive]");
  host.now = () => realNow() + 59_000;
  expect(shown()).toBe("[chan receive]");
  host.now = () => realNow() + 61_000;
  expect(shown()).toBe("[chan receive, 1 minutes]");
  host.now = () => realNow() + 7_380_000;
  expect(shown()).toBe("[chan receive, 123 minutes]");
  host.now = realNow;
  ch.close();
});

test("names and labels stand in the header, sorted", async () => {
  const ch: Chan<number> = chan();
  await run(
    seq(
      () =>
        void go(
          seq(
            () => setName("janitor"),
            () => withLabels({ b: "2", a: 'say "1"' }, () => ch.recv()),
          ),
        ),
      settle,
    ),
  );
  expect(stack(true)).toContain('[chan receive] {"a":"say \\"1\\"", "b":"2", "name":"janitor"}:');
  ch.close();
});

test("stats count by state and reason, queues, switches and bytes of stacks", async () => {
  const ch: Chan<number> = chan();
  const [ctx, cancel] = withCancel(background());
  const before = stats();
  const s = await run(
    seq(
      () => {
        for (let i = 0; i < 3; i++) go(seq(() => ch.recv()));
        go(seq(() => sleep(60_000, ctx)))
          .asPromise()
          .catch(() => {});
      },
      settle,
      () => void go(() => {}),
      () => void go(() => {}),
      () => stats(),
    ),
  );
  const now = s as ReturnType<typeof stats>;
  expect(now.goroutines).toBe(7);
  expect(now.states).toEqual({ running: 1, runnable: 2, waiting: 4 });
  expect(now.reasons).toEqual({ "chan receive": 3, sleep: 1 });
  expect(now.localQueues).toEqual([1]); // runnext is not counted
  expect(now.timers).toBe(1);
  expect(now.created - before.created).toBe(7);
  expect(now.stackBytes).toBeGreaterThanOrEqual(4 * 80);
  cancel();
  ch.close();
});

test("GOTRACEBACK as Go reads it", () => {
  const single = { level: 1, all: false, crash: false };
  const none = { level: 0, all: true, crash: false };
  expect(parseTraceback(undefined)).toEqual(single);
  expect(parseTraceback("")).toEqual(single);
  expect(parseTraceback("single")).toEqual(single);
  expect(parseTraceback("all")).toEqual({ level: 1, all: true, crash: false });
  expect(parseTraceback("1")).toEqual(parseTraceback("all"));
  expect(parseTraceback("system")).toEqual({ level: 2, all: true, crash: false });
  expect(parseTraceback("2")).toEqual(parseTraceback("system"));
  expect(parseTraceback("crash")).toEqual({ level: 2, all: true, crash: true });
  for (const text of ["none", "0", "ALL", "nonsense", "-1"]) expect(parseTraceback(text)).toEqual(none);
});
