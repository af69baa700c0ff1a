/** Iterators, collections, strings, and the table: the compiled versions against the engine's own functions. */
import { describe, expect, test } from "vitest";
import { type Method, Trace, callbacks, expectSame, finders, source } from "./natives.ts";

describe("Iterator.prototype", () => {
  for (const name of ["forEach", "some", "every", "find"] as const) {
    const native = Iterator.prototype[name] as Method;
    test(name, () => {
      for (const odd of [{}, { throwAt: 1 }, { badAt: 1 }, { badReturn: true }])
        for (let i = 0; i < 6; i++) expectSame(native, name, (t) => [source(t, 3, odd), callbacks(t)[i]]);
      for (const bad of [undefined, 5, {}]) expectSame(native, name, (t) => [source(t, 3), bad]);
      for (const bad of [undefined, 5, "s"]) expectSame(native, name, (t) => [bad, callbacks(t)[0]]);
      expectSame(native, name, (t) => [t.watch({ next: undefined }, "no next"), callbacks(t)[0]]);
    });
  }
  test("reduce", () => {
    const native = Iterator.prototype.reduce as Method;
    for (const odd of [{}, { throwAt: 1 }, { badAt: 1 }, { badReturn: true }])
      for (const n of [0, 1, 3])
        for (const more of [[], [undefined], ["first"]])
          for (let i = 0; i < 6; i++)
            expectSame(native, "reduce", (t) => [source(t, n, odd), callbacks(t)[i], ...more]);
    for (const bad of [undefined, 5]) expectSame(native, "reduce", (t) => [source(t, 3), bad]);
  });
});

describe("lazy methods", () => {
  /** What a helper gives, driven in one of several ways; the trace has what it did to its source and when. */
  type Helper = IteratorObject<unknown>;
  const drives: ((t: Trace, h: Helper) => void)[] = [
    (t, h) => t.say(...h),
    (t, h) => t.say(h.next(), h.return?.(), h.next()),
    (t, h) => t.say(h.return?.(), h.next(), h.return?.()),
    (t, h) => t.say(...h.take(2).map((x) => [x])),
    (t, h) => t.say(h.drop(1).toArray()),
    (t, h) => t.say(...h.flatMap((x) => [x, "again"]).filter((x) => x !== "again")),
    (t, h) =>
      t.say(
        h.some((x) => x !== undefined),
        h.next(),
      ),
    (t, h) => t.say(h.reduce((a, b) => `${String(a)} ${String(b)}`)),
    (t, h) => t.say(String(h), Object.keys(h).length, h[Symbol.iterator]() === h),
  ];
  for (const name of ["map", "filter", "flatMap"] as const) {
    const native = Iterator.prototype[name] as Method;
    const version = finders[name]!(native)!;
    test(name, () => {
      for (const odd of [{}, { throwAt: 1 }, { badAt: 1 }, { badReturn: true }])
        for (const drive of drives)
          for (let i = 0; i < 6; i++) {
            const run = (make: (t: Trace, of: unknown, f: unknown) => unknown): string[] => {
              const t = new Trace();
              try {
                drive(t, make(t, source(t, 3, odd), callbacks(t)[i]) as Helper);
              } catch (e) {
                t.say("threw", e);
              }
              return t.lines;
            };
            expect(run((_, of, f) => version(of as never, f as never))).toEqual(
              run((_, of, f) => Reflect.apply(native, of, [f])),
            );
          }
    });
  }

  test("one that runs is not run again", () => {
    const own = (make: (of: Iterator<number>, f: () => unknown) => unknown): string => {
      let helper: Iterator<unknown> | undefined;
      try {
        helper = make([1].values(), () => helper!.next()) as Iterator<unknown>;
        return String(helper.next());
      } catch (e) {
        return String(e);
      }
    };
    const { map } = Iterator.prototype;
    const version = finders["map"]!(map)!;
    expect(own((of, f) => version(of as never, f as never))).toBe(own((of, f) => Reflect.apply(map, of, [f])));
  });
});

describe("collections", () => {
  test("forEach of a Map, a Set, URLSearchParams, while they change", () => {
    const f = (t: Trace) =>
      function (this: unknown, v: unknown, k: unknown, all: Map<unknown, unknown>): void {
        t.say(typeof this, v, k);
        if (k === "a") {
          all.delete("b");
          if (all instanceof Map) all.set("z", 26).delete("a");
        }
      };
    const map = (): Map<unknown, unknown> =>
      new Map([
        ["a", 1],
        ["b", 2],
        ["c", 3],
      ]);
    for (const more of [[], [{}], [null]]) {
      expectSame(Map.prototype.forEach, "forEach", (t) => [map(), f(t), ...more]);
      expectSame(Set.prototype.forEach, "forEach", (t) => [new Set(["a", "b", "c"]), f(t), ...more]);
      expectSame(URLSearchParams.prototype.forEach, "forEach", (t) => [
        new URLSearchParams("a=1&b=2&c=3"),
        f(t),
        ...more,
      ]);
    }
    for (const native of [Map.prototype.forEach, Set.prototype.forEach, URLSearchParams.prototype.forEach]) {
      expectSame(native as Method, "forEach", (t) => [map(), f(t)]);
      expectSame(native as Method, "forEach", (t) => [new Set(), f(t)]);
      expectSame(native as Method, "forEach", () => [map(), 5]);
      expectSame(native as Method, "forEach", (t) => [{}, f(t)]);
      expectSame(native as Method, "forEach", (t) => [null, f(t)]);
    }
  });
  test("groupBy", () => {
    const keys = (t: Trace) => (x: unknown, i: number) => {
      t.say("call", x, i);
      if (i === 3) throw new RangeError("in the callback");
      return [-0, "b", Symbol.iterator][i % 3];
    };
    const bad = (t: Trace) => (x: unknown) => {
      t.say(x);
      return {
        toString(): never {
          throw new EvalError("no key");
        },
      };
    };
    for (const native of [Object.groupBy, Map.groupBy] as Method[])
      for (const of of [
        (t: Trace) => source(t, 3),
        (t: Trace) => source(t, 5),
        (t: Trace) => source(t, 3, { badAt: 1 }),
        (t: Trace) => source(t, 3, { badReturn: true, throwAt: 2 }),
        () => "abc",
        () => [1, 2, 3],
        () => 5,
        () => null,
      ]) {
        expectSame(native, "groupBy", (t) => [undefined, of(t), keys(t)]);
        expectSame(native, "groupBy", (t) => [undefined, of(t), bad(t)]);
        expectSame(native, "groupBy", (t) => [undefined, of(t), 5]);
      }
  });
  test("getOrInsertComputed", () => {
    type Computing = { getOrInsertComputed?: Method };
    for (const C of [Map, WeakMap] as (new (pairs?: unknown) => Map<unknown, unknown>)[]) {
      const native = (C.prototype as unknown as Computing).getOrInsertComputed;
      if (native === undefined) continue;
      for (const key of [-0, "k", {}, Symbol("s"), Symbol.for("registered"), Number.NaN, undefined]) {
        expectSame(native, "getOrInsertComputed", (t) => [new C(), key, (k: unknown) => (t.say(k), "made")]);
        expectSame(native, "getOrInsertComputed", () => [new C(), key, 5]);
        expectSame(native, "getOrInsertComputed", () => [{}, key, () => 1]);
      }
      const key = {};
      expectSame(native, "getOrInsertComputed", () => [new C([[key, "there"]]), key, () => "made"]);
      expectSame(native, "getOrInsertComputed", () => {
        const m = new C();
        return [m, key, (k: object) => (m.set(k, "between"), "made")];
      });
    }
  });
});

describe("strings", () => {
  const given = (t: Trace) =>
    function (this: unknown, ...args: unknown[]): unknown {
      t.say(typeof this, ...args);
      return `<${String(args[0])}>`;
    };
  const patterns: ((t: Trace) => unknown)[] = [
    () => "b",
    () => "",
    () => "zz",
    () => /b/,
    () => /b/g,
    () => /(?<one>b)|(c)/g,
    () => /(?:)/g,
    () => /(?:)/gu,
    () => /[^]/gv,
    () => /b/y,
    () => /./gy,
    () => Object.assign(/b/g, { lastIndex: 2 }),
    () => Object.assign(/b/y, { lastIndex: 1 }),
    (t) => t.watch({ toString: () => "b" }, "pattern"),
    (t) => ({ [Symbol.replace]: (...args: unknown[]) => (t.say(...args), "own") }),
    () => ({ [Symbol.replace]: 5 }),
    () => undefined,
    () => null,
    () => 5,
    (t) =>
      Object.assign(/b/g, {
        exec(this: RegExp, s: string) {
          t.say("exec", s, this.lastIndex);
          return RegExp.prototype.exec.call(this, s);
        },
      }),
    (t) => {
      let n = 0;
      return Object.assign(/b/g, {
        exec() {
          return n++ < 2
            ? t.watch({ length: 2, 0: "b", 1: n, index: n * 1.5, groups: n === 1 ? { g: 1 } : undefined }, "result")
            : null;
        },
      });
    },
    () => Object.assign(/b/g, { exec: () => 5 }),
    () => Object.defineProperty(/b/g, "flags", { value: "" }),
  ];
  for (const name of ["replace", "replaceAll"] as const)
    test(name, () => {
      const native = String.prototype[name] as Method;
      for (const pattern of patterns)
        for (const text of ["abcb", "", "a💩b", "bbb", 565, null]) {
          expectSame(native, name, (t) => [text, pattern(t), given(t)]);
          expectSame(native, name, (t) => [text, pattern(t), "$&$&"]);
          expectSame(native, name, (t) => [text, pattern(t), (...args: unknown[]) => (t.say(...args), undefined)]);
          expectSame(native, name, (t) => [
            text,
            pattern(t),
            () => {
              throw new RangeError("in the callback");
            },
          ]);
        }
    });
});

describe("the table", () => {
  test("knows only the engine's own functions", () => {
    const patched = { forEach: () => {} };
    expect(finders["forEach"]!(patched.forEach)).toBeNull();
    expect(finders["forEach"]!(undefined)).toBeNull();
    expect(finders["map"]!(Array.prototype.filter)).toBeNull();
  });

  test("versions do not see what a program changes later", () => {
    const version = finders["map"]!(Array.prototype.map)! as (...args: unknown[]) => unknown[];
    const sort = finders["sort"]!(Array.prototype.sort)! as (...args: unknown[]) => unknown[];
    const { apply } = Reflect;
    const { defineProperty } = Object;
    const { isArray } = Array;
    const saved = Function.prototype.apply;
    try {
      Reflect.apply = () => 0;
      Array.isArray = (() => false) as never;
      Function.prototype.apply = () => 0;
      defineProperty(Array.prototype, 0, { set() {}, configurable: true });
      const made = version([1, 2], (x: number) => x * 2, {});
      const sorted = sort([2, 1], (a: number, b: number) => a - b);
      Reflect.apply = apply;
      Array.isArray = isArray;
      Function.prototype.apply = saved;
      delete (Array.prototype as unknown[])[0];
      expect([made[0], made[1]]).toEqual([2, 4]);
      expect([sorted[0], sorted[1]]).toEqual([1, 2]);
    } finally {
      Reflect.apply = apply;
      Array.isArray = isArray;
      Function.prototype.apply = saved;
      delete (Array.prototype as unknown[])[0];
    }
  });

  test("call and apply hand on all arguments, whatever arrays inherit", () => {
    const call = finders["call"]!(Function.prototype.call)! as (...args: unknown[]) => unknown;
    const apply = finders["apply"]!(Function.prototype.apply)! as (...args: unknown[]) => unknown;
    const { reduce } = Array.prototype;
    const add = (a: number, b: number) => a + b;
    let sums: unknown[];
    try {
      for (const key of [1, 2]) Object.defineProperty(Object.prototype, key, { set() {}, configurable: true });
      sums = [call(reduce, [3], add, 4), call(reduce, [3, 4], add), apply(reduce, [3], [add, 4])];
    } finally {
      for (const key of [1, 2]) delete (Object.prototype as Record<number, unknown>)[key];
    }
    expect(sums).toEqual([7, 7, 7]);
  });
});
