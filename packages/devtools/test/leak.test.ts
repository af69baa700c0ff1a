/** Goroutines that nothing can wake: found, reported once, reclaimed; all others are left alone. */
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";
import { hasGo, Running, soon, topOf } from "./running.ts";
import { writeFileSync } from "node:fs";

const app = `import { background, chan, Cond, go, gosched, Mutex, nilChan, numGoroutine, run, select, setName, sleep, stats, timeout, wait, WaitGroup,
  withCancel, withLabels, type Chan } from "gort";
import { findLeaked, goroutineGrowth } from "@gort/devtools";

function receive(c: Chan<number>): void { try { c.recv(); } finally { console.log("finally ran"); } }
const reachable = chan<number>();
const kept: unknown[] = [];

/** Each of these is lost. */
function leak(): void {
  for (let i = 0; i < 3; i++) go(receive, chan<number>());
  // One that has been preempted.
  go(() => { const { preemptions } = stats(); while (stats().preemptions === preemptions); chan<number>().send(1); });
  go(() => { nilChan<number>().recv(); });
  go(() => { select(); });
  go(() => { select({ a: chan<number>(), b: chan<number>() }); });
  go(() => { const mu = new Mutex(); mu.lock(); mu.lock(); });
  go(() => { const wg = new WaitGroup(); wg.add(1); wg.wait(); });
  go(() => { const mu = new Mutex(); const cond = new Cond(mu); mu.lock(); cond.wait(); });
  go(() => { wait(new Promise(() => {})); });
  go(() => { setName("named"); withLabels({ k: "v" }, () => { chan<number>().recv(); }); });
  // Two that wait for each other.
  const [a, b] = [chan<number>(), chan<number>()];
  go(() => { a.recv(); b.send(1); });
  go(() => { b.recv(); a.send(1); });
}
/** None of these is. */
function keep(): void {
  go(() => { reachable.recv(); });
  go(() => { sleep(1e8); });
  go(() => { select({ t: timeout(1e8), c: chan<number>() }); });
  const [ctx, cancel] = withCancel(background());
  kept.push(cancel);
  go(() => { try { chan<number>().recv(ctx); } catch {} });
  kept.push(go(() => { chan<number>().recv(); }));
  let resolve = (): void => {};
  const p = new Promise<void>((r) => { resolve = r; });
  kept.push(() => resolve());
  go(() => { wait(p); });
  run(() => { chan<number>().recv(); }).catch(() => {});
}
function grow(): void { for (let i = 0; i < 5; i++) go(() => { reachable.recv(); }); }
/** Until all of them wait. */
function settle(): void { do gosched(); while (stats().states["runnable"] !== undefined); }
export function main(): void {
  keep();
  leak();
  settle();
  sleep(20);
  const before = numGoroutine();
  goroutineGrowth();
  const leaks = wait(findLeaked());
  console.log("found", leaks.reduce((n, l) => n + l.count, 0), "of", before, "left", numGoroutine());
  for (const l of leaks) console.log(l.count, l.state, "|", l.stack[0]?.replace(/\\/.*\\//, ""), "|", l.createdBy.replace(/\\/.*\\//, ""), l.age >= 10 && l.age < 60000, JSON.stringify(l.labels), l.ids.length);
  console.log(leaks.find((l) => l.count === 3)?.text.replace(/\\/.*\\//g, ""));
  console.log("again", wait(findLeaked()).length);
  grow();
  const [most] = goroutineGrowth();
  console.log("grown", most?.growth, most?.count, most?.createdBy.replace(/\\/.*\\//, ""));
  // Those that are left still work.
  reachable.send(1);
  settle();
  console.log("left", numGoroutine());
  console.log(leaks.find((l) => l.labels !== null)?.text.split("\\n")[0]);
  process.exit(0);
}
`;

test("leaks of every kind are found once; what can be woken is not touched", async () => {
  using project = new UserProject({ "app.ts": app });
  for (const force of ["", "1"]) {
    const done = await project.type("node", [project.path("node_modules/.bin/gort"), "run", "app.ts"], {
      GORT_FORCE: force,
    });
    expect(done.stderr).toBe("");
    const lines = done.stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("found 14 of 22 left 8");
    const shown = lines.slice(1, 13).map((l) => l.replace(/:\d+:\d+\)/g, ")"));
    expect(shown.toSorted()).toEqual(
      [
        "3 chan receive | receive (app.ts) | leak (app.ts) true null 3",
        "1 chan send | leak.func1 (app.ts) | leak (app.ts) true null 1",
        "1 chan receive (nil chan) | leak.func2 (app.ts) | leak (app.ts) true null 1",
        "1 select (no cases) | leak.func3 (app.ts) | leak (app.ts) true null 1",
        "1 select | leak.func4 (app.ts) | leak (app.ts) true null 1",
        "1 sync.Mutex.Lock | leak.func5 (app.ts) | leak (app.ts) true null 1",
        "1 sync.WaitGroup.Wait | leak.func6 (app.ts) | leak (app.ts) true null 1",
        "1 sync.Cond.Wait | leak.func7 (app.ts) | leak (app.ts) true null 1",
        "1 promise | leak.func8 (app.ts) | leak (app.ts) true null 1",
        `1 chan receive | leak.func9.func1 (app.ts) | leak (app.ts) true {"name":"named","k":"v"} 1`,
        "1 chan receive | leak.func10 (app.ts) | leak (app.ts) true null 1",
        "1 chan receive | leak.func11 (app.ts) | leak (app.ts) true null 1",
      ].toSorted(),
    );
    const text = lines.slice(13, 18).join("\n");
    expect(text).toMatch(
      /^goroutine \d+ \[chan receive \(leaked\)\]:\nreceive\(\.\.\.\)\n\tapp\.ts:5:\d+\ncreated by leak in goroutine 1\n\tapp\.ts:11:\d+$/,
    );
    expect(lines[18]).toBe("again 0");
    expect(lines[19]).toMatch(/^grown 5 5 grow \(app\.ts:42:\d+\)$/);
    expect(lines[20]).toBe("left 12");
    expect(lines[21]).toMatch(/^goroutine \d+ \[chan receive \(leaked\)\] \{"k":"v", "name":"named"\}:$/);
    expect(done.stdout).not.toContain("finally ran");
  }
});

test("goroutineleak: a profile and two texts", async () => {
  const server = `import { chan, go, gosched, sleep, stats } from "gort";
    function lost(): void { chan<number>().recv(); }
    export function main(): void {
      for (let i = 0; i < 40; i++) go(lost);
      do gosched(); while (stats().states["runnable"] !== undefined);
      console.log("ready");
      for (;;) { for (let i = 0; i < 4; i++) go(lost); sleep(50); }
    }`;
  using project = new UserProject({ "app.ts": server });
  using program = await Running.start(project, "app.ts");
  const { text } = await program.get("goroutineleak?debug=1");
  const [, total = "0"] = /^goroutineleak profile: total (\d+)\n/.exec(text) ?? [];
  expect(Number(total)).toBeGreaterThanOrEqual(40);
  expect(text).toMatch(
    new RegExp(`\\n${total} @( 0x[0-9a-f]+)+\\n#\\t0x[0-9a-f]+\\tlost\\+0x[0-9a-f]+\\t/.*app\\.ts:2\\n`, "m"),
  );
  expect(text).toMatch(/# alive, by place of creation; growth since the last look\n/);
  // Those that have been lost since.
  await soon(async () => (await program.get("goroutineleak?debug=2")).text).toMatch(
    /^goroutine \d+ \[chan receive \(leaked\)\]:\nlost\(\.\.\.\)\n\t.*app\.ts:2:\d+\ncreated by main in goroutine 1\n\t.*\n… and \d+ more like it\n$/,
  );
  if (!hasGo) return;
  await soon(async () => {
    writeFileSync(project.path("leak.pb.gz"), (await program.get("goroutineleak")).body);
    return Number(topOf(project.path("leak.pb.gz")).get("lost")?.cum ?? 0);
  }).toBeGreaterThanOrEqual(4);
});
