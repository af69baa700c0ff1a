/** The arena: what was given back is used again, also by what is smaller, and values of all sizes fit. */
import { expect, test } from "vitest";
import { GortError } from "../src/errors/catalogue.ts";
import { Canceled, DeadlineExceeded } from "../src/context/errors.ts";
import { decodeCell, encodeCell } from "../src/shared/codec.ts";
import { CLASSES } from "../src/shared/layout.ts";
import { allocate, open, record, X } from "../src/shared/region.ts";

open(1);
const cell = record() + 48;

test("a value of 40 MiB crosses, and leaves its memory to the next", { timeout: 180_000 }, () => {
  for (let round = 0; round < 18; round++) {
    const bytes = new Uint8Array(40 << 20);
    bytes[0] = bytes[bytes.length - 1] = round;
    encodeCell(cell, bytes, "value");
    const back = decodeCell(cell) as Uint8Array;
    expect([back.length, back[0], back.at(-1)]).toEqual([40 << 20, round, round]);
  }
});

test("a value that no block holds says so", () => {
  expect(() => allocate((512 << 20) + 1)).toThrow(/a value of 536870913 bytes is larger than any may be/);
});

test("errors that are one value everywhere stay it, also as a cause", () => {
  for (const e of [Canceled, DeadlineExceeded]) {
    encodeCell(cell, e, "value");
    expect(decodeCell(cell)).toBe(e);
    encodeCell(cell, new Error("outer", { cause: e }), "value");
    expect((decodeCell(cell) as Error).cause).toBe(e);
  }
});

test.skipIf(typeof SuppressedError !== "function")("SuppressedError is the language's", () => {
  encodeCell(cell, new SuppressedError(new TypeError("a"), new RangeError("b"), "c"), "value");
  const e = decodeCell(cell) as SuppressedError;
  expect(e).toBeInstanceOf(SuppressedError);
  expect(e.error).toBeInstanceOf(TypeError);
  expect(e.suppressed).toBeInstanceOf(RangeError);
});

/** Last: it uses everything up. */
test("when nothing new is left, large blocks that are free serve small values", () => {
  const blocks: [number, number][] = [];
  for (let k = CLASSES - 1; k >= 0; k--)
    for (let at = X.p.allocate(k); at !== 0; at = X.p.allocate(k)) blocks.push([at, k]);
  expect(() => record()).toThrow(GortError);
  const [at, k] = blocks.find(([, size]) => size === 10)!;
  X.p.release(at, k);
  const small = Array.from({ length: 1 << 10 }, () => record());
  expect(new Set(small).size).toBe(1 << 10);
  expect(Math.min(...small)).toBe(at);
  expect(Math.max(...small)).toBe(at + ((1 << 10) - 1) * 64);
  expect(() => record()).toThrow(GortError);
  for (const r of small) X.p.release(r, 0);
  expect(record()).toBeGreaterThanOrEqual(at);
});
