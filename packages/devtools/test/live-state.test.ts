/** What the live page is fed with: goroutines parked in known ways, on two threads, one of which does not answer for a while. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";
import type { LiveGroup, LiveState } from "../src/live/state.ts";
import { fetchFrom, Running, soon } from "./running.ts";

/**
 * Which thread takes a parallel goroutine is chance: `settled` says where it is, and what is started too much where somebody is already
 * ends at once. One waits on each thread, one more on the other thread blocks it whenever it is told to.
 */
const app = `import { isMainThread } from "node:worker_threads";
import { AtomicInt, chan, go, gomaxprocs, gosched, Mutex, nilChan, numGoroutine, parallel, setName, sleep, stats, syscall, withLabels, type Chan } from "gort";
function burn(ms: number): void { const end = performance.now() + ms; let n = 0; while (performance.now() < end) for (let i = 0; i < 20_000; i++) n = (n * 31 + i) | 0; }
const settled = parallel((main: AtomicInt, other: AtomicInt, end: Chan<boolean>, never: Chan<number>) => {
  burn(20);
  if (!(isMainThread ? main : other).compareAndSwap(0, 1)) return;
  end.send(true);
  never.recv();
});
const native = parallel((taken: AtomicInt, hold: Chan<number>) => {
  burn(20);
  if (isMainThread || !taken.compareAndSwap(0, 1)) return;
  for (;;) {
    const ms = hold.recv();
    syscall(() => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms); });
  }
});
const kept: unknown[] = [];
class Queue { take(c: Chan<number>): void { c.recv(); } }
function asker(q: Queue, c: Chan<number>): void { q.take(c); }
function sender(c: Chan<number>): void { c.send(1); }
function lost(): void { nilChan<number>().recv(); }
function locked(mu: Mutex): void { mu.lock(); }
function leaked(): void { chan<number>().recv(); }
export function main(): void {
  gomaxprocs(2);
  const [never, c, full, hold] = [chan<number>(), chan<number>(), chan<number>(), chan<number>()];
  kept.push(never, c, full, hold);
  const [here, there, taken, end] = [new AtomicInt(), new AtomicInt(), new AtomicInt(), chan<boolean>()];
  let n = 0;
  while (n < 2) {
    go(settled, here, there, end, never);
    if (end.tryRecv() !== undefined) n++;
    sleep(10);
  }
  while (taken.load() === 0) { go(native, taken, hold); sleep(10); }
  // Those that were too many end: main, one on each thread, and the one that blocks are left.
  while (numGoroutine() > 4) sleep(1);
  const q = new Queue();
  for (let i = 0; i < 3; i++) go(asker, q, c);
  go(sender, full);
  go(() => { withLabels({ user: "ann" }, () => { sender(full); }); });
  go(() => { setName("sleeper"); sleep(1e9); });
  go(lost);
  const mu = new Mutex();
  mu.lock();
  kept.push(mu);
  go(locked, mu);
  process.on("SIGUSR2", () => { hold.sendAsync(4000); });
  process.on("SIGWINCH", () => { for (let i = 0; i < 4; i++) go(leaked); });
  do gosched(); while (stats().states["runnable"] !== undefined);
  console.log("ready");
  sleep(1e9);
}
`;

let project: UserProject;
let program: Running;

beforeAll(async () => {
  project = new UserProject({ "app.ts": app });
  program = await Running.start(project, "app.ts");
});
afterAll(() => {
  program[Symbol.dispose]();
  project[Symbol.dispose]();
});

async function state(query: string = ""): Promise<LiveState> {
  const { status, headers, text } = await program.get(`../gort/state${query}`);
  expect({ status, text: status === 200 ? "" : text }).toEqual({ status: 200, text: "" });
  expect(headers["content-type"]).toBe("application/json");
  return JSON.parse(text) as LiveState;
}

/** The groups in whose innermost frame `name` stands. */
function groupsOf(s: LiveState, name: string): LiveGroup[] {
  return s.groups.filter(({ stack }) => stack[0]?.[0] === name);
}

function only(s: LiveState, name: string): LiveGroup {
  const found = groupsOf(s, name);
  expect(found).toHaveLength(1);
  return found[0]!;
}

test("goroutines stand in groups by stack and state, with who created them and how long they wait", async () => {
  const s = await state();
  const asked = only(s, "Queue.take");
  expect(asked).toMatchObject({ count: 3, state: "chan receive", blocks: true, forever: false, labels: [] });
  expect(asked.stack.map(([name]) => name)).toEqual(["Queue.take", "asker"]);
  expect(asked.stack[0]![1]).toMatch(/\/app\.ts:19:\d+$/);
  expect(asked.creators).toHaveLength(1);
  expect(asked.creators[0]).toMatchObject({ count: 3, at: ["main", expect.stringMatching(/\/app\.ts:\d+:\d+$/)] });
  const senders = groupsOf(s, "sender");
  expect(senders.map(({ count, state }) => ({ count, state }))).toEqual([
    { count: 1, state: "chan send" },
    { count: 1, state: "chan send" },
  ]);
  expect(senders.flatMap(({ labels }) => labels)).toEqual([{ of: { user: "ann" }, count: 1 }]);
  expect(only(s, "lost")).toMatchObject({ state: "chan receive (nil chan)", forever: true });
  expect(only(s, "locked")).toMatchObject({ state: "sync.Mutex.Lock", blocks: true });
  const sleeper = s.groups.find(({ labels }) => labels[0]?.of["name"] === "sleeper")!;
  expect(sleeper).toMatchObject({ state: "sleep", blocks: false });
  // The wait grows by what passes.
  const later = await state();
  expect(only(later, "Queue.take").wait - asked.wait).toBeCloseTo((later.uptime - s.uptime) * 1000, -3);
  expect(only(later, "Queue.take").key).toBe(asked.key);
});

test("the threads' goroutines are one list, and an opened group tells its members", async () => {
  const both = only(await state(), "settled");
  expect(both).toMatchObject({ count: 2, state: "chan receive" });
  const { opened } = await state(`?group=${both.key}`);
  expect(opened!.group.key).toBe(both.key);
  expect(opened!.members.map(({ m }) => m).sort()).toEqual([0, 1]);
  for (const member of opened!.members) {
    expect(member.id).toBeGreaterThan(1);
    expect(member).toMatchObject({ parent: 1, labels: null });
    expect(member.wait).toBeGreaterThan(0);
  }
  const asked = only(await state(), "Queue.take");
  expect((await state(`?group=${asked.key}`)).opened!.members).toHaveLength(3);
  expect((await state("?group=nothing")).opened).toBeNull();
});

test("Ps, threads and numbers of all of them", async () => {
  const s = await state();
  expect(s.stats.gomaxprocs).toBe(2);
  expect(s.procs.map(({ p }) => p)).toEqual([0, 1]);
  for (const { m, queue } of s.procs) {
    expect([-1, 0, 1]).toContain(m);
    expect(queue).toBeGreaterThanOrEqual(0);
  }
  expect(s.threads.map(({ m }) => m)).toEqual([0, 1]);
  for (const thread of s.threads) {
    expect(thread).toMatchObject({ late: null, blocking: false, locked: 0 });
    expect(thread.goroutines).toBeGreaterThan(0);
    expect(thread.switches).toBeGreaterThan(0);
    if (typeof process.threadCpuUsage === "function") expect(thread.cpu).toBeGreaterThan(0);
  }
  // main, settled twice, native, three askers, two senders, sleeper, lost, locked.
  expect(s.stats.goroutines).toBe(12);
  expect(s.groups.reduce((n, { count }) => n + count, 0) + s.unstarted).toBe(12);
  expect(s.threads.reduce((n, { goroutines }) => n + goroutines, 0)).toBe(12);
  expect(s.stats.reasons).toMatchObject({ "chan send": 2, "sync.Mutex.Lock": 1 });
  expect(s).toMatchObject({
    pid: program.child.pid,
    program: expect.stringMatching(/app\.ts$/),
    leaks: [],
    silent: [],
  });
  for (const n of [s.uptime, s.rss, s.heapUsed, s.cpu, s.lag]) expect(n).toBeGreaterThan(0);
});

test("a filter is for names, files, states and labels; all of its words count", async () => {
  const names = async (filter: string): Promise<string[]> => {
    const s = await state(`?filter=${encodeURIComponent(filter)}`);
    expect(s.matching).toBe(s.groups.length);
    expect(s.total).toBeGreaterThan(s.matching);
    return s.groups.map(({ stack }) => stack[0]?.[0] ?? "").sort();
  };
  expect(await names("queue.TAKE")).toEqual(["Queue.take"]);
  expect(await names("user=ann")).toEqual(["sender"]);
  expect(await names("chan send user=ann")).toEqual(["sender"]);
  expect(await names("mutex")).toEqual(["locked"]);
  expect(await names("app.ts:19")).toEqual(["Queue.take"]);
  expect(await names("no such thing")).toEqual([]);
});

test("leaks are looked for on demand, are gone then, and stay in the list", async () => {
  program.child.kill("SIGWINCH");
  await soon(async () => groupsOf(await state(), "leaked")[0]?.count).toBe(4);
  expect((await program.get("../gort/leaks")).status).toBe(405);
  let found = 0;
  // What a goroutine that ran last holds, the collector keeps.
  while (found < 5)
    found += (JSON.parse((await program.get("../gort/leaks", {}, "POST")).text) as { found: number }).found;
  const s = await state();
  expect(groupsOf(s, "leaked")).toEqual([]);
  expect(groupsOf(s, "lost")).toEqual([]);
  expect(s.leaks.map(({ count, state }) => `${count} ${state}`).sort()).toEqual([
    "1 chan receive (nil chan)",
    "4 chan receive",
  ]);
  const leak = s.leaks.find(({ count }) => count === 4)!;
  expect(leak.stack[0]).toMatch(/^leaked \(.*app\.ts:\d+:\d+\)$/);
  expect(leak.ids).toHaveLength(4);
  // Whoever finds them.
  program.child.kill("SIGWINCH");
  await soon(async () => groupsOf(await state(), "leaked")[0]?.count).toBe(4);
  while ((await state()).leaks.reduce((n, l) => n + l.count, 0) < 9) await program.get("goroutineleak?debug=1");
  expect((await state()).leaks.find(({ count }) => count === 8)?.ids).toHaveLength(8);
});

test("a thread in a native call is said to be, and told as it was before", async () => {
  const before = await state();
  program.child.kill("SIGUSR2");
  let s = before;
  await soon(async () => {
    s = await state();
    return s.threads.map(({ doing, late }) => (late === null ? "answers" : doing)).join();
  }).toBe("answers,system call");
  expect(s.silent).toEqual([expect.stringMatching(/^thread M1 has not answered within 0\.7 s/)]);
  expect(only(s, "settled").count).toBe(2);
  expect(s.groups.reduce((n, { count }) => n + count, 0)).toBe(before.groups.reduce((n, { count }) => n + count, 0));
  await soon(async () => (await state()).threads.map(({ late }) => late)).toEqual([null, null]);
});

describe("who may look", () => {
  test("the profiles' rules, and nothing but what the page needs", async () => {
    const page = await program.get("../gort/");
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    expect(page.headers["content-security-policy"]).toMatch(
      /^default-src 'none'; script-src 'sha256-\S+'; style-src 'sha256-\S+'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    // All of it is in the page.
    expect(page.text).not.toMatch(/\b(?:src|href)="(?!data:)/);
    expect(page.text).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(await program.get("../gort")).toMatchObject({ status: 301, headers: { location: "/debug/gort/" } });
    expect(await program.get("../gort/nothing")).toMatchObject({ status: 404, text: "404 page not found\n" });
    expect((await program.get("../gort/constructor")).status).toBe(404);
    expect((await program.get("../gort/state", {}, "POST")).status).toBe(405);
    for (const name of ["", "state"]) {
      const others: Record<string, string>[] = [
        { origin: "http://evil.example" },
        { host: "evil.example" },
        { "sec-fetch-site": "cross-site" },
        { "x-forwarded-for": "192.0.2.1" },
      ];
      for (const headers of others) expect((await program.get(`../gort/${name}`, headers)).status).toBe(403);
    }
    expect((await program.get("../gort/leaks", { origin: "http://evil.example" }, "POST")).status).toBe(403);
    expect((await program.get("")).text).toContain('<a href="../gort/">live page</a>');
  });

  test("a token opens it, and links carry it on", async () => {
    using other = new UserProject({
      "app.ts": `import { sleep } from "gort";
        export function main(): void { console.log("ready"); sleep(1e9); }`,
    });
    using guarded = await Running.start(other, "app.ts", "ready", { GORT_PPROF_TOKEN: "s3cret" });
    expect((await guarded.get("../gort/")).status).toBe(403);
    expect((await guarded.get("../gort/state?token=wrong")).status).toBe(403);
    expect((await guarded.get("../gort/state?token=s3cret")).status).toBe(200);
    expect((await guarded.get("?token=s3cret")).text).toContain('<a href="../gort/?token=s3cret">live page</a>');
  });

  test("in a server of the program's own, where it is mounted, asked by a goroutine", async () => {
    using other = new UserProject({
      "app.ts": `import { chan, go } from "gort";
        import { serve } from "gort/http";
        import { pprofHandler } from "@gort/devtools";
        export function main(): void {
          const handler = pprofHandler({ path: "/internal/prof/" });
          const server = serve({ port: 0, host: "127.0.0.1" }, (req, res) => { handler(req, res); });
          const c = chan<number>();
          go(function waits() { c.recv(); });
          console.log("ready", server.port);
          server.wait();
          c.send(1);
        }`,
    });
    using running = await Running.start(other, "app.ts");
    const port = /^ready (\d+)$/m.exec(running.stdout)?.[1];
    const at = (path: string): URL => new URL(path, `http://127.0.0.1:${port}`);
    expect((await fetchFrom(at("/internal/gort/"))).text).toContain('data-pprof="../prof/"');
    const s = JSON.parse((await fetchFrom(at("/internal/gort/state"))).text) as LiveState;
    expect(only(s, "waits")).toMatchObject({ count: 1, state: "chan receive" });
    // The goroutine that answers.
    expect(s.stats.states["running"]).toBe(1);
    expect((await fetchFrom(at("/debug/gort/"))).status).toBe(404);
  });
});
