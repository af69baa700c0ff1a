import { expect, test } from "vitest";
import type { WaitNode } from "../src/scheduler/g.ts";
import { WaitQ } from "../src/scheduler/waitq.ts";

const node = (v: number): WaitNode => ({ next: null, prev: null, status: -1, v });

function contents(q: WaitQ): unknown[] {
  const out: unknown[] = [];
  for (let n = q.first; n !== null; n = n.next) out.push(n.v);
  const back: unknown[] = [];
  for (let n = q.last; n !== null; n = n.prev) back.unshift(n.v);
  expect(back).toEqual(out);
  return out;
}

test("first in, first out", () => {
  const q = new WaitQ();
  for (const v of [1, 2, 3]) q.push(node(v));
  expect([q.shift()?.v, q.shift()?.v, q.shift()?.v, q.shift()]).toEqual([1, 2, 3, null]);
  expect(q.last).toBe(null);
});

test("a waiter is taken out wherever it stands", () => {
  for (const k of [0, 1, 2]) {
    const q = new WaitQ();
    const nodes = [node(0), node(1), node(2)];
    for (const n of nodes) q.push(n);
    q.remove(nodes[k] as WaitNode);
    expect(contents(q)).toEqual([0, 1, 2].filter((v) => v !== k));
    q.remove(nodes[k] as WaitNode); // again: nothing happens
    expect(contents(q)).toHaveLength(2);
  }
});

test("who lost keeps its place", () => {
  const q = new WaitQ();
  q.push(node(1));
  q.unshift(node(0));
  expect(contents(q)).toEqual([0, 1]);
});
