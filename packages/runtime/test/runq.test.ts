import { beforeEach, expect, test } from "vitest";
import { GList, Hot } from "../src/internal/hot.ts";
import { R } from "../src/internal/state.ts";
import { G } from "../src/scheduler/g.ts";
import { PlainRunQueue, RUNQ_SIZE } from "../src/scheduler/runq.ts";

const make = (id: number): G => new G(id, 0, () => {}, 2, null, 0, null, undefined);
const q = new PlainRunQueue();

beforeEach(() => {
  R.hot = new Hot();
});

test("the local queue is FIFO", () => {
  for (let i = 0; i < 3; i++) q.put(make(i));
  expect([q.get()?.id, q.get()?.id, q.get()?.id, q.get()]).toEqual([0, 1, 2, null]);
});

test("putNext kicks the old next one to the tail", () => {
  q.putNext(make(1));
  q.putNext(make(2));
  expect(q.getNext()?.id).toBe(2);
  expect(q.getNext()).toBe(null);
  expect(q.get()?.id).toBe(1);
});

test("a full queue moves its 128 oldest and the new one to the global queue", () => {
  for (let i = 0; i <= RUNQ_SIZE; i++) q.put(make(i));
  expect(q.size()).toBe(128);
  expect(q.globalSize()).toBe(129);
  expect(R.hot.global.first?.id).toBe(0);
  expect(R.hot.global.last?.id).toBe(256);
  expect(q.get()?.id).toBe(128);
});

test("a batch is one to run and 127 for the local queue", () => {
  for (let i = 0; i < 200; i++) q.putGlobal(make(i));
  expect(q.getBatch()?.id).toBe(0);
  expect(q.size()).toBe(127);
  expect(q.globalSize()).toBe(72);
  expect(q.get()?.id).toBe(1);
  expect(q.getGlobal()?.id).toBe(128);
});

test("a renewed state holds the same goroutines", () => {
  for (let i = 0; i < 3; i++) q.put(make(i));
  for (let i = 3; i < 6; i++) q.putGlobal(make(i));
  q.putNext(make(6));
  R.hot = R.hot.renewed(false);
  q.put(make(7));
  const local = Array.from({ length: 4 }, () => q.get()?.id);
  expect([q.getNext()?.id, local, q.getBatch()?.id, q.size(), q.globalSize()]).toEqual([6, [0, 1, 2, 7], 3, 2, 0]);
});

test("a new turn: nobody runs, and those who were there stand behind whom the loop has readied", () => {
  q.put(make(0));
  q.makeWay();
  q.put(make(1));
  R.hot.g = make(2);
  R.hot = R.hot.turned();
  expect([R.hot.g, q.get()?.id, q.get()?.id, q.get()]).toEqual([null, 1, 0, null]);
});

test("taken goroutines are in no list, and keep no other alive", () => {
  const list = new GList();
  const all = Array.from({ length: 3 }, (_, i) => make(i));
  for (const g of all) list.put(g);
  for (let i = 0; i < 4; i++) list.get();
  expect(all.every((g) => g.next === null)).toBe(true);
  expect([list.first, list.last, list.size]).toEqual([null, null, 0]);
});
