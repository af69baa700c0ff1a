/** What the tools say of parallel goroutines: all threads in one profile, one dump, one trace, their numbers held against what they did. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";
import { decodeTrace } from "../src/trace/decode.ts";
import { goTool, hasGo, ms, Running, topOf } from "./running.ts";

/**
 * Two goroutines compute half of the time, one on each thread; two more hold a lock in turns. Which thread takes a goroutine is chance: they
 * say where they are, and what is started too much where somebody is already ends at once.
 */
const app = `import { isMainThread } from "node:worker_threads";
import { AtomicInt, chan, gomaxprocs, go, Mutex, parallel, sleep, withLabels, type Chan } from "gort";
function burn(ms: number): void {
  const end = performance.now() + ms;
  let n = 0;
  while (performance.now() < end) {
    n += JSON.stringify([1, 2, 3]).length;
    for (let i = 0; i < 20_000; i++) n = (n * 31 + i) | 0;
  }
}
function work(name: string): void { withLabels({ hog: name }, () => { burn(6); }); sleep(6); }
const hog = parallel((main: AtomicInt, other: AtomicInt, end: Chan<boolean>) => {
  const at = isMainThread ? main : other;
  burn(20);
  if (!at.compareAndSwap(0, 1)) return;
  end.send(true);
  for (;;) {
    work(isMainThread ? "here" : "there");
    at.add(1);
  }
});
const locker = parallel((mu: Mutex, n: number, held: AtomicInt) => {
  for (let i = 0; i < n; i++) { mu.lock(); sleep(5); mu.unlock(); held.add(1); }
});
const waiter = parallel((never: Chan<number>) => { never.recv(); });
const kept: Chan<number>[] = [];
export function main(): void {
  gomaxprocs(2);
  const [here, there, end] = [new AtomicInt(), new AtomicInt(), chan<boolean>()];
  let n = 0;
  while (n < 2) {
    go(hog, here, there, end);
    if (end.tryRecv() !== undefined) n++;
    sleep(10);
  }
  const never = chan<number>();
  kept.push(never);
  for (let i = 0; i < 4; i++) go(waiter, never);
  const [mu, held] = [new Mutex(), new AtomicInt()];
  go(locker, mu, 1e9, held);
  go(locker, mu, 1e9, held);
  console.log("ready");
  if (process.argv[2] === undefined) sleep(1e8);
  while (held.load() < Number(process.argv[2]) || here.load() < 5 || there.load() < 5) sleep(10);
}
`;

let project: UserProject;
let program: Running;

beforeAll(async () => {
  project = new UserProject({ "app.ts": app });
  program = await Running.start(project, "app.ts");
}, 30_000);
afterAll(() => {
  program[Symbol.dispose]();
  project[Symbol.dispose]();
});

async function save(path: string): Promise<string> {
  const { status, body, text } = await program.get(path);
  expect({ status, text: status === 200 ? "" : text }).toEqual({ status: 200, text: "" });
  const file = project.path(`${path.replace(/\W/g, "-")}.pb.gz`);
  writeFileSync(file, body);
  return file;
}

test("goroutine: those of all threads, grouped and one by one", async () => {
  let { text } = await program.get("goroutine?debug=1");
  // Those that were too many end, and what a thread runs for the first time it loads first.
  while (!text.startsWith("goroutine profile: total 9\n4 @")) ({ text } = await program.get("goroutine?debug=1"));
  expect(text).toMatch(/^goroutine profile: total 9\n4 @ .*\n#\t0x[0-9a-f]+\twaiter\+0x[0-9a-f]+\t+\/.*app\.ts:\d+\n/);
  const dump = (await program.get("goroutine?debug=2")).text;
  const ids = [...dump.matchAll(/^goroutine (\d+) \[/gm)].map((m) => Number(m[1]));
  expect(ids).toHaveLength(9);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  expect(dump.match(/^locker\(/gm)).toHaveLength(2);
  expect(dump.match(/^waiter\(\.\.\.\)\n\t\/.*app\.ts:\d+:\d+\ncreated by main in goroutine 1\n/gm)).toHaveLength(4);
});

test("top and threadcreate count the threads", async () => {
  const { text } = await program.get("top.json");
  const { stats, threads } = JSON.parse(text) as { threads: number; stats: Record<string, unknown> };
  // main, one more, sysmon.
  expect(threads).toBe(3);
  expect(stats).toMatchObject({ goroutines: 9, gomaxprocs: 2 });
  expect(stats["localQueues"]).toHaveLength(2);
  expect(stats["steals"]).toBeGreaterThan(0);
  expect((await program.get("threadcreate?debug=1")).text).toMatch(/^threadcreate profile: total 3\n/);
});

describe.skipIf(!hasGo)("go tool", () => {
  test("profile: all threads in one, by thread and by label", async () => {
    let [file, main, other]: [string, number | undefined, number | undefined] = ["", 0, 0];
    const burnt = (...flags: string[]): number => ms(topOf(file, ...flags).get("burn")?.cum);
    // Half of two seconds each, where nothing else runs on the machine; where much does, the next time.
    while (!(main! > 20 && other! > 20)) {
      file = await save("profile?seconds=2");
      [main, other] = ["main", "M1"].map((thread) => burnt(`-tagfocus=thread=^${thread}$`));
    }
    const all = burnt();
    expect(main! + other!).toBeGreaterThan(all * 0.95);
    expect(burnt("-tagfocus=hog=^there$")).toBeGreaterThan(other! * 0.6);
    expect(burnt("-tagfocus=hog=^here$")).toBeGreaterThan(main! * 0.6);
    // A thread that waits computes nothing.
    expect(ms(topOf(file).get("hog")?.cum)).toBeGreaterThan(all * 0.8);
    expect(goTool("pprof", "-traces", file).toString()).toMatch(/thread: +M1\n/);
    const lines = goTool("pprof", "-list=^burn$", file).toString();
    // The line that computes, not the function's first.
    const [, unit = ""] = /^ +\S+ +(\S+) +\d+: +for \(let i/m.exec(lines) ?? [];
    expect({ unit, lines }).toMatchObject({ unit: expect.stringMatching(/s$/) as string });
    expect(ms(unit)).toBeGreaterThan(all * 0.5);
  });

  test("block and mutex: waits on whatever thread", async () => {
    const block = topOf(await save("block?seconds=1"));
    expect(ms(block.get("locker")?.cum)).toBeGreaterThan(200);
    const mutex = topOf(await save("mutex?seconds=1"));
    expect(ms(mutex.get("gort.sync.Mutex.Unlock")?.flat)).toBeGreaterThan(200);
  });

  test("several recordings at once, each with what other threads have", async () => {
    const [allocs, block, mutex] = await Promise.all(
      ["allocs?seconds=1", "block?seconds=1", "mutex?seconds=1"].map(save),
    );
    expect(goTool("pprof", "-comments", allocs!).toString()).not.toMatch(/M1/);
    expect(parseFloat(topOf(allocs!, "-unit=B").get("burn")?.cum ?? "0")).toBeGreaterThan(1e5);
    expect(ms(topOf(block!).get("locker")?.cum)).toBeGreaterThan(200);
    expect(ms(topOf(mutex!).get("gort.sync.Mutex.Unlock")?.flat)).toBeGreaterThan(200);
    // And the next finds the threads ready for it.
    expect(goTool("pprof", "-comments", await save("allocs?seconds=0.2")).toString()).not.toMatch(/M1/);
  });

  test("heap and allocs take what other threads allocate", async () => {
    const allocs = topOf(await save("allocs?seconds=1"), "-unit=B");
    expect(parseFloat(allocs.get("burn")?.cum ?? "0")).toBeGreaterThan(1e5);
    expect((await program.get("heap?debug=1")).text).toMatch(/^heap profile: \d+: \d+ /);
  });

  test("an execution trace of all threads, ended with the process", async () => {
    const done = await project.gort("run", "--trace", "out.trace", "app.ts", "100");
    expect(done).toMatchObject({ status: 0, stdout: "ready\n", stderr: "" });
    const { events, stacks } = decodeTrace(readFileSync(project.path("out.trace")));
    // Each thread alternates between starts and stops, and a goroutine is seen on one thread only.
    const stops = new Set([15, 17, 18, 19, 20, 22, 23, 24, 25, 26, 27, 28]);
    const running = new Map<number, number>();
    const home = new Map<number, number>();
    for (const { type, p, args } of events) {
      // With a label, or without.
      if (type === 38 || type === 41) {
        expect(running.get(p) ?? 0).toBe(0);
        running.set(p, args[0]!);
        expect(home.get(args[0]!) ?? p).toBe(p);
        home.set(args[0]!, p);
      } else if (stops.has(type)) {
        expect(running.get(p) ?? 0).not.toBe(0);
        running.set(p, 0);
      }
    }
    expect(new Set(home.values())).toEqual(new Set([0, 1]));
    // One thread's goroutine that sleeps between its work, seen on each.
    const sleeps = events.filter(
      (e) => e.type === 19 && (stacks.get(e.args.at(-1) ?? 0) ?? []).some((f) => f.name === "work"),
    );
    expect(new Set(sleeps.map((e) => e.p))).toEqual(new Set([0, 1]));
    const out = project.path("sync.pb");
    writeFileSync(out, goTool("trace", "-pprof=sync", project.path("out.trace")));
    // Who waits for the lock waits while the other one sleeps in it: nearly half of the time each.
    expect(ms(topOf(out).get("locker")?.cum)).toBeGreaterThan(100);
    writeFileSync(out, goTool("trace", "-pprof=sched", project.path("out.trace")));
    expect(topOf(out).size).toBeGreaterThan(0);
  });
});
