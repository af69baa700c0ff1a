/** Stands in for tape: what the suites use of it. */
const { deepStrictEqual, deepEqual } = require("node:assert") as typeof import("node:assert");
const { inspect } = require("node:util") as typeof import("node:util");
const { add, asserted, atEnd, start } = require("../harness.ts") as typeof import("../harness.ts");

type Callback = (t: Test) => unknown;

class Test {
  private planned = -1;
  private made = 0;
  private problems: string[] = [];
  private finish: (() => void)[] = [];
  private over!: () => void;
  readonly ended: Promise<void>;

  constructor() {
    this.ended = new Promise((resolve) => (this.over = resolve));
  }

  plan(n: number): void {
    this.planned = n;
    if (n === 0) this.end();
  }
  end(error?: unknown): void {
    if (error) this.problems.push(String(error));
    const { finish } = this;
    this.finish = [];
    for (const f of finish) f();
    this.over();
  }
  on(_event: string, f: () => void): void {
    this.finish.push(f);
  }
  onFinish(f: () => void): void {
    this.finish.push(f);
  }
  comment(): void {}
  skip(): void {}
  failed(): string[] {
    if (this.planned >= 0 && this.made !== this.planned)
      this.problems.push(`${this.made} of ${this.planned} assertions`);
    return this.problems;
  }

  check(fine: boolean, what: string, values: unknown[]): void {
    this.made++;
    asserted(
      `${what} ${String(fine)} ${inspect(values, { depth: 4 })
        .slice(0, 500)
        .replaceAll(/\n\s+at .*/g, "")}`,
    );
    if (!fine) this.problems.push(`${what} ${inspect(values)}`);
    if (this.made === this.planned) this.end();
  }
  ok(x: unknown, message?: unknown): void {
    this.check(Boolean(x), "ok", [message]);
  }
  notOk(x: unknown): void {
    this.check(!x, "notOk", [x]);
  }
  equal(a: unknown, b: unknown): void {
    this.check(Object.is(a, b) || a === b, "equal", [a, b]);
  }
  notEqual(a: unknown, b: unknown): void {
    this.check(!Object.is(a, b), "notEqual", [a, b]);
  }
  same(a: unknown, b: unknown): void {
    this.check(passes(() => deepStrictEqual(a, b)) || passes(() => deepEqual(a, b)), "same", [a, b]);
  }
  notSame(a: unknown, b: unknown): void {
    this.check(!passes(() => deepStrictEqual(a, b)), "notSame", [a, b]);
  }
  error(e: unknown): void {
    this.check(!e, "error", [e]);
  }
  pass(message?: string): void {
    this.check(true, "pass", [message]);
  }
  fail(message?: string): void {
    this.check(false, "fail", [message]);
  }
  match(text: string, pattern: RegExp): void {
    this.check(pattern.test(text), "match", [text]);
  }
  throws(f: () => void, expected?: RegExp | Function): void {
    let error: unknown;
    let threw = false;
    try {
      f();
    } catch (e) {
      threw = true;
      error = e;
    }
    const fits =
      expected instanceof RegExp
        ? expected.test(String((error as Error)?.message ?? error)) || expected.test(String(error))
        : true;
    this.check(threw && fits, "throws", [String(error)]);
  }
  doesNotThrow(f: () => void): void {
    this.check(passes(f), "doesNotThrow", []);
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

const proto = Test.prototype as unknown as Record<string, unknown>;
for (const [alias, name] of Object.entries({
  assert: "ok",
  true: "ok",
  false: "notOk",
  equals: "equal",
  is: "equal",
  strictEqual: "equal",
  strictEquals: "equal",
  isNot: "notEqual",
  notStrictEqual: "notEqual",
  deepEqual: "same",
  notDeepEqual: "notSame",
  ifError: "error",
}))
  proto[alias] = proto[name];

function tape(name: string, ...rest: unknown[]): void {
  const callback = rest.at(-1) as Callback;
  const options = rest.length > 1 ? (rest[0] as { skip?: boolean }) : {};
  if (options.skip === true) return;
  add(name, async () => {
    const t = new Test();
    let promised = false;
    await start(() => {
      const returned = callback(t) as PromiseLike<unknown> | undefined;
      promised = typeof returned?.then === "function";
      return returned;
    });
    // The end of an async test is its promise.
    if (promised) t.end();
    await t.ended;
    const problems = t.failed();
    if (problems.length > 0) throw new Error(problems.join("; "));
  });
}
tape.test = tape;
tape.skip = (): void => {};
tape.only = tape;
tape.onFinish = atEnd;

module.exports = tape;
