/** A thread that has begun more than others leaves the next parallel goroutine to them, and never for long. The other thread is its words alone. */
import { beforeEach, expect, test } from "vitest";
import { host, type HostTimer } from "../src/internal/host.ts";
import type { G } from "../src/scheduler/g.ts";
import { S } from "../src/scheduler/p.ts";
import { JOIN } from "../src/scheduler/reason.ts";
import { REASON_SHIFT } from "../src/scheduler/status.ts";
import { G_NMS, M_AWAY, M_BASE, M_BEGUN, M_LOADS, M_SIZE, M_STATE, UP } from "../src/shared/layout.ts";
import { Machine } from "../src/shared/machine.ts";
import { open, record, X } from "../src/shared/region.ts";

open(2);
const { I, p } = X;
const other = (M_BASE + M_SIZE) >> 2;
const timers: Set<() => void> = new Set();
host.delay = (f): HostTimer => {
  timers.add(f);
  return f as unknown as HostTimer;
};
host.clearTimer = (f): void => void timers.delete(f as unknown as () => void);
host.immediate = (): void => {};

const begun: number[] = [];
const loop = {
  again: (): void => {},
  enter: (): void => {},
  hasWork: (): boolean => false,
  next: (): G | null => null,
  begin(r: number): G {
    begun.push(r);
    I[X.at + (M_BEGUN >> 2)]!++;
    S.count++;
    const g = { ext: { parallel: true }, status: 0, anext: S.allFirst } as unknown as G;
    S.allFirst = g;
    return g;
  },
  startThread: (): void => {},
  orphans: (): void => {},
};
let machine = new Machine(loop);

/** Queues `n`, the last of which would run next. */
function spawn(n: number): void {
  for (let i = 0; i < n; i++) p.putNext(0, record());
}

/** Begins what it would before it leaves the next one to others, or has none: how many. */
function begins(): number {
  const before = begun.length;
  while (machine.find() !== null);
  return begun.length - before;
}

/** The thread turns its event loop until it sleeps. */
function turns(): void {
  for (let i = 0; i < 100; i++) expect(machine.find()).toBe(null);
  // It may, although there is work.
  expect(machine.hasWork()).toBe(false);
}

/** 3 ms are over: the timer rings three times, and the thread looks each time. */
function ring(): void {
  for (let i = 0; i < 3; i++) {
    const [timer] = timers;
    expect(timers.size).toBe(1);
    timers.clear();
    timer!();
    if (i < 2) expect(machine.find()).toBe(null);
  }
}

beforeEach(() => {
  while (p.take(0) !== 0);
  timers.clear();
  S.allFirst = null;
  S.count = 0;
  I[G_NMS >> 2] = 2;
  I[other + (M_STATE >> 2)] = UP;
  for (const word of [M_AWAY, M_LOADS, M_BEGUN]) I[other + (word >> 2)] = 0;
  I[X.at + (M_BEGUN >> 2)] = 0;
  S.now += 1000;
  machine = new Machine(loop);
  machine.find();
});

test("who has nobody to leave it to begins all", () => {
  I[other + (M_STATE >> 2)] = 0;
  spawn(24);
  expect(begins()).toBe(24);
  I[other + (M_STATE >> 2)] = UP;
  for (const word of [M_AWAY, M_LOADS]) {
    I[other + (word >> 2)] = 1;
    spawn(24);
    expect(begins()).toBe(24);
    I[other + (word >> 2)] = 0;
  }
});

test("what would run next is begun, the others as others begin theirs", () => {
  spawn(24);
  expect(begins()).toBe(1);
  expect(machine.hasWork()).toBe(true);
  I[other + (M_BEGUN >> 2)] = 1;
  expect(begins()).toBe(2);
  I[other + (M_BEGUN >> 2)] = 8;
  expect(begins()).toBe(10);
  I[other + (M_BEGUN >> 2)] = 24;
  expect(begins()).toBe(11);
  expect(timers.size).toBe(0);
});

test("it sleeps after some turns, and goes on when they did not come: four times as far, and all the way soon", () => {
  spawn(100);
  expect(begins()).toBe(1);
  for (const next of [3, 12, 48, 36]) {
    turns();
    ring();
    expect(begins()).toBe(next);
  }
});

test("however others come and go, it waits no longer", () => {
  spawn(24);
  expect(begins()).toBe(1);
  for (let i = 0; i < 1000; i++) {
    I[other + (M_BEGUN >> 2)] = i & 1;
    begins();
  }
  I[X.at + (M_BEGUN >> 2)] = 9;
  begins();
  ring();
  expect(begins()).toBeGreaterThan(0);
});

test("who waits for other goroutines does not count", () => {
  spawn(1);
  expect(begins()).toBe(1);
  const r = record();
  p.queueChain(r, r, 1);
  expect(begins()).toBe(0);
  ring();
  S.now += 1000;
  machine = new Machine(loop);
  S.allFirst!.status = JOIN << REASON_SHIFT;
  expect(begins()).toBe(1);
});

test("nobody is waited for beside hundreds", () => {
  S.count = 300;
  spawn(24);
  expect(begins()).toBe(24);
});

test("where they did not come it does not wait again at once, and later it does", () => {
  spawn(8);
  begins();
  turns();
  ring();
  begins();
  turns();
  ring();
  expect(begins()).toBe(4);
  I[X.at + (M_BEGUN >> 2)] = 2;
  S.now += 10;
  spawn(5);
  expect(begins()).toBe(5);
  S.now += 100;
  spawn(5);
  expect(begins()).toBe(1);
});
