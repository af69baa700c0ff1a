/** What a bubble leaves behind: nothing. And strategies by themselves. What programs see of both is in conformance/. */
import { expect, test, vi } from "vitest";
import { seq } from "./frames.ts";
import { chan, go, gosched, numGoroutine, run, select, sleep, timeout, wait } from "../src/index.ts";
import { host, random } from "../src/internal/host.ts";
import { R } from "../src/internal/state.ts";
import { S } from "../src/scheduler/p.ts";
import { timers } from "../src/time/heap.ts";
import { bubble, explore, ScheduleError } from "../src/testing/index.ts";
import { seeded, strategyOf } from "../src/testing/strategy.ts";
import type { G } from "../src/scheduler/g.ts";

/** Everything that a turn puts another in place of. */
const world = (): unknown[] => [
  Date,
  performance.now,
  Math.random,
  host.now,
  R.sliceOver,
  S.bubble,
  S.watched,
  S.ready,
  S.crowded,
  random.state,
];

const WATCHED = 6;
const READY = 7;

test("what a bubble has replaced is back, whether it ended, failed, or waits for something outside", async () => {
  const before = world();
  await run(() => bubble(() => sleep(5)));
  expect(world()).toEqual(before);
  await expect(run(() => bubble(() => chan().recv()))).rejects.toThrow("all goroutines in bubble are blocked");
  expect(world()).toEqual(before);
  await expect(run(() => explore(() => chan().recv(), { seeds: 3 }))).rejects.toThrow(ScheduleError);
  expect(world()).toEqual(before);
  let resolve!: (v: number) => void;
  const outside = new Promise<number>((r) => (resolve = r));
  const waiting = run(() => bubble(() => wait(outside)));
  for (let i = 0; i < 100 && S.watched === 0; i++) await new Promise(setImmediate);
  // Every wake-up is watched now, and nothing else is different.
  const same = before.map((v, i) => i === WATCHED || i === READY || v === world()[i]);
  expect([same.every(Boolean), S.watched, S.ready === before[READY]]).toEqual([true, 1, false]);
  resolve(7);
  await expect(waiting).resolves.toBe(7);
  expect(world()).toEqual(before);
});

test("a bubble that fails takes its goroutines and timers with it", async () => {
  const [count, size] = [numGoroutine(), timers.size];
  const late: unknown[] = [];
  const ch = chan<number>();
  const failing = run(() =>
    bubble(
      seq(
        () => void go(() => ch.recv()),
        () => void go(() => select({ ch, late: timeout(50) })),
        () =>
          void go(
            seq(
              () => sleep(10),
              () => late.push("ran"),
            ),
          ),
        () => gosched(),
        () => gosched(),
        () => {
          throw new Error("fails");
        },
      ),
    ),
  );
  await expect(failing).rejects.toThrow("fails");
  expect([numGoroutine(), timers.size, ch.recvq.first, late]).toEqual([count, size, null, []]);
});

test("goroutines outside go on as before, in their order, while a bubble waits", async () => {
  const log: unknown[] = [];
  const pause = Promise.withResolvers<void>();
  const inside = run(() =>
    bubble(
      seq(
        () => wait(pause.promise),
        () => sleep(1000),
        () => log.push("inside", Date.now()),
      ),
    ),
  );
  await run(
    seq(
      () => sleep(2),
      () => log.push("outside"),
      () => sleep(2),
      () => log.push("outside again"),
    ),
  );
  pause.resolve();
  await inside;
  expect(log).toEqual(["outside", "outside again", "inside", Date.UTC(2000, 0, 1) + 1000]);
});

test("a test's own clock is left alone", async () => {
  vi.useFakeTimers({ now: 5000, toFake: ["Date", "performance"] });
  try {
    const seen = await run(() =>
      bubble(
        seq(
          () => sleep(10),
          () => [Date.now(), performance.now()],
        ),
      ),
    );
    expect(seen).toEqual([Date.UTC(2000, 0, 1) + 10, 10]);
    expect(Date.now()).toBe(5000);
  } finally {
    vi.useRealTimers();
  }
});

const gs = (n: number): G[] => Array.from({ length: n }, (_, id) => ({ id }) as G);

test("a strategy is its seed's", () => {
  for (const name of ["random", "pct"] as const) {
    const ready = gs(5);
    const choices = (seed: number): string => {
      const s = strategyOf(name, seeded(seed), 3);
      const made = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? s.pick(ready) : s.preempts(ready[0]!, ready)));
      return String(made);
    };
    expect(choices(3)).toBe(choices(3));
    expect(new Set(Array.from({ length: 50 }, (_, i) => choices(i))).size).toBeGreaterThan(20);
  }
});

test("random: each of those who are ready has the same chance", () => {
  const counts = [0, 0, 0];
  const ready = gs(3);
  for (let seed = 0; seed < 3000; seed++) counts[strategyOf("random", seeded(seed), 0).pick(ready)]!++;
  for (const n of counts) expect(Math.abs(n - 1000)).toBeLessThan(150);
});

test("pct: the order is that of the priorities, until one falls behind", () => {
  const ready = gs(4);
  const s = strategyOf("pct", seeded(1), 0);
  const first = s.pick(ready);
  for (let i = 0; i < 5; i++) expect(s.pick(ready)).toBe(first);
  expect(s.preempts(ready[first]!, ready.toSpliced(first, 1))).toBe(false);
  expect(s.preempts(ready[(first + 1) % 4]!, ready)).toBe(true);
  s.yielded(ready[first]!);
  expect(s.pick(ready)).not.toBe(first);
  // The moments lie somewhere in the run.
  const changed = Array.from({ length: 200 }, (_, seed) => {
    const t = strategyOf("pct", seeded(seed), 1);
    const picks = new Set(Array.from({ length: 100 }, () => t.pick(ready)));
    return picks.size > 1;
  });
  expect(changed.filter(Boolean).length).toBeGreaterThan(50);
  expect(changed.filter(Boolean).length).toBeLessThan(200);
});
