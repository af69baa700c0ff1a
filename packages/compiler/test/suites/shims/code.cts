/** Stands in for code: `expect(x).to.not.deep.equal(y)` and what else the suites use. */
const { deepEqual, deepStrictEqual } = require("node:assert") as typeof import("node:assert");
const { inspect } = require("node:util") as typeof import("node:util");
const { asserted } = require("../harness.ts") as typeof import("../harness.ts");

class Expectation {
  private negated = false;
  private isDeep = false;
  private readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }

  get to(): this {
    return this;
  }
  get be(): this {
    return this;
  }
  get a(): this {
    return this;
  }
  get an(): this {
    return this;
  }
  get and(): this {
    return this;
  }
  get not(): this {
    this.negated = !this.negated;
    return this;
  }
  get deep(): this {
    this.isDeep = true;
    return this;
  }

  private check(fine: boolean, what: string, ...others: unknown[]): void {
    const right = fine !== this.negated;
    const said = `${what} ${inspect([this.value, ...others], { depth: 4 })
      .replaceAll(/\n\s+at .*/g, "")
      .slice(0, 500)}`;
    asserted(`${String(right)} ${said}`);
    if (!right) throw new Error(said);
  }
  equal(other: unknown): void {
    this.check(
      this.isDeep
        ? passes(() => deepStrictEqual(this.value, other)) || passes(() => deepEqual(this.value, other))
        : this.value === other,
      "equal",
      other,
    );
  }
  true(): void {
    this.check(this.value === true, "true");
  }
  false(): void {
    this.check(this.value === false, "false");
  }
  exist(): void {
    this.check(this.value !== null && this.value !== undefined, "exist");
  }
  string(): void {
    this.check(typeof this.value === "string", "string");
  }
  above(n: number): void {
    this.check((this.value as number) > n, "above", n);
  }
  contain(part: unknown): void {
    const all = Array.isArray(part) ? part : [part];
    const { value } = this;
    const has = (x: unknown): boolean =>
      typeof value === "string"
        ? value.includes(String(x))
        : Array.isArray(value)
          ? value.some((v) => passes(() => deepStrictEqual(v, x)))
          : x !== null && typeof x === "object"
            ? Object.entries(x).every(([k, v]) =>
                passes(() => deepStrictEqual((value as Record<string, unknown>)[k], v)),
              )
            : Object.hasOwn(value as object, x as string);
    this.check(all.every(has), "contain", part);
  }
  throw(...expected: unknown[]): void {
    let error: unknown;
    let threw = false;
    try {
      (this.value as () => void)();
    } catch (e) {
      threw = true;
      error = e;
    }
    const message = expected.find((e) => typeof e === "string" || e instanceof RegExp);
    const text = String((error as Error | undefined)?.message);
    const fits =
      message === undefined || (typeof message === "string" ? text === message : (message as RegExp).test(text));
    this.check(threw && fits, "throw", text);
  }
}

function passes(f: () => void): boolean {
  try {
    f();
    return true;
  } catch {
    return false;
  }
}

exports.expect = (value: unknown) => new Expectation(value);
