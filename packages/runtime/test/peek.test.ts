/** The method that has blocked is read once more to ask about it: nothing of the program may run by that. */
import { afterEach, expect, test } from "vitest";
import { R } from "gort/internal";

const PARKING = 1;
const f = (): void => {};

function peek(on: unknown, key: unknown): unknown {
  R.u = PARKING;
  try {
    return R.peek(on, key);
  } finally {
    R.u = 0;
  }
}

afterEach(() => {
  R.u = 0;
});

test("what an object, its prototypes, and what a primitive inherits hold", () => {
  expect(peek({ f }, "f")).toBe(f);
  expect(peek(Object.create({ f }), "f")).toBe(f);
  expect(peek([f], 0)).toBe(f);
  expect(peek("text", "replace")).toBe(String.prototype.replace);
  expect(peek({}, "f")).toBeUndefined();
});

test("a getter that only names an export is asked, any other is not", () => {
  const exported = { f };
  const getters: (() => unknown)[] = [
    () => f,
    () => {
      return exported.f;
    },
    function () {
      return f;
    },
    function get() {
      return exported.f;
    },
    Object.getOwnPropertyDescriptor(
      {
        get f() {
          return exported.f;
        },
      },
      "f",
    )!.get!,
  ];
  for (const get of getters) expect(peek(Object.defineProperty({}, "f", { get }), "f")).toBe(f);
  let runs = 0;
  const others: (() => unknown)[] = [
    () => (runs++, f),
    () => {
      runs++;
      return f;
    },
    function () {
      return runs++ === 0 ? f : f;
    },
    function () {
      return others[runs++] ?? f;
    },
  ];
  for (const get of others) expect(peek(Object.defineProperty({}, "f", { get }), "f")).toBeUndefined();
  expect(runs).toBe(0);
});

test("no trap of a proxy runs, and no key is made a string", () => {
  let runs = 0;
  const count = (): never => {
    runs++;
    throw new Error("ran");
  };
  const handler = { get: count, getOwnPropertyDescriptor: count, getPrototypeOf: count, has: count };
  const proxy = new Proxy({ f }, handler);
  expect(peek(proxy, "f")).toBeUndefined();
  expect(peek(Object.create(proxy), "f")).toBeUndefined();
  expect(peek({ f }, { toString: count })).toBeUndefined();
  expect(runs).toBe(0);
});

test("nothing is read unless something has blocked", () => {
  expect(R.peek({ f }, "f")).toBeUndefined();
});
