/** Stands in for vitest: what the suites use of it. A snapshot is compared between the ways of running, not with its text. */
import { inspect, isDeepStrictEqual } from "node:util";
import { add, asserted, before, behind, group } from "../harness.ts";

type Body = () => unknown;

export const test = Object.assign((name: string, body: Body): void => add(name, body), {
  each:
    (table: readonly unknown[]) =>
    (name: string, body: (...args: unknown[]) => unknown): void => {
      for (const [i, row] of table.entries())
        add(`${name} ${i}`, () => (Array.isArray(row) ? body(...(row as unknown[])) : body(row)));
    },
  skip: (): void => {},
  only: (name: string, body: Body): void => add(name, body),
});
export const it: typeof test = test;
export const describe = group;
export const beforeEach = before;
export const afterEach = behind;

/** Types alone. */
export function expectTypeOf(): unknown {
  const types: unknown = new Proxy(() => types, { get: () => types, apply: () => types });
  return types;
}

class Any {
  private readonly type: Function;
  constructor(type: Function) {
    this.type = type;
  }
  matches(x: unknown): boolean {
    return x !== null && x !== undefined && (Object(x) as object) instanceof this.type;
  }
}

/** Deep equality; members that are undefined do not count, nor do prototypes. `part`: more members may be there. */
function equal(a: unknown, b: unknown, part = false, seen: Map<unknown, unknown> = new Map()): boolean {
  if (b instanceof Any) return b.matches(a);
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (seen.get(b) === a) return true;
  seen.set(b, a);
  if (a instanceof Error && b instanceof Error && a.message !== b.message) return false;
  if (a instanceof Date || a instanceof RegExp || ArrayBuffer.isView(a) || a instanceof Map || a instanceof Set)
    return isDeepStrictEqual(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  const [x, y] = [a as Record<PropertyKey, unknown>, b as Record<PropertyKey, unknown>];
  for (const key of Reflect.ownKeys(y))
    if (
      (y[key] !== undefined || part) &&
      Object.prototype.propertyIsEnumerable.call(y, key) &&
      !(equal(x[key], y[key], part, seen) && (!part || key in x))
    )
      return false;
  return (
    part ||
    Reflect.ownKeys(x).every(
      (key) => x[key] === undefined || !Object.prototype.propertyIsEnumerable.call(x, key) || Object.hasOwn(y, key),
    )
  );
}

function show(x: unknown): string {
  if (typeof x === "function") return `function ${x.name}`;
  return inspect(x, { depth: 6, breakLength: Infinity })
    .replaceAll(/\n\s+at .*/g, "")
    .slice(0, 2000);
}

class Expectation {
  private negated = false;
  private awaits: "resolves" | "rejects" | null = null;
  private readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }

  get not(): this {
    this.negated = !this.negated;
    return this;
  }
  get resolves(): this {
    this.awaits = "resolves";
    return this;
  }
  get rejects(): this {
    this.awaits = "rejects";
    return this;
  }

  private check(what: string, others: unknown[], fine: (value: unknown) => boolean, varies = false): unknown {
    const { awaits, value } = this;
    if (awaits === null) return this.hold(what, value, others, fine, varies);
    const promise = typeof value === "function" ? (value as () => unknown)() : value;
    return awaits === "resolves"
      ? Promise.resolve(promise).then((v) => this.hold(what, v, others, fine))
      : Promise.resolve(promise).then(
          () => Promise.reject(new Error(`${what}: it did not reject`)),
          (e) => this.hold(what, e, others, fine),
        );
  }
  private hold(
    what: string,
    value: unknown,
    others: unknown[],
    fine: (value: unknown) => boolean,
    varies = false,
  ): void {
    const right = fine(value) !== this.negated;
    const said = `${what} ${varies ? "" : show(value)} ${others.map(show).join(" ")}`;
    asserted(`${String(right)} ${said}`);
    if (!right) throw new Error(said);
  }

  toBe(other: unknown): unknown {
    return this.check("toBe", [other], (v) => Object.is(v, other));
  }
  toEqual(other: unknown): unknown {
    return this.check("toEqual", [other], (v) => equal(v, other));
  }
  toStrictEqual(other: unknown): unknown {
    return this.check("toStrictEqual", [other], (v) => isDeepStrictEqual(v, other));
  }
  toMatchObject(other: unknown): unknown {
    return this.check("toMatchObject", [other], (v) => equal(v, other, true));
  }
  toMatchInlineSnapshot(): unknown {
    return this.check("snapshot", [], () => true);
  }
  toBeInstanceOf(type: Function): unknown {
    return this.check("toBeInstanceOf", [type], (v) => v instanceof (type as new () => unknown));
  }
  toBeUndefined(): unknown {
    return this.check("toBeUndefined", [], (v) => v === undefined);
  }
  toBeDefined(): unknown {
    return this.check("toBeDefined", [], (v) => v !== undefined);
  }
  toBeNull(): unknown {
    return this.check("toBeNull", [], (v) => v === null);
  }
  toBeTruthy(): unknown {
    return this.check("toBeTruthy", [], Boolean);
  }
  toBeFalsy(): unknown {
    return this.check("toBeFalsy", [], (v) => !v);
  }
  toBeTypeOf(type: string): unknown {
    return this.check("toBeTypeOf", [type], (v) => typeof v === type);
  }
  toHaveLength(n: number): unknown {
    return this.check("toHaveLength", [n], (v) => (v as { length: number }).length === n);
  }
  toContain(x: unknown): unknown {
    return this.check("toContain", [x], (v) =>
      typeof v === "string" ? v.includes(String(x)) : [...(v as unknown[])].includes(x),
    );
  }
  toMatch(x: RegExp | string): unknown {
    return this.check("toMatch", [x], (v) => (typeof x === "string" ? (v as string).includes(x) : x.test(v as string)));
  }
  toBeGreaterThan(n: number): unknown {
    return this.check("toBeGreaterThan", [], (v) => (v as number) > n);
  }
  toBeGreaterThanOrEqual(n: number): unknown {
    return this.check("toBeGreaterThanOrEqual", [], (v) => (v as number) >= n);
  }
  toBeLessThan(n: number): unknown {
    return this.check("toBeLessThan", [n], (v) => (v as number) < n, true);
  }
  toBeLessThanOrEqual(n: number): unknown {
    return this.check("toBeLessThanOrEqual", [n], (v) => (v as number) <= n);
  }
  toHaveProperty(key: string, ...value: unknown[]): unknown {
    return this.check(
      "toHaveProperty",
      [key],
      (v) => key in (v as object) && (value.length === 0 || equal((v as Record<string, unknown>)[key], value[0])),
    );
  }
  toThrow(expected?: unknown): unknown {
    if (this.awaits === "rejects") return this.check("toThrow", [], (e) => fits(e, expected));
    let error: unknown = none;
    try {
      (this.value as () => unknown)();
    } catch (e) {
      error = e;
    }
    return this.hold("toThrow", error === none ? "nothing" : error, [], () => error !== none && fits(error, expected));
  }
  toThrowError(expected?: unknown): unknown {
    return this.toThrow(expected);
  }
  toThrowErrorMatchingInlineSnapshot(): unknown {
    return this.toThrow();
  }
}

const none = Symbol("none");

function fits(error: unknown, expected: unknown): boolean {
  const text = String((error as Error | null)?.message ?? error);
  if (expected === undefined) return true;
  if (typeof expected === "string") return text.includes(expected);
  if (expected instanceof RegExp) return expected.test(text);
  if (typeof expected === "function") return error instanceof (expected as new () => unknown);
  return text === (expected as Error).message;
}

export const expect = Object.assign((value: unknown): Expectation => new Expectation(value), {
  any: (type: Function) => new Any(type),
  assertions: (): void => {},
  unreachable: (): never => {
    throw new Error("unreachable");
  },
});

/** Mocks are not stood in for: tests that use them fail all the same way. */
export const vi = {};
