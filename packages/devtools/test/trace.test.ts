/** Execution traces: opened by Go's own tool, their numbers held against what the program did. */
import { readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTrace } from "@gort/devtools";
import { background } from "gort";
import { log, newTask } from "gort/trace";
import { UserProject } from "../../../scripts/testing/user-project.ts";
import { TraceBytes } from "../src/trace/bytes.ts";
import { decodeTrace, type DecodedTrace, type TraceEvent } from "../src/trace/decode.ts";
import { goTool, hasGo, ms, Running, topOf } from "./running.ts";

/**
 * A bit of everything, with known amounts: `receiver` waits 200 ms for a value, `sleeper` sleeps, `reader` reads a file, `client` waits 150 ms
 * for a server, `hog` is preempted while `ready` waits to run, `worker` works under a task.
 */
const app = `import { background, chan, dial, go, gosched, Mutex, select, sleep, WaitGroup, type Chan } from "gort";
import { readFile } from "gort/fs";
import { listen, dial as connect } from "gort/net";
import { log, newTask, withRegion, startRegion, isEnabled } from "gort/trace";
function burn(ms: number): void { let last = performance.now(); while (ms > 0) { const now = performance.now(); ms -= Math.min(now - last, 1); last = now; JSON.stringify([1, 2, 3]); } } // a pause of the machine is no work
function receiver(c: Chan<number>): void { c.recv(); }
function sleeper(): void { sleep(20); }
function reader(): void { for (let i = 0; i < 5; i++) readFile(process.argv[1]!); }
function server(): void {
  using l = listen({ host: "127.0.0.1", port: 0 });
  const port = Number(/:(\\d+)$/.exec(String(l.addr))![1]);
  const done = new WaitGroup();
  done.go(client, port);
  using conn = l.accept();
  sleep(150);
  conn.write(new Uint8Array([1]));
  done.wait();
}
function client(port: number): void { using conn = connect({ host: "127.0.0.1", port }); conn.read(new Uint8Array(1)); }
function hog(): void { burn(45); }
function late(c: Chan<number>): void { c.recv(); }
function worker(): void {
  const [ctx, task] = newTask(background(), "job");
  withRegion(ctx, "inner", () => { sleep(10); log(ctx, "step", "half way"); });
  using r = startRegion(ctx, "second");
  gosched();
  task.end();
}
export function main(): void {
  const wg = new WaitGroup();
  const c = chan<number>();
  wg.go(receiver, c);
  gosched(); // it waits from here on
  sleep(200);
  c.send(1);
  wg.go(sleeper); wg.go(reader); wg.go(server); wg.go(worker);
  wg.wait();
  // A goroutine is readied while another computes: it waits for its turn.
  const d = chan<number>(1);
  wg.go(late, d);
  gosched();
  d.send(1);
  wg.go(hog); wg.go(hog);
  burn(5);
  wg.wait();
  console.log(isEnabled());
}
`
  .replace("dial, go,", "go,")
  .replace("Mutex, select, sleep", "sleep");

let project: UserProject;
let file: string;
let trace: DecodedTrace;

beforeAll(async () => {
  project = new UserProject({ "app.ts": app });
  const done = await project.gort("run", "--trace", "out.trace", "app.ts");
  if (done.stdout !== "true\n" || done.stderr !== "") throw new Error(`the program: ${done.stdout}${done.stderr}`);
  file = project.path("out.trace");
  trace = decodeTrace(readFileSync(file));
});
afterAll(() => project[Symbol.dispose]());

/** Events of a type whose stack's innermost function of the user's is `name`. */
function events(type: number, name: string): TraceEvent[] {
  return trace.events.filter((e) => {
    if (e.type !== type) return false;
    const frames = trace.stacks.get(e.args.at(-1) ?? 0) ?? [];
    return frames.find((f) => !f.name.startsWith("gort."))?.name === name;
  });
}

const GO_CREATE = 13;
const GO_START = 38;

test("the events of each blocking call: what the program did, no more and no less", () => {
  expect(events(23, "receiver")).toHaveLength(1); // chan receive
  expect(events(19, "sleeper")).toHaveLength(1);
  expect(events(28, "reader")).toHaveLength(5); // a system call for each file
  expect(events(27, "client").length).toBeGreaterThanOrEqual(2); // dial, read
  expect(events(27, "server")).not.toHaveLength(0);
  expect(events(25, "main")).toHaveLength(2); // wg.wait()
  expect(events(17, "worker")).toHaveLength(1); // gosched
  expect(events(18, "burn").length).toBeGreaterThan(1); // two hogs of 45 ms
  const kinds = (type: number): number => trace.events.filter((e) => e.type === type).length;
  expect(kinds(GO_CREATE)).toBe(10);
  expect([kinds(45), kinds(46), kinds(47), kinds(48)]).toEqual([1, 1, 4, 1]);
  expect(trace.events.find((e) => e.type === 48)?.text).toBe("half way");
});

test("starts and stops alternate on the P, and time goes on", () => {
  const stops = new Set([15, 17, 18, 19, 20, 22, 23, 24, 25, 26, 27, 28]);
  let running = 0;
  let last = -1;
  for (const { type, args, time } of trace.events) {
    expect(time).toBeGreaterThan(last);
    last = time;
    if (type === GO_START) {
      expect(running).toBe(0);
      running = args[0]!;
    } else if (stops.has(type)) {
      expect(running).not.toBe(0);
      running = 0;
    }
  }
});

describe.skipIf(!hasGo)("go tool trace", () => {
  /** `go tool trace -pprof=KIND`, as the table of pprof. */
  function profile(kind: string): Map<string, { flat: string; cum: string }> {
    const out = project.path(`${kind}.pb`);
    const bytes = goTool("trace", `-pprof=${kind}`, file);
    writeFileSync(out, bytes);
    return topOf(out);
  }

  test("sync: 200 ms of waiting for a channel", () => {
    const top = profile("sync");
    expect(ms(top.get("receiver")?.cum)).toBeGreaterThan(190);
    expect(ms(top.get("receiver")?.cum)).toBeLessThan(1000);
    expect(top.get("sleeper")).toBeUndefined();
  });

  test("net: 150 ms of waiting for a server", () => {
    expect(ms(profile("net").get("client")?.cum)).toBeGreaterThan(140);
  });

  test("syscall: files", () => {
    const top = profile("syscall");
    expect(ms(top.get("reader")?.cum)).toBeGreaterThan(0);
    expect([...top.keys()].filter((k) => !k.startsWith("gort."))).toEqual(["reader"]);
  });

  test("sched: who was ready and could not run", () => {
    // `late` was readied, then 5 ms of main at least.
    const top = profile("sched");
    expect(ms(top.get("late")?.cum) + ms(top.get("main")?.cum)).toBeGreaterThan(5);
  });

  test("the web interface: goroutines, tasks, regions", async () => {
    const child = spawn("go", ["tool", "trace", "-http=127.0.0.1:0", file], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, BROWSER: "true" },
      // A group of its own: `go tool` has the tool as a child, which would outlive it.
      detached: true,
    });
    try {
      const url = await new Promise<string>((resolve, reject) => {
        let text = "";
        child.stderr.setEncoding("utf8").on("data", (s: string) => {
          text += s;
          const m = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
          if (m !== null) resolve(m[0]);
        });
        child.on("exit", () => reject(new Error(text)));
      });
      const page = (path: string): Promise<string> =>
        new Promise((resolve, reject) => {
          get(`${url}${path}`, (res) => {
            let body = "";
            res.setEncoding("utf8").on("data", (s: string) => (body += s));
            res.on("end", () => resolve(body));
          }).on("error", reject);
        });
      const goroutines = await page("/goroutines");
      for (const name of ["receiver", "reader", "client", "worker"])
        expect(goroutines).toMatch(new RegExp(`>\\s*${name}\\s*<`));
      expect(await page("/usertasks")).toContain("job");
      const regions = await page("/userregions");
      expect(regions).toContain("inner");
      expect(regions).toContain("second");
      // Where they were begun: in the program, not in the tools.
      expect(regions).toMatch(/\bworker<br>[^<]*app\.ts:\d+/);
      expect(regions).not.toContain("recorder");
      expect(JSON.parse(await page("/jsontrace")).traceEvents.length).toBeGreaterThan(50);
    } finally {
      process.kill(-child.pid!, "SIGKILL");
    }
  });

  test("a trace of a program that runs already, over the network", async () => {
    const running = `import { chan, go, sleep } from "gort";
      export function main(): void {
        const c = chan<number>();
        go(() => { c.recv(); });
        go(function ticker() { for (;;) sleep(5); });
        console.log("ready");
        sleep(1e9);
      }`;
    using other = new UserProject({ "app.ts": running });
    using program = await Running.start(other, "app.ts");
    const { status, body, headers } = await program.get("trace?seconds=0.5");
    expect(status).toBe(200);
    expect(headers["content-disposition"]).toBe(`attachment; filename="trace"`);
    const path = other.path("t.trace");
    writeFileSync(path, body);
    goTool("trace", "-pprof=sched", path);
    const sleeps = decodeTrace(body).events.filter((e) => e.type === 19).length;
    expect(sleeps).toBeGreaterThan(10);
    expect(sleeps).toBeLessThan(110);
    const json = await program.get("trace?seconds=0.2&format=chrome");
    expect(JSON.parse(json.text).traceEvents.length).toBeGreaterThan(10);
  });

  test("goroutines that come from promises and events, waits given up, a goroutine started in an async body", async () => {
    const odd = `import { chan, go, run, select, sleep, timeout, wait, withTimeout, background, nilChan } from "gort";
      async function body(): Promise<number> { sleep(5); await null; sleep(5); return 1; }
      const done = chan<number>();
      setTimeout(() => { sleep(5); done.send(1); }, 5);
      Promise.resolve().then(() => { sleep(5); return 2; }).then(() => {});
      export function main(): void {
        wait(body());
        const [ctx, cancel] = withTimeout(background(), 10);
        try { nilChan().recv(ctx); } catch {}
        select({ t: timeout(5), c: chan<number>() });
        cancel();
        done.recv();
        const h = go(() => { sleep(1); return 3; });
        h.join();
        const k = go(() => { throw new Error("kept"); });
        try { k.join(); } catch {}
      }`;
    for (const force of ["", "1"]) {
      using other = new UserProject({ "app.ts": odd });
      const done = await other.type(
        "node",
        [other.path("node_modules/.bin/gort"), "run", "--trace", "o.trace", "app.ts"],
        {
          GORT_FORCE: force,
        },
      );
      expect(done).toMatchObject({ stderr: "", status: 0 });
      goTool("trace", "-pprof=sched", other.path("o.trace"));
    }
  });
});

test("a file that ends in .json is for Perfetto", async () => {
  const done = await project.gort("run", "--trace", "out.json", "app.ts");
  expect(done).toMatchObject({ stderr: "", status: 0 });
  const { traceEvents } = JSON.parse(readFileSync(project.path("out.json"), "utf8")) as {
    traceEvents: { ph: string; name: string; dur?: number; pid: number; tid: number; cat?: string }[];
  };
  const wait = traceEvents.find((e) => e.ph === "X" && e.name === "chan receive" && (e.dur ?? 0) > 50_000);
  // 200 ms, less what a busy machine takes before the receiver first runs.
  expect(wait?.dur).toBeGreaterThan(50_000);
  expect(traceEvents.some((e) => e.cat === "task" && e.name === "job")).toBe(true);
  const begun = traceEvents.filter((e) => e.ph === "b").length;
  expect(traceEvents.filter((e) => e.ph === "e")).toHaveLength(begun);
});

test("a sink that is too slow: the trace ends early, is whole, and says what it lacks", async () => {
  const slow = `import { createWriteStream } from "node:fs";
    import { Writable } from "node:stream";
    import { writeFileSync } from "node:fs";
    import { gosched, sleep } from "gort";
    import { startTrace } from "@gort/devtools";
    const parts: Uint8Array[] = [];
    // Takes one chunk and never asks for more.
    const stuck = new Writable({ write(chunk) { parts.push(chunk); } });
    export function main(): void {
      const trace = startTrace(stuck, { limit: 100_000 });
      for (let i = 0; i < 200; i++) { for (let k = 0; k < 500; k++) gosched(); sleep(0.1); }
      trace.stop();
      const rest = (stuck as any)._writableState.buffered.map((b: any) => b.chunk);
      writeFileSync("slow.trace", Buffer.concat([...parts, ...rest]));
      console.log(trace.dropped > 0, trace.events > 1000);
    }`.replace('import { createWriteStream } from "node:fs";\n', "");
  using other = new UserProject({ "app.ts": slow });
  const done = await other.gort("run", "app.ts");
  expect(done.stdout).toBe("true true\n");
  expect(done.stderr).toMatch(/^gort: trace: the last \d+ events were left out/);
  if (hasGo) goTool("trace", "-pprof=sched", other.path("slow.trace"));
  expect(decodeTrace(readFileSync(other.path("slow.trace"))).events.length).toBeGreaterThan(1000);
});

test("a sink that throws, in the middle or at the end: the program goes on, and is told", async () => {
  const failing = `import { chan, go } from "gort";
    import { startTrace } from "@gort/devtools";
    function churn(n: number): number {
      const c = chan<number>();
      go(() => { for (let i = 0; i < n; i++) c.send(i); c.close(); });
      let sum = 0;
      for (const _ of c) sum++;
      return sum;
    }
    export function main(): void {
      for (const [format, from] of [["go", 3], ["chrome", 1]] as const) {
        let calls = 0;
        const trace = startTrace(() => { if (++calls >= from) throw new Error("no room"); }, { format });
        console.log(churn(50_000));
        trace.stop();
        console.log(trace.dropped > 0);
      }
      startTrace(() => {}).stop();
    }`;
  using project = new UserProject({ "app.ts": failing });
  const { status, stdout, stderr } = await project.gort("run", "app.ts");
  expect({ status, stdout }).toEqual({ status: 0, stdout: "50000\ntrue\n50000\nfalse\n" });
  expect(stderr).toBe("gort: trace: it is not whole, writing it has failed: no room\n".repeat(2));
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends the trace, and then the program", async (signal) => {
  using project = new UserProject({
    "app.ts": `import { sleep } from "gort";
      export function main(): void {
        console.log("ready");
        for (;;) sleep(1);
      }`,
  });
  const child = spawn(
    process.execPath,
    [project.path("node_modules/.bin/gort"), "run", "--trace", "s.trace", "app.ts"],
    {
      cwd: project.folder,
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  child.stdout.on("data", () => child.kill(signal));
  const by = await new Promise((resolve) => child.on("close", (_, s) => resolve(s)));
  expect(by).toBe(signal);
  expect(decodeTrace(readFileSync(project.path("s.trace"))).events.length).toBeGreaterThan(2);
  if (hasGo) goTool("trace", "-pprof=sched", project.path("s.trace"));
});

const labelled = `import { chan, go, setName, sleep, WaitGroup, withLabels } from "gort";
  export function main(): void {
    const end = chan<number>();
    withLabels({ user: "bob" }, () => { go(function inherits() { sleep(5); end.send(1); }); });
    go(function named() {
      setName("the one");
      sleep(5);
      withLabels({ k: "v" }, () => { sleep(5); });
      sleep(5);
      end.send(1);
    });
    const wg = new WaitGroup();
    // Many, each once: what is written for one is not kept.
    for (let i = 0; i < 3000; i++) withLabels({ request: "r".repeat(40) + i }, () => { wg.go(() => sleep(1)); });
    go(function plain() { end.send(1); });
    for (let i = 0; i < 3; i++) end.recv();
    wg.wait();
  }`;

test("labels and names: runs are shown under them, in Go's format and in Perfetto's", async () => {
  using project = new UserProject({ "app.ts": labelled });
  expect((await project.gort("run", "--trace", "l.trace", "app.ts")).stderr).toBe("");
  const { events, strings } = decodeTrace(readFileSync(project.path("l.trace")));
  const shown = events.filter((e) => e.type === 41).map((e) => strings.get(e.args[2]!)!.replace(/^G\d+ /, ""));
  const count = (text: string): number => shown.filter((s) => s === text).length;
  expect(count('{"user":"bob"}')).toBeGreaterThanOrEqual(2);
  // Behind the first sleep, and behind the last.
  expect(count("the one")).toBeGreaterThanOrEqual(2);
  expect(count('the one {"k":"v"}')).toBeGreaterThanOrEqual(1);
  expect(shown.filter((s) => s.startsWith('{"request"')).length).toBeGreaterThanOrEqual(6000);
  if (hasGo) goTool("trace", "-pprof=sched", project.path("l.trace"));
  expect((await project.gort("run", "--trace", "l.json", "app.ts")).stderr).toBe("");
  const { traceEvents } = JSON.parse(readFileSync(project.path("l.json"), "utf8")) as {
    traceEvents: { ph: string; name: string; args?: { name?: string } }[];
  };
  const names = traceEvents.filter((e) => e.name === "thread_name").map((e) => e.args?.name?.replace(/^G\d+ /, ""));
  expect(names).toContain('inherits {"user":"bob"}');
  expect(names).toContain('named the one {"k":"v"}');
  expect(traceEvents.some((e) => e.ph === "X" && /^G\d+ inherits \{"user":"bob"\}$/.test(e.name))).toBe(true);
  expect(names).toContain("plain");
});

test("numbers and texts come back as they were written", () => {
  const chunks: Uint8Array[] = [];
  const bytes = new TraceBytes((chunk) => chunks.push(chunk));
  bytes.header("go 1.19 trace\0\0\0");
  bytes.event2(1, 0, 5);
  const numbers = [0, 1, 127, 128, 300, 2 ** 31 - 1, 2 ** 31, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER];
  for (const n of numbers) bytes.event2(38, 1, n);
  bytes.event(13, [1, ...numbers]);
  const long = Array.from({ length: 500 }, (_, i) => i * i);
  bytes.event(45, [1, ...long]);
  bytes.text(37, 7, "größer");
  for (let i = 0; i < 20_000; i++) bytes.event3(39, 1, i, 0);
  bytes.flush();
  expect(chunks.length).toBeGreaterThan(1);
  const { events: read, strings } = decodeTrace(Buffer.concat(chunks));
  expect(read.slice(0, numbers.length).map((e) => e.args[0])).toEqual(numbers);
  expect(read[numbers.length]!.args).toEqual(numbers);
  expect(read[numbers.length + 1]!.args).toEqual(long);
  expect(strings.get(7)).toBe("größer");
  expect(read.filter((e) => e.type === 39)).toHaveLength(20_000);
  expect(() => decodeTrace(Buffer.from("go 1.22 trace\0\0\0"))).toThrow("no version-1");
});

test("a format that there is not, and contexts that are none: refused, also while no trace is being written", () => {
  expect(() => startTrace(() => {}, { format: "json" as never })).toThrow('format is "go" or "chrome", not "json"');
  const none = null as never;
  expect(() => newTask(none, "request")).toThrow("newTask: cannot create context from nil parent");
  expect(() => log(none, "rows", "1")).toThrow("log: cannot create context from nil parent");
  log(background(), "rows", "1");
});
