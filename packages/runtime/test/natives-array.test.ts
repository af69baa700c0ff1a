/** Array.prototype and Array.from: the compiled versions against the engine's own functions. */
import { describe, expect, test } from "vitest";
import { type Method, type Trace, callbacks, count, expectSame, finders, plain, source } from "./natives.ts";

const receivers: Record<string, (t: Trace) => unknown> = {
  empty: () => [],
  packed: () => [1, 2, 3, 4],
  doubles: () => [1.5, -0, Number.NaN],
  holes: () => [1, , 3, undefined, , "x"],
  "watched array": (t) => t.watch([1, , 3], "array"),
  "array-like": (t) => t.watch({ length: "3", 0: "a", 2: "c", 3: "d" }, "like"),
  "length that is none": (t) => t.watch({ length: -1, 0: "a" }, "like"),
  "length of a fraction": (t) => t.watch({ length: 2.9, 0: "a", 1: "b", 2: "c" }, "like"),
  string: () => "héllo",
  number: () => 5,
  frozen: () => Object.freeze([1, 2, 3]),
  "inherited indices": () =>
    Object.setPrototypeOf([1, , 3], Object.create(Array.prototype, { 1: { value: "proto" } })) as unknown,
  accessors: (t) => {
    const a = [1, 2, 3];
    Object.defineProperty(a, 1, {
      get() {
        t.say("getter");
        delete (a as unknown[])[2];
        return "got";
      },
      configurable: true,
    });
    return a;
  },
  "species: own class": (t) => {
    class Sub extends Array<unknown> {
      constructor(n: number) {
        super(n);
        t.say("new Sub", n);
      }
    }
    return Object.setPrototypeOf([1, , 3], Sub.prototype) as unknown;
  },
  "species: object": (t) => {
    const a = [1, , 3];
    Object.defineProperty(a, "constructor", {
      value: t.watch({ [Symbol.species]: t.watch(function Made() {} as never, "Made") }, "constructor"),
    });
    return a;
  },
  "species: fixed object": () => {
    const a = [1, 2, 3];
    (a as { constructor: unknown }).constructor = {
      [Symbol.species]: function Made() {
        return Object.freeze([]);
      },
    };
    return a;
  },
  "species: null": () => Object.assign([1, 2], { constructor: { [Symbol.species]: null } }),
  "species: none": () => Object.assign([1, 2], { constructor: undefined }),
  "species: no constructor": () => Object.assign([1, 2], { constructor: { [Symbol.species]: () => [] } }),
  "constructor: a number": () => Object.assign([1, 2], { constructor: 5 }),
  "constructor throws": () =>
    Object.defineProperty([1, 2], "constructor", {
      get(): never {
        throw new SyntaxError("constructor");
      },
    }),
};

describe("Array.prototype", () => {
  for (const name of plain) {
    const native = Array.prototype[name] as Method;
    test(name, () => {
      for (const [what, receiver] of Object.entries(receivers)) {
        for (let i = 0; i < count; i++) {
          expectSame(native, name, (t) => [receiver(t), callbacks(t)[i]]);
          if (i < 2) expectSame(native, name, (t) => [receiver(t), callbacks(t)[i], { self: what }]);
          if (i === 0) expectSame(native, name, (t) => [receiver(t), callbacks(t)[i], null]);
        }
        for (const bad of [undefined, null, 5, "f", {}, Symbol.iterator])
          expectSame(native, name, (t) => [receiver(t), bad]);
      }
    });
  }

  for (const name of ["reduce", "reduceRight"] as const) {
    const native = Array.prototype[name] as Method;
    test(name, () => {
      for (const receiver of Object.values(receivers)) {
        for (const more of [[], [undefined], ["first"]]) {
          const f =
            (t: Trace) =>
            (a: unknown, b: unknown, i: number, all: Record<number, unknown>): unknown => {
              t.say("call", a, b, i);
              if (i === 1) {
                delete all[2];
                delete all[0];
              }
              return `${String(a)}${String(b)}`;
            };
          expectSame(native, name, (t) => [receiver(t), f(t), ...more]);
          expectSame(native, name, (t) => [receiver(t), "no function", ...more]);
        }
      }
    });
  }

  const comparators: Record<string, (a: number, b: number) => unknown> = {
    numbers: (a, b) => a - b,
    backwards: (a, b) => b - a,
    "like sort without one": (a, b) => (String(a) < String(b) ? -1 : 1),
    booleans: (a, b) => a > b,
    "always 1": () => 1,
    "always -1": () => -1,
    NaN: () => Number.NaN,
    strings: (a, b) => `${a - b}`,
    objects: (a, b) => ({ valueOf: () => a - b }),
    inconsistent: (a, b) => ((a * 7 + b * 13) % 5) - 2,
    throws: (a) => {
      if (a === 5) throw new RangeError("compared");
      return 1;
    },
    bigint: () => 1n,
  };

  for (const name of ["sort", "toSorted"] as const) {
    const native = Array.prototype[name] as Method;
    test(`${name}: the same comparisons in the same order`, () => {
      let seed = 1;
      const random = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
      const shapes: ((i: number, n: number) => unknown)[] = [
        () => random(1000),
        () => random(4),
        (i) => i,
        (i) => -i,
        (i) => (i % 37) * (i % 3 === 0 ? 2 : 1),
        (i, n) => (random(20) === 0 ? random(n) : i),
        (i) => (random(3) === 0 ? undefined : i % 11),
      ];
      for (const shape of shapes)
        for (let n = 0; n < 700; n += n < 40 ? 3 : 131) {
          const values = Array.from({ length: n }, (_, i) => shape(i, n));
          for (const compare of Object.values(comparators))
            expectSame(native, name, (t) => [
              values.slice(),
              (a: number, b: number) => {
                t.say(a, b);
                return compare(a, b);
              },
            ]);
        }
    });
    test(`${name}: any receiver`, () => {
      for (const receiver of Object.values(receivers))
        for (const compare of [...Object.values(comparators), undefined, null, 5, {}])
          expectSame(native, name, (t) => [
            receiver(t),
            typeof compare !== "function"
              ? compare
              : (a: number, b: number) => {
                  t.say(a, b);
                  return compare(a, b);
                },
          ]);
    });
    test(`${name}: stable`, () => {
      const people = Array.from({ length: 500 }, (_, i) => ({ i, k: i % 7 }));
      const sorted = (finders[name]!(native) as (...args: unknown[]) => typeof people)(
        people.slice(),
        (a: { k: number }, b: { k: number }) => a.k - b.k,
      );
      expect(sorted).toEqual(people.toSorted((a, b) => a.k - b.k));
    });
    test(`${name}: an array that changes under the comparator`, () => {
      expectSame(native, name, (t) => {
        const a: number[] = [5, 3, 9, 1, 7];
        return [
          a,
          (x: number, y: number) => {
            t.say(x, y);
            if (a.length > 2) a.pop();
            return x - y;
          },
        ];
      });
    });
  }
});

describe("Array.from", () => {
  const native = Array.from as Method;
  const sources: Record<string, (t: Trace) => unknown> = {
    array: () => [1, , 3],
    set: () => new Set([1, 2]),
    string: () => "a💩c",
    like: (t) => t.watch({ length: 2, 0: "a" }, "like"),
    number: () => 5,
    nothing: () => null,
    undefined: () => undefined,
    "no iterator method": () => ({ [Symbol.iterator]: null, length: 1 }),
    "iterator that is none": () => ({ [Symbol.iterator]: () => 5 }),
    "method that is none": () => ({ [Symbol.iterator]: 5 }),
    iterator: (t) => source(t, 3),
    "iterator that throws": (t) => source(t, 3, { throwAt: 1 }),
    "result that is none": (t) => source(t, 3, { badAt: 1 }),
    "return that throws": (t) => source(t, 3, { badReturn: true }),
  };
  const constructors: Record<string, (t: Trace) => unknown> = {
    Array: () => Array,
    "own class": () => class Sub extends Array {},
    object: (t) => t.watch(function Made() {} as never, "Made"),
    "no constructor": () => () => {},
    undefined: () => undefined,
    frozen: () =>
      function Frozen() {
        return Object.freeze([]);
      },
  };
  test("sources and constructors", () => {
    for (const of of Object.values(sources))
      for (const c of Object.values(constructors))
        for (let i = 0; i < count; i++) {
          if (i === 6 || i === 7) continue;
          expectSame(native, "from", (t) => [c(t), of(t), callbacks(t)[i]]);
          if (i === 0) expectSame(native, "from", (t) => [c(t), of(t), callbacks(t)[i], "self"]);
          if (i === 0) for (const bad of [null, 5, {}]) expectSame(native, "from", (t) => [c(t), of(t), bad]);
        }
  });
});
