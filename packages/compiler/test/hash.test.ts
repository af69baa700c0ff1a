import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { Hash } from "../src/load/hash.ts";

const of = (...texts: string[]): string => texts.reduce((hash, text) => hash.update(text), new Hash()).digest();

test("32 digits, the same each time, of each text other ones", () => {
  const seen = new Map<string, string>();
  const add = (text: string): void => {
    const digest = of(text);
    expect(digest).toMatch(/^[0-9a-f]{32}$/);
    expect(of(text)).toBe(digest);
    expect(seen.get(digest) ?? text).toBe(text);
    seen.set(digest, text);
  };
  const base = "export const answer = (): number => 42;\n".repeat(8);
  for (let i = 0; i < base.length; i++) {
    add(base.slice(0, i));
    for (const bit of [1, 2, 16, 256, 0x8000])
      add(base.slice(0, i) + String.fromCharCode(base.charCodeAt(i) ^ bit) + base.slice(i + 1));
  }
  for (let n = 0; n < 20; n++) add("\0".repeat(n));
  assert(property(string({ unit: "binary" }), add), { numRuns: 2000 });
});

test("a bit more or less changes half of the digits' bits", () => {
  const bits = (text: string): bigint => BigInt(`0x${of(text)}`);
  let changed = 0;
  for (let i = 0; i < 256; i++) {
    const text = `module ${i} of an application, with some text behind it`;
    const other = text.replace("m", "n");
    changed += (bits(text) ^ bits(other)).toString(2).replaceAll("0", "").length;
  }
  expect(changed / 256).toBeGreaterThan(60);
  expect(changed / 256).toBeLessThan(68);
});

test("where one text ends and the next begins counts", () => {
  expect(of("ab", "c")).not.toBe(of("a", "bc"));
  expect(of("12345678", "9")).not.toBe(of("123456789"));
});
