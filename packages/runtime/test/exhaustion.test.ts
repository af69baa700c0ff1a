/** The end of threads: Go's words, before there are more than a program may have. */
import { expect, test } from "vitest";
import { host } from "../src/internal/host.ts";
import { blocking, go, gomaxprocs, parallel } from "../src/index.ts";
import { G_NMS, M_MAX } from "../src/shared/layout.ts";
import { X } from "../src/shared/region.ts";
import { seq } from "./frames.ts";

test("a blocking call for which there can be no thread any more", async () => {
  gomaxprocs(1); // no thread but those for calls
  // What the compiler writes.
  const f = (parallel as (f: () => number, id: string, url: string) => () => number)(() => 1, "t#f#0", "file:///t.ts");
  let said = "";
  const ended = new Promise<number>((resolve) => {
    host.stderr = (text) => void (said += text);
    host.exit = resolve;
  });
  go(
    seq(
      () => go(f).join(),
      () => {
        X.I[G_NMS >> 2] = M_MAX;
        blocking(f);
      },
    ),
  );
  expect(await ended).toBe(2);
  expect(said).toMatch(/^runtime: program exceeds 10000-thread limit\nfatal error: thread exhaustion\n/);
});
