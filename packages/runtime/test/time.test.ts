import { afterEach, expect, test, vi } from "vitest";
import { seq, settle } from "./frames.ts";
import { after, afterFunc, go, run, select, sleep, Ticker, timeout, Timer, type RecvChan } from "../src/index.ts";
import { host } from "../src/internal/host.ts";
import { timers } from "../src/time/heap.ts";

const clock = host.now;
afterEach(() => {
  host.now = clock;
});

/** Sets the clock on by some milliseconds, and stops it there. */
function stopClock(ms: number): void {
  const at = clock() + ms;
  host.now = () => at;
}

test("a timer's channel receives once; stop and reset tell whether it was active", async () => {
  const t = new Timer(3);
  await expect(run(() => t.c.recv())).resolves.toBeInstanceOf(Date);
  expect(t.stop()).toBe(false);
  expect(t.reset(60_000)).toBe(false);
  expect(t.reset(2)).toBe(true);
  await run(() => sleep(5));
  expect([t.c.len, t.c.cap]).toEqual([0, 0]);
  expect(t.stop()).toBe(true); // Go 1.23: what nobody received is discarded
  expect(t.c.tryRecv()).toBe(undefined);
});

test("no stale value after reset", async () => {
  const t = new Timer(1);
  const start = performance.now();
  stopClock(4);
  t.reset(30);
  expect(t.c.tryRecv()).toBe(undefined);
  host.now = clock;
  await run(() => t.c.recv());
  expect(performance.now() - start).toBeGreaterThan(20);
});

test("a timer nobody waits for is in no heap, and is garbage", async () => {
  const before = timers.size;
  let collected = false;
  const registry = new FinalizationRegistry(() => (collected = true));
  (() => registry.register(after(60_000), 0))();
  expect(timers.size).toBe(before);
  for (let i = 0; i < 20 && !collected; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((r) => setTimeout(r, 1));
  }
  expect(collected || (globalThis as { gc?: () => void }).gc === undefined).toBe(true);
});

test("a select that loses takes its timers with it", async () => {
  const before = timers.size;
  const r = run(() => select({ t: timeout(60_000), a: after(2), b: after(60_000) }));
  await expect(r).resolves.toMatchObject({ case: "a" });
  expect(timers.size).toBe(before);
});

test("a ticker ticks, drops what is missed, and stops", async () => {
  const start = performance.now();
  const t = new Ticker(4);
  const recv = (): unknown => (t.c as RecvChan<Date>).recv();
  await run(seq(recv, recv, recv));
  expect(performance.now() - start).toBeGreaterThan(11);
  stopClock(15);
  expect(t.c.tryRecv()).not.toBe(undefined);
  expect(t.c.tryRecv()).toBe(undefined);
  host.now = clock;
  t.stop();
  await run(() => sleep(8));
  expect(t.c.tryRecv()).toBe(undefined);
  expect(() => new Ticker(0)).toThrow("non-positive interval for NewTicker");
  expect(() => t.reset(-1)).toThrow("non-positive interval for Ticker.Reset");
});

test("afterFunc runs in its own goroutine, unless stopped", async () => {
  const log: string[] = [];
  afterFunc(
    2,
    seq(
      () => sleep(1),
      () => void log.push("ran"),
    ) as () => void,
  );
  const stopped = afterFunc(2, () => void log.push("never"));
  expect(stopped.stop()).toBe(true);
  expect(stopped.stop()).toBe(false);
  await expect.poll(() => log.length, { timeout: 10_000 }).toBe(1);
  await run(() => sleep(10));
  expect(log).toEqual(["ran"]);
});

test("goroutines sleep on where a test has put its own timers in place of the engine's, and its clock not", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const rest = (): unknown => {
      afterFunc(1000, () => {}).stop();
      return sleep(2);
    };
    await expect(run(seq(() => sleep(2), rest))).resolves.toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

test("where a test has replaced clock and timers, it moves goroutines on", async () => {
  vi.useFakeTimers();
  try {
    let woken = 0;
    const g = go(
      seq(
        () => sleep(60_000),
        () => void woken++,
      ),
    );
    await run(settle);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(woken).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    await g.asPromise();
    expect(woken).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
