import { afterEach, expect, test } from "vitest";
import "./frames.ts";
import { TimerNode, runTimers, timers } from "../src/time/heap.ts";

afterEach(() => {
  while (timers.size > 0) timers.remove(timers.first() as TimerNode);
});

test("fires by time, equals in the order they were added", () => {
  const fired: string[] = [];
  const at = (when: number, name: string): TimerNode =>
    new TimerNode(null, when, (t) => void fired.push(t.arg as string), name);
  const far = 1e12;
  for (const [when, name] of [
    [3, "c"],
    [1, "a"],
    [2, "b1"],
    [2, "b2"],
    [9, "z"],
  ] as const)
    timers.add(at(far + when, name));
  expect(runTimers(far + 3)).toBe(true);
  expect(fired).toEqual(["a", "b1", "b2", "c"]);
  expect(timers.size).toBe(1);
});

test("a thousand random timers, half of them removed, come out sorted", () => {
  const far = 1e12;
  const fired: number[] = [];
  const nodes: TimerNode[] = [];
  let x = 12345;
  for (let i = 0; i < 1000; i++) {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0;
    const t = new TimerNode(null, far + (x % 5000), (n) => void fired.push(n.when), null);
    nodes.push(t);
    timers.add(t);
  }
  for (let i = 0; i < 1000; i += 2) {
    expect(timers.remove(nodes[i] as TimerNode)).toBe(true);
    expect(timers.remove(nodes[i] as TimerNode)).toBe(false);
  }
  runTimers(far + 5000);
  expect(fired).toHaveLength(500);
  expect(fired).toEqual(fired.toSorted((a, b) => a - b));
});
