/** gort top: what it shows, of a program that runs and of one it starts. */
import { expect, test } from "vitest";
import { existsSync } from "node:fs";
import { type Outcome, UserProject } from "../../../scripts/testing/user-project.ts";
import { fit, renderTop, short } from "../src/top/render.ts";
import type { TopSnapshot } from "../src/top/snapshot.ts";
import { Running } from "./running.ts";

const app = `import { chan, go, sleep, withLabels } from "gort";
function waiter(c: ReturnType<typeof chan<number>>): void { c.recv(); }
export function main(): void {
  const c = chan<number>();
  for (let i = 0; i < 7; i++) go(waiter, c);
  go(() => { withLabels({ role: "ticker" }, () => { for (;;) sleep(2); }); });
  console.log("ready");
  sleep(1e8);
}`;

const shape = [
  /^gort top {2}.*app\.ts {2}pid \d+ {2}up \d+s$/,
  /^CPU \d+% {3}RSS [\d.]+ MB {3}heap [\d.]+ MB {3}stacks [\d.]+ MB$/,
  /^Ps \d+ {3}Ms \d {3}runnable: global \d+, local \[\d+\](?: \(idle\))? {3}timers \d+$/,
  /^goroutines 9 \(most 9, created 9\): waiting \d.*$/,
  /^waiting for: chan receive 7(?:, sleep \d)?$/,
  /^a second: switches [\d.]+k?\/s {3}created 0\/s {3}preemptions \d+\/s {3}slices [\d.]+k?\/s {3}turns [\d.]+k?\/s {3}steals 0\/s {3}hand-offs 0\/s$/,
  /^$/,
  /^ {2}COUNT {2}WAITS FOR {12}WHERE$/,
  /^ {6}7 {2}chan receive {9}waiter app\.ts:2$/,
];

function expectShape(stdout: string): void {
  const lines = stdout.trimEnd().split("\n");
  for (const [i, line] of shape.entries()) expect(lines[i]).toMatch(line);
  expect(stdout).toMatch(/\{role=ticker\}/);
  // A ticker of 2 ms, or less often where much else runs, and what answering takes.
  const [, switches] = /switches ([\d.]+)\/s/.exec(stdout) ?? [];
  expect(Number(switches)).toBeGreaterThan(0);
  expect(Number(switches)).toBeLessThan(600);
}

test("--once: one screen of a program that runs", async () => {
  using project = new UserProject({ "app.ts": app });
  using program = await Running.start(project, "app.ts");
  const done = await project.gort("top", new URL(program.url).host, "--once");
  expect(done).toMatchObject({ stderr: "", status: 0 });
  expectShape(done.stdout);
});

/** In a terminal of util-linux's `script`: 80 by 24, or of no size that it knows. */
test.skipIf(!existsSync("/usr/bin/script"))(
  "in a terminal: --once behind the address is one screen, a program that ends ends it",
  async () => {
    using project = new UserProject({ "app.ts": app });
    const typed = (command: string, told?: (stdout: string) => void): Promise<Outcome> =>
      project.type("script", ["-qec", command, "/dev/null"], {}, told);
    const gort = `'${process.execPath}' node_modules/.bin/gort`;
    {
      using program = await Running.start(project, "app.ts");
      const once = await typed(`stty cols 80 rows 24; ${gort} top ${new URL(program.url).host} --once`);
      expect(once.status).toBe(0);
      expect(once.stdout).not.toContain("\x1b[?1049h");
      expect(once.stdout).toContain("waiting for: chan receive 7");
    }
    for (const size of ["cols 80 rows 24", "cols 0 rows 0"]) {
      using program = await Running.start(project, "app.ts");
      const live = await typed(`stty ${size}; ${gort} top ${new URL(program.url).host}`, (stdout) => {
        if (stdout.includes("waiting for: chan receive 7")) program.child.kill();
      });
      expect(live.status).toBe(1);
      expect(live.stdout).toContain("waiting for: chan receive 7");
      expect(live.stdout.split("\x1b[?1049l")[1]).toMatch(/The program has ended\.\r\n$/);
    }
  },
);

test("a file is started, looked at and ended", async () => {
  using project = new UserProject({ "app.ts": app });
  const done = await project.gort("top", "--once", "app.ts");
  expect(done).toMatchObject({ stderr: "", status: 0 });
  expectShape(done.stdout);
});

test("what cannot be looked at is said", async () => {
  using project = new UserProject({ "app.ts": "export function main(): void { throw new Error('at once'); }" });
  expect(await project.gort("top", "1", "--once")).toMatchObject({
    status: 1,
    stderr:
      "gort: http://localhost:1/debug/pprof/top.json: nobody listens there. Start the program with: gort run --pprof app.ts\n",
  });
  expect((await project.gort("top", "a:b:c")).stderr).toMatch(/^gort: gort top takes \[HOST:\]PORT/);
  expect((await project.gort("top", "--interval", "0")).stderr).toMatch(/^gort: --interval takes seconds/);
});

test("a screen is as wide and as high as the terminal", () => {
  const snapshot = {
    pid: 1,
    program: "/a/very/long/folder/of/a/program/app.ts",
    uptime: 3700,
    rss: 3 << 29,
    heapUsed: 1 << 20,
    cpu: 1,
    threads: 2,
    stats: {
      goroutines: 1_234_567,
      states: { waiting: 1_234_560, runnable: 7 },
      reasons: { "chan receive": 1_234_560 },
      created: 2e6,
      maxAlive: 1_300_000,
      switches: 0,
      globalQueue: 5,
      localQueues: [2, 0],
      timers: 0,
      slices: 0,
      preemptions: 0,
      turns: 0,
      steals: 0,
      handoffs: 0,
      gomaxprocs: 2,
      stackBytes: 0,
    },
    groups: Array.from({ length: 50 }, () => ({
      count: 5,
      state: "",
      stack: ["f /x/y.ts:3", "g /x/y.ts:4"],
      labels: null,
    })),
  } as unknown as TopSnapshot;
  const plain = (text: string): string => text;
  for (const [columns, rows] of [
    [10, 5],
    [30, 8],
    [1, 1],
    [60, 24],
  ] as const) {
    const small = renderTop(snapshot, null, { columns, rows, bold: plain, dim: plain });
    expect(small.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
    for (const line of small) expect(line.length).toBeLessThanOrEqual(columns);
  }
  const lines = renderTop(snapshot, null, { columns: 60, rows: 20, bold: plain, dim: plain });
  expect(lines.length).toBeLessThan(20);
  for (const [i, line] of lines.entries()) if (i !== 5) expect(line.length).toBeLessThanOrEqual(60);
  expect(lines[3]).toBe("goroutines 1.2M (most 1.3M, created 2.0M): waiting 1.2M, ru…");
  expect(lines[8]).toBe("      5  ready                f y.ts:3 < g y.ts:4");
  expect([0, 999, 1000, 99_950, 999_499, 1e6].map(short)).toEqual(["0", "999", "1.0k", "100k", "999k", "1.0M"]);
  expect([fit("abc", 3), fit("abcd", 3), fit("ab", 1)]).toEqual(["abc", "ab…", "a"]);
});
