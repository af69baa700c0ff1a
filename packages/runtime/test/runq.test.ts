import { expect, test } from "vitest";
import { G } from "../src/scheduler/g.ts";
import { GlobalQueue, PlainRunQueue, RUNQ_SIZE } from "../src/scheduler/runq.ts";

const make = (id: number): G => new G(id, 0, () => {}, 2, null, 0, null, undefined);

test("the local queue is FIFO", () => {
  const q = new PlainRunQueue(new GlobalQueue());
  for (let i = 0; i < 3; i++) q.put(make(i));
  expect([q.get()?.id, q.get()?.id, q.get()?.id, q.get()]).toEqual([0, 1, 2, null]);
});

test("putNext kicks the old runnext to the tail", () => {
  const q = new PlainRunQueue(new GlobalQueue());
  q.putNext(make(1));
  q.putNext(make(2));
  expect(q.runnext?.id).toBe(2);
  expect(q.get()?.id).toBe(1);
});

test("a full queue moves its 128 oldest and the new one to the global queue", () => {
  const global = new GlobalQueue();
  const q = new PlainRunQueue(global);
  for (let i = 0; i <= RUNQ_SIZE; i++) q.put(make(i));
  expect(q.size()).toBe(128);
  expect(global.size).toBe(129);
  expect(global.first?.id).toBe(0);
  expect(global.last?.id).toBe(256);
  expect(q.get()?.id).toBe(128);
});

test("positions wrap around", () => {
  const q = new PlainRunQueue(new GlobalQueue());
  q.head = q.tail = 0x7fff_fffe;
  for (let i = 0; i < 10; i++) q.put(make(i));
  expect(q.size()).toBe(10);
  expect(Array.from({ length: 10 }, () => q.get()?.id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("taken goroutines are not kept alive by the ring", () => {
  const q = new PlainRunQueue(new GlobalQueue());
  q.put(make(1));
  q.get();
  expect(q.ring.every((g) => g === null)).toBe(true);
});

test("the global queue is FIFO and counts", () => {
  const q = new GlobalQueue();
  for (let i = 0; i < 5; i++) q.put(make(i));
  expect(q.size).toBe(5);
  expect(Array.from({ length: 6 }, () => q.get()?.id)).toEqual([0, 1, 2, 3, 4, undefined]);
  expect(q.size).toBe(0);
  expect(q.last).toBe(null);
});
