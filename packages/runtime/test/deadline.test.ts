import { expect, test } from "vitest";
import { setTimeout as delay } from "node:timers/promises";
import "../src/index.ts";
import { Deadline, momentOf } from "../src/net/deadline.ts";

test("where one of two deadlines of a moment has passed, so has the other, and one in the past at once", async () => {
  const seen: boolean[] = [];
  const write = new Deadline(() => seen.push(read.passed));
  const read = new Deadline(() => seen.push(write.passed));
  expect([read.passed, write.passed]).toEqual([false, false]);
  const moment = momentOf(new Date(Date.now() + 5));
  read.set(moment);
  write.set(moment);
  while (seen.length < 2) await delay(5);
  expect(seen).toEqual([true, true]);
  read.set(null);
  expect(read.passed).toBe(false);
  read.set(momentOf(new Date(Date.now() - 5)));
  expect(read.passed).toBe(true);
});
