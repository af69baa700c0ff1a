import { expect, test } from "vitest";
import { gosched, sleep } from "../src/index.ts";
import { goTest } from "../src/testing/index.ts";
import { seq } from "./frames.ts";

const seen: unknown[] = [];

test(
  "a body that blocks",
  goTest(
    seq(
      () => sleep(1),
      () => gosched(),
      () => expect(seen.push("blocked and went on")).toBe(1),
    ),
  ),
);

test("the test waited for it", () => {
  expect(seen).toEqual(["blocked and went on"]);
});

test.fails(
  "a body that throws after it blocked",
  goTest(
    seq(
      () => sleep(1),
      () => expect("from a goroutine").toBe("something else"),
    ),
  ),
);

test("what a runner reads of a body: its name, and the fixtures in its text", () => {
  const body = goTest(function named({ page }: { page: string }): string {
    return page;
  });
  expect(body.name).toBe("named");
  expect(String(body)).toContain("{ page }");
});
