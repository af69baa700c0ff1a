/** How many objects there were, from what the engine's inspector tells of its samples. */
import { assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { scaled, Sizes } from "../src/pprof/sizes.ts";

const RATE = 8 * 55_440;

/** As the engine does it: each sample's product is told, and the sum of its place. */
function told(groups: readonly { size: number; samples: number }[]): [Map<number, number>, number] {
  const products = new Map<number, number>();
  let total = 0;
  for (const { size, samples } of groups) {
    const product = size * scaled(size, 1, RATE);
    products.set(product, (products.get(product) ?? 0) + samples);
    total += size * scaled(size, samples, RATE);
  }
  return [products, total];
}

test("the size of small objects follows from one sample", () => {
  const sizes = new Sizes(RATE);
  for (const size of [16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96]) {
    const [products, total] = told([{ size, samples: 1 }]);
    expect(sizes.of(products, total)).toEqual([{ size, samples: 1 }]);
  }
});

test("large objects are what they are", () => {
  const sizes = new Sizes(RATE);
  for (const size of [1 << 20, 10 << 20]) {
    const [products, total] = told([{ size, samples: 3 }]);
    expect(sizes.of(products, total)).toEqual([{ size, samples: 3 }]);
  }
});

test("whatever the sizes are, the bytes are those the engine says, and it is among the candidates", () => {
  const sizes = new Sizes(RATE);
  const size = integer({ min: 1, max: 20_000 }).map((n) => n * 8);
  assert(
    property(size, integer({ min: 1, max: 500 }), (size, samples) => {
      const [products, total] = told([{ size, samples }]);
      expect(sizes.candidates(size * scaled(size, 1, RATE))).toContain(size);
      const [found] = sizes.of(products, total);
      expect(found!.size * scaled(found!.size, samples, RATE)).toBe(total);
    }),
  );
});

test("two sizes with one product are told apart by their sum", () => {
  const sizes = new Sizes(RATE);
  const product = 104 * scaled(104, 1, RATE);
  expect(sizes.candidates(product)).toEqual(expect.arrayContaining([40, 104]));
  for (const size of [40, 104]) {
    const [products, total] = told([{ size, samples: 5 }]);
    expect(sizes.of(products, total)).toEqual([{ size, samples: 5 }]);
  }
});
