/** Typed arrays: the compiled versions against the engine's own functions. */
import { describe, test } from "vitest";
import { type Method, type Trace, callbacks, expectSame, plain, source } from "./natives.ts";

describe("typed arrays", () => {
  const own = Object.getPrototypeOf(Uint8Array.prototype) as Record<string, Method>;
  const typed: Record<string, (t: Trace) => unknown> = {
    empty: () => new Uint8Array(),
    bytes: () => new Uint8Array([3, 1, 2, 1]),
    floats: () => new Float64Array([1.5, -0, Number.NaN, 0]),
    bigints: () => new BigInt64Array([3n, 1n, 2n]),
    "not one": () => [1, 2],
    "own class": () => new (class Sub extends Uint8Array {})([1, 2, 3]),
    "species too small": () =>
      Object.assign(new Uint8Array([1, 2, 3]), {
        constructor: {
          [Symbol.species]: function S() {
            return new Uint8Array(1);
          },
        },
      }),
    "species of another kind": () =>
      Object.assign(new Uint8Array([1, 2, 3]), {
        constructor: {
          [Symbol.species]: function S() {
            return new BigInt64Array(9);
          },
        },
      }),
    "species no typed array": () =>
      Object.assign(new Uint8Array([1, 2, 3]), { constructor: { [Symbol.species]: Array } }),
    "constructor a number": () => Object.assign(new Uint8Array([1, 2]), { constructor: 5 }),
    detached: () => {
      const a = new Uint8Array(4);
      structuredClone(a.buffer, { transfer: [a.buffer] });
      return a;
    },
  };
  /** A callback that shrinks the buffer under the array. */
  const shrinking = (): [Uint8Array, () => boolean] => {
    const buffer = new ArrayBuffer(4, { maxByteLength: 8 });
    return [
      new Uint8Array(buffer),
      () => {
        buffer.resize(2);
        return true;
      },
    ];
  };
  for (const name of plain) {
    if (name === "flatMap") continue;
    test(name, () => {
      for (const receiver of Object.values(typed)) {
        for (const i of [0, 1, 2, 5]) expectSame(own[name]!, name, (t) => [receiver(t), callbacks(t)[i]]);
        expectSame(own[name]!, name, (t) => [receiver(t), callbacks(t)[1], "self"]);
        expectSame(own[name]!, name, (t) => [receiver(t), 5]);
      }
      expectSame(own[name]!, name, shrinking);
    });
  }
  for (const name of ["reduce", "reduceRight"])
    test(name, () => {
      for (const receiver of Object.values(typed))
        for (const more of [[], [undefined], ["first"]])
          expectSame(own[name]!, name, (t) => [
            receiver(t),
            (a: unknown, b: unknown) => (t.say(a, b), String(a) + String(b)),
            ...more,
          ]);
    });
  for (const name of ["sort", "toSorted"])
    test(name, () => {
      const compares = [
        (a: number, b: number) => Number(a) - Number(b),
        () => 1,
        () => -1,
        () => Number.NaN,
        () => true,
      ];
      for (const receiver of Object.values(typed))
        for (const f of compares)
          expectSame(own[name]!, name, (t) => [receiver(t), (a: number, b: number) => (t.say(a, b), f(a, b))]);
      for (let n = 0; n < 300; n += 7)
        for (const f of compares) {
          const values = Uint16Array.from({ length: n }, (_, i) => (i * 7919) % 1009);
          expectSame(own[name]!, name, (t) => [values.slice(), (a: number, b: number) => (t.say(a, b), f(a, b))]);
        }
      for (const bad of [undefined, 5]) expectSame(own[name]!, name, () => [new Uint8Array([2, 1]), bad]);
    });
  test("from", () => {
    const from = (Object.getPrototypeOf(Uint8Array) as { from: Method }).from;
    const sources: ((t: Trace) => unknown)[] = [
      () => [1, 2],
      (t) => t.watch({ length: 2, 0: 5, 1: 6 }, "like"),
      (t) => source(t, 3),
      (t) => source(t, 3, { throwAt: 1 }),
      () => null,
      () => "123",
    ];
    for (const of of sources)
      for (const c of [Uint8Array, Array, undefined, () => {}])
        for (const i of [0, 1, 5]) {
          expectSame(from, "from", (t) => [c, of(t), callbacks(t)[i]]);
          expectSame(from, "from", (t) => [c, of(t), 5]);
        }
  });
});
