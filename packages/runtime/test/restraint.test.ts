/** A thread that has begun more than others leaves the next parallel goroutine to them, and never for long. The other thread is its words alone. */
import { beforeEach, expect, test } from "vitest";
import { host, type HostTimer } from "../src/internal/host.ts";
import type { G } from "../src/scheduler/g.ts";
import { S } from "../src/scheduler/p.ts";
import { G_NMS, M_AWAY, M_BASE, M_BEGUN, M_SIZE, M_STATE, UP } from "../src/shared/layout.ts";
import { Machine } from "../src/shared/machine.ts";
import { open, record, X } from "../src/shared/region.ts";

open(2);
const { I, p } = X;
const other = (M_BASE + M_SIZE) >> 2;
const timers: (() => void)[] = [];
host.delay = (f): HostTimer => {
  timers.push(f);
  return {} as HostTimer;
};
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
    return {} as G;
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
}

beforeEach(() => {
  while (p.take(0) !== 0);
  timers.length = 0;
  I[G_NMS >> 2] = 2;
  I[other + (M_STATE >> 2)] = UP;
  I[other + (M_AWAY >> 2)] = 0;
  I[other + (M_BEGUN >> 2)] = I[X.at + (M_BEGUN >> 2)] = 0;
  S.now += 1000;
  machine = new Machine(loop);
  machine.find();
});

test("one thread alone begins all", () => {
  I[other + (M_STATE >> 2)] = 0;
  spawn(24);
  expect(begins()).toBe(24);
  I[other + (M_STATE >> 2)] = UP;
  I[other + (M_AWAY >> 2)] = 1;
  spawn(24);
  expect(begins()).toBe(24);
});

test("what would run next is begun, the others as others begin theirs", () => {
  spawn(24);
  expect(begins()).toBe(1);
  expect(machine.hasWork()).toBe(true);
  I[other + (M_BEGUN >> 2)] = 1;
  expect(begins()).toBe(2);
  I[other + (M_BEGUN >> 2)] = 8;
  expect(begins()).toBe(10);
});

test("it sleeps after some turns, and goes on when nobody came: four times as far, and all the way soon", () => {
  spawn(100);
  expect(begins()).toBe(1);
  expect(timers).toHaveLength(0);
  turns();
  expect(timers).toHaveLength(1);
  // It may sleep, although there is work.
  expect(machine.hasWork()).toBe(false);
  timers.pop()!();
  expect(begins()).toBe(3);
  turns();
  timers.pop()!();
  expect(begins()).toBe(12);
  turns();
  timers.pop()!();
  expect(begins()).toBe(48);
  turns();
  timers.pop()!();
  expect(begins()).toBe(36);
});

test("a timer that was set before somebody came says nothing", () => {
  spawn(24);
  begins();
  turns();
  I[other + (M_BEGUN >> 2)] = 1;
  expect(begins()).toBe(2);
  timers.pop()!();
  expect(begins()).toBe(0);
});

test("where nobody came it does not wait again at once, and later it does", () => {
  spawn(8);
  begins();
  turns();
  timers.pop()!();
  begins();
  turns();
  timers.pop()!();
  expect(begins()).toBe(4);
  I[X.at + (M_BEGUN >> 2)] = 2;
  S.now += 10;
  spawn(5);
  expect(begins()).toBe(5);
  S.now += 100;
  machine.find();
  spawn(5);
  expect(begins()).toBe(1);
});
