/** A crowd of goroutines: looked at grouped and in full, while the program goes on. */
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";
import { Running } from "./running.ts";

/** 1e6 where it is asked for (nightly), a tenth otherwise. */
const COUNT = Number(process.env["GORT_SCALE"] ?? 100_000);

const app = `import { chan, go, setName, sleep, withLabels, type Chan } from "gort";
function inner(c: Chan<number>): void { c.recv(); }
function left(c: Chan<number>): void { inner(c); }
function right(c: Chan<number>): void { inner(c); }
function labelled(c: Chan<number>, k: string): void { withLabels({ k }, () => { inner(c); }); }
const kept: Chan<number>[] = [];
export function main(): void {
  const c = chan<number>();
  kept.push(c);
  const n = ${COUNT};
  for (let i = 0; i < n; i++) {
    if (i % 10 === 9) go(labelled, c, String(i % 4));
    else if (i % 2 === 0) go(left, c);
    else go(right, c);
  }
  go(() => { setName("clock"); for (;;) sleep(5); });
  sleep(1);
  console.log("ready");
  sleep(1e8);
}`;

/** The bound of the project is 5 s for a million on a quiet machine; here it only must not hang. */
test(`${COUNT} parked goroutines: grouped, by label, in full`, { timeout: 120_000 }, async () => {
  using project = new UserProject({ "app.ts": app });
  using program = await Running.start(project, "app.ts");
  const start = performance.now();
  const { text } = await program.get("goroutine?debug=1");
  const took = performance.now() - start;
  expect(text).toMatch(new RegExp(`^goroutine profile: total ${COUNT + 2}\n`));
  const counts = [...text.matchAll(/^(\d+) @/gm)].map((m) => Number(m[1]));
  // left, right, labels 1 and 3 of every tenth, main, the clock.
  expect(counts).toEqual([COUNT / 2, (COUNT * 4) / 10, COUNT / 20, COUNT / 20, 1, 1]);
  expect(text.match(/^# labels: \{"k":"[13]"\}$/gm)).toHaveLength(2);
  expect(text).toContain(`# labels: {"name":"clock"}`);
  expect(took).toBeLessThan(30_000);
  const dump = await program.get("goroutine?debug=2");
  expect(dump.status).toBe(200);
  // In the order of creation, cut at 64 MB as Go's.
  const ids = [...dump.text.matchAll(/^goroutine (\d+) \[/gm)].map((m) => Number(m[1]));
  expect(ids.length).toBeGreaterThan(Math.min(COUNT, 100_000) * 0.99);
  expect(ids.every((id, i) => i === 0 || id > ids[i - 1]!)).toBe(true);
  expect(dump.text.length).toBeLessThan(65 << 20);
  expect(JSON.parse((await program.get("top.json")).text)).toMatchObject({ stats: { goroutines: COUNT + 2 } });
});

const flood = `import { exec } from "gort/exec";
export function main(): void {
  try {
    exec(process.execPath, ["-e", "const b = Buffer.alloc(1e6, 120); let n = 700; (function on() { if (n-- > 0) process.stdout.write(b, on); })()"]);
  } catch (e) {
    const { name, code, op } = e as Error & { code: string; op: string };
    console.log(name, code, op);
  }
}`;

/** Takes a gigabyte for a moment: nightly. */
test.runIf(COUNT >= 1_000_000)("a program that prints more than a string holds", { timeout: 120_000 }, async () => {
  using project = new UserProject({ "app.ts": flood });
  const done = await project.gort("run", "app.ts");
  expect(done).toMatchObject({ status: 0, stdout: "ExecError ERR_STRING_TOO_LONG read\n" });
});
