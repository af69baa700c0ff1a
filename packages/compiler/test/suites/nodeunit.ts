/** What a nodeunit file exports: functions of an object to assert with, in groups. */
import { deepEqual } from "node:assert";
import { inspect } from "node:util";
import { add, asserted, start } from "./harness.ts";

class Assert {
  failed: string[] = [];
  private check(fine: boolean, what: string, ...values: unknown[]): void {
    asserted(`${what} ${String(fine)} ${inspect(values)}`);
    if (!fine) this.failed.push(`${what} ${inspect(values)}`);
  }
  ok(x: unknown): void {
    this.check(Boolean(x), "ok", x);
  }
  // oxlint-disable-next-line eqeqeq -- as nodeunit and node:assert have it
  equal(a: unknown, b: unknown): void {
    this.check(a == b, "equal", a, b);
  }
  deepEqual(a: unknown, b: unknown): void {
    deepEqual(a, b);
    this.check(true, "deepEqual", a);
  }
  done(): void {}
}

export function nodeunit(exported: object, prefix = ""): void {
  for (const [name, value] of Object.entries(exported)) {
    if (typeof value !== "function") {
      nodeunit(value as object, `${prefix}${name} > `);
      continue;
    }
    add(prefix + name, async () => {
      const assert = new Assert();
      await start(() => (value as (assert: Assert) => unknown)(assert));
      if (assert.failed.length > 0) throw new Error(assert.failed.slice(0, 5).join("; "));
    });
  }
}
