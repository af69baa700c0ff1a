/** A frame that has returned keeps nothing alive: see frames.ts. */
import { expect, test } from "vitest";
import { F16, F4, F8, forget } from "../src/internal/frames.ts";
import type { Clone, Frame } from "../src/internal/state.ts";

const clone: Clone = () => undefined;
const nine: object[] = Array.from({ length: 9 }, () => ({}));
const large: Record<string, unknown> = { r: clone, pc: 3, next: null };
for (let i = 0; i < 20; i++) large[`a${i}`] = {};

test.each<[string, Frame]>([
  ["four", new F4(clone, 1, {}, {}, {}, {})],
  ["eight", new F8(clone, 1, ...nine.slice(1))],
  ["sixteen", new F16(clone, 2, ...nine, ...nine.slice(2))],
  ["twenty", large as unknown as Frame],
])("a frame of %s values is emptied", (_, frame) => {
  forget(frame);
  const { r, pc, ...rest } = frame;
  expect(r).toBe(clone);
  expect(pc).toBeGreaterThan(0);
  expect(Object.values(rest).filter((value) => value !== undefined && value !== null)).toEqual([]);
});

test("a frame of the runtime's own stays as it is", () => {
  class Own implements Frame {
    readonly r = clone;
    pc = 1;
    next = null;
    a0 = "kept";
  }
  const frame = new Own();
  forget(frame);
  expect(frame.a0).toBe("kept");
});
