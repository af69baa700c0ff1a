/** GODEBUG=schedtrace: Go's lines, on time, with numbers that are true. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { schedTrace } from "@gort/devtools";
import { UserProject } from "../../../scripts/testing/user-project.ts";

/** Each of these programs lasts as many times as long as it is told. */
const app = `import { chan, go, lockOSThread, sleep } from "gort";
function burn(ms: number): void { const end = performance.now() + ms; while (performance.now() < end); }
function waiter(c: ReturnType<typeof chan<number>>): void { c.recv(); }
const times = Number(process.argv[2]);
export function main(): void {
  const c = chan<number>();
  for (let i = 0; i < 3; i++) go(waiter, c);
  go(() => { lockOSThread(); c.recv(); });
  go(() => { burn(600 * times); });
  go(() => { burn(600 * times); });
  sleep(800 * times);
}`;

let project: UserProject;
beforeAll(() => {
  project = new UserProject({ "app.ts": app });
});
afterAll(() => project[Symbol.dispose]());

// Some run more than once.
vi.setConfig({ testTimeout: 120_000 });

/**
 * Runs it; again, and each time for twice as long, while its lines are not `enough`: on a busy machine a program can be over before the thread
 * that prints them is up.
 */
async function run(
  env: Record<string, string>,
  enough: (stderr: string) => boolean,
  file: string = "app.ts",
): Promise<{ status: number | string; stderr: string }> {
  for (let times = 1; ; times *= 2) {
    const args = [project.path("node_modules/.bin/gort"), "run", file, String(times)];
    const done = await project.type("node", args, env);
    if (times === 8 || enough(done.stderr)) return done;
  }
}

const count = (text: string, part: string): number => text.split(part).length - 1;

const parallelApp = `import { chan, go, parallel, sleep, WaitGroup, type Chan } from "gort";
import { execSync } from "node:child_process";
const waiter = parallel((c: Chan<number>, wg: WaitGroup) => {
  const end = performance.now() + 30; while (performance.now() < end);
  wg.done();
  go(() => { sleep(60_000); });
  c.recv();
});
const burn = parallel((ms: number, wg: WaitGroup) => { const end = performance.now() + ms; while (performance.now() < end); wg.done(); });
const times = Number(process.argv[2]);
export function main(): void {
  const [c, wg] = [chan<number>(), new WaitGroup()];
  // Until other threads have their share.
  for (let i = 0; i < 12; i++) { wg.add(1); go(waiter, c, wg); }
  wg.wait();
  sleep(600 * times);
  for (let i = 0; i < 8; i++) { wg.add(1); go(burn, 150 * times, wg); }
  wg.wait();
  execSync("true");
  sleep(600 * times);
}`;

const line =
  /^SCHED (\d+)ms: gomaxprocs=2 idleprocs=([012]) threads=[23] spinningthreads=0 idlethreads=0 runqueue=(\d+) \[(\d+) 0\]$/;
const late = /^ {2}# M0 has not come to a switch for \d+ms: its numbers are those of the last one$/;

test("schedtrace: a line each time, in Go's form", async () => {
  const { status, stderr } = await run(
    { GODEBUG: "schedtrace=50", GOMAXPROCS: "2" },
    (text) => count(text, "idleprocs=1") > 4,
  );
  expect(status).toBe(0);
  const lines = stderr.trimEnd().split("\n");
  const numbers = lines.filter((l) => !late.test(l)).map((l) => line.exec(l) ?? l);
  for (const m of numbers) expect(m).toBeInstanceOf(Array);
  expect(numbers.length).toBeGreaterThan(4);
  const times = numbers.map((m) => Number(m[1]));
  expect(times.toSorted((a, b) => a - b)).toEqual(times);
  // Two compute: one of them runs, and one is queued.
  const busy = numbers.filter((m) => m[2] === "1" && Number(m[3]) + Number(m[4]) === 1);
  expect(busy.length).toBeGreaterThan(0);
});

test("scheddetail: every P, M and goroutine", async () => {
  const { stderr } = await run({ GODEBUG: "schedtrace=200,scheddetail=1", GOMAXPROCS: "2" }, (text) =>
    text.includes("status=2()"),
  );
  const prints = stderr.split(/^(?=SCHED)/m).filter((t) => t.includes("chan receive"));
  expect(prints.length).toBeGreaterThan(0);
  const shape = [
    /^SCHED \d+ms: gomaxprocs=2 idleprocs=\d threads=\d spinningthreads=0 idlethreads=0 runqueue=\d+ gcwaiting=0 nmidlelocked=0 stopwait=0 sysmonwait=[01]$/,
    /^ {2}P\d+: status=[01] schedtick=\d+ syscalltick=\d+ m=-?\d+ runqsize=\d+ gfreecnt=0 timerslen=\d+$/,
    /^ {2}M\d+: p=-?\d+ curg=-?\d+ mallocing=0 throwing=0 preemptoff= locks=0 dying=0 spinning=false blocked=(?:true|false) lockedg=-?\d+$/,
    /^ {2}G\d+: status=\d\([^)]*\) m=-?\d+ lockedm=-?\d+$/,
    late,
  ];
  expect(
    prints
      .join("")
      .trimEnd()
      .split("\n")
      .filter((text) => !shape.some((s) => s.test(text))),
  ).toEqual([]);
  const all = prints.join("");
  expect(all).toMatch(/^ {2}G1: status=4\(sleep\) m=-1 lockedm=-1$/m);
  expect(all).toMatch(/^ {2}G2: status=4\(chan receive\) m=-1 lockedm=-1$/m);
  expect(all).toMatch(/^ {2}G5: status=4\(chan receive\) m=-1 lockedm=0$/m);
  // Who runs on M0 is the goroutine that says so.
  const running = /M0: p=0 curg=(\d+)[^]*?\n {2}G\1: status=2\(\) m=0/.exec(all);
  expect(running).not.toBeNull();
});

test("scheddetail: the goroutines of every thread, and the numbers of every P", async () => {
  project.write({ "parallel.ts": parallelApp });
  const split = (text: string): string[] => text.split(/^(?=SCHED)/m);
  // At the end of their sleep somebody may be seen awake; and a thread that has not answered yet counts whom it had when it last did.
  const asleep = (text: string): boolean =>
    text.includes(" goroutines=25 ") && count(text, "status=4(sleep)") === 13 && text.includes("syscalltick=1 ");
  const elsewhere = /^ {2}G\d+: status=2\(\) m=[1-9]/m;
  const { status, stderr } = await run(
    { GORT_DEBUG: "schedtrace=100,scheddetail=1", GOMAXPROCS: "2" },
    (text) => split(text).some(asleep) && elsewhere.test(text),
    "parallel.ts",
  );
  expect(status).toBe(0);
  const prints = split(stderr);
  const last = prints.findLast(asleep) ?? stderr;
  // Main, twelve that wait for the channel, and what each of them has started.
  const lines = last.split("\n").filter((l) => /^ {2}G\d/.test(l));
  expect(lines.filter((l) => l.includes("status=4(chan receive)")).length).toBe(12);
  expect(lines.filter((l) => l.includes("status=4(sleep)")).length).toBe(13);
  const ids = lines.map((l) => Number(/G(\d+)/.exec(l)![1]));
  expect(new Set(ids).size).toBe(25);
  expect(ids.toSorted((a, b) => a - b)).toEqual(ids);
  for (const l of lines.filter((l) => l.includes("chan receive"))) expect(l).toMatch(/ stack=[1-9]\d*$/);
  // Someone has computed on another thread, and was seen there; the others waited in queues.
  const busy = prints.filter((t) => elsewhere.test(t));
  expect(busy.length).toBeGreaterThan(0);
  for (const t of busy) {
    const [, g, m] = /^ {2}G(\d+): status=2\(\) m=([1-9]\d*)/m.exec(t)!;
    expect(t).toMatch(new RegExp(`^ {2}M${m}: p=-?\\d+ curg=${g} `, "m"));
  }
  expect(prints.join("")).toMatch(/^ {2}G\d+: status=1\(\) m=-1 lockedm=-1/m);
  // A thread that is just being asked has a P for that moment.
  expect(prints.join("")).toMatch(/^ {2}P[01]: status=0 schedtick=\d+ syscalltick=1 /m);
  // What has been counted for a P stays.
  const ticks = prints.slice(1).map((t) => [...t.matchAll(/schedtick=(\d+)/g)].reduce((n, m) => n + Number(m[1]), 0));
  expect(ticks.toSorted((a, b) => a - b)).toEqual(ticks);
});

test("GORT_DEBUG has the sizes of stacks too", async () => {
  const { stderr } = await run({ GORT_DEBUG: "schedtrace=200,scheddetail=1" }, (text) => text.includes("SCHED"));
  expect(stderr).toMatch(/^SCHED .* goroutines=\d+ stackbytes=\d+$/m);
  expect(stderr).toMatch(/^ {2}G2: status=4\(chan receive\) m=-1 lockedm=-1 stack=80$/m);
});

test("on time while the thread is in code that cannot be asked, and says so", async () => {
  project.write({
    "busy.ts": `import { go, sleep, chan } from "gort";
      import { execSync } from "node:child_process";
      export function main(): void {
        go(() => { chan<number>().recv(); });
        sleep(100);
        execSync("sleep " + 0.6 * Number(process.argv[2]));
        sleep(100);
      }`,
  });
  const { stderr } = await run({ GODEBUG: "schedtrace=50" }, (text) => count(text, "# M0") > 2, "busy.ts");
  expect(stderr.split("\n").filter((l) => late.test(l)).length).toBeGreaterThan(2);
});

test("schedTrace, from the program", async () => {
  project.write({
    "own.ts": `import { sleep } from "gort";
      import { schedTrace } from "@gort/devtools";
      export function main(): void {
        { using _ = schedTrace(20); sleep(300 * Number(process.argv[2])); }
        console.error("over");
        sleep(100);
      }`,
  });
  const { stderr } = await run({}, (text) => text.includes("SCHED"), "own.ts");
  expect(stderr).toMatch(/^SCHED /);
  expect(
    stderr
      .trimEnd()
      .split("\n")
      .slice(stderr.split("\n").indexOf("over") + 2),
  ).toEqual([]);
});

test("schedTrace without a number of milliseconds: refused, where it printed without a pause", () => {
  for (const ms of [Number.NaN, "20" as never]) expect(() => schedTrace(ms)).toThrow("schedTrace: wants milliseconds");
});
