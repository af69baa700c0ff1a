/** The profiles of a running program: Go's shapes as text, and what Go's own tool makes of the binary ones. */
import { writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";
import { alignTabs } from "../src/pprof/text.ts";
import { parseAddress } from "../src/pprof/address.ts";
import { splitArguments } from "../src/arguments.ts";
import { fetchFrom, goTool, hasGo, ms, Running, topOf } from "./running.ts";

/** One goroutine for each thing there is to wait for, three with the same stack, two that compute under a label. */
const app = `import { chan, Cond, go, Mutex, setName, sleep, withLabels, type Chan } from "gort";
class Queue { recv(c: Chan<number>): void { c.recv(); } }
function burn(ms: number): void { const end = performance.now() + ms; while (performance.now() < end) JSON.stringify([1, 2, 3]); }
function hog(name: string, work: number): void { for (;;) { withLabels({ hog: name }, () => { burn(work); }); sleep(4); } }
function held(mu: Mutex): void { for (;;) { mu.lock(); sleep(5); mu.unlock(); } }
const kept: unknown[] = [];
function pairs(): void { for (let i = 0; i < 200_000; i++) kept.push({ a: i, b: i }); }
function retain(): void { for (let i = 0; i < 200_000; i++) kept.push({ i, s: [i] }); }
export function main(): void {
  const c = chan<number>();
  const q = new Queue();
  for (let i = 0; i < 3; i++) go(() => { q.recv(c); });
  go(() => { const ch = chan<number>(); kept.push(ch); ch.send(1); });
  go(() => { withLabels({ req: "42", user: "bob" }, () => { const never = chan<number>(); kept.push(never); never.recv(); }); });
  go(() => { setName("sleeper"); sleep(1e9); });
  const lock = new Mutex();
  const cond = new Cond(lock);
  kept.push(cond);
  go(() => { lock.lock(); cond.wait(); });
  go(hog, "A", 6);
  go(hog, "B", 2);
  const mu = new Mutex();
  go(held, mu);
  go(held, mu);
  retain();
  pairs();
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

/** Downloads a profile into a file for `go tool`. */
async function save(path: string): Promise<string> {
  const { status, body, text } = await program.get(path);
  expect({ status, text: status === 200 ? "" : text }).toEqual({ status: 200, text: "" });
  const file = project.path(`${path.replace(/\W/g, "-")}.pb.gz`);
  writeFileSync(file, body);
  return file;
}

test("the index lists every profile with its count", async () => {
  const { status, headers, text } = await program.get("");
  expect(status).toBe(200);
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  for (const name of ["allocs", "block", "cmdline", "goroutine", "heap", "mutex", "profile", "threadcreate", "trace"])
    expect(text).toMatch(new RegExp(`<tr><td>\\d+</td><td><a href='${name}\\?debug=1'>${name}</a></td></tr>`));
  expect(text).toContain(`<tr><td>12</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr>`);
  expect(text).toContain(`<a href="goroutine?debug=2">full goroutine stack dump</a>`);
});

test("goroutine?debug=1 is Go's text", async () => {
  const { text, headers } = await program.get("goroutine?debug=1");
  expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
  const [head = "", ...groups] = text.split(/\n(?=\d+ @)/);
  expect(head).toBe("goroutine profile: total 12");
  for (const group of groups)
    expect(group).toMatch(
      /^\d+ @( 0x[0-9a-f]+)+\n(# labels: \{.*\}\n)?(#\t0x[0-9a-f]+\t[^\t]+\+0x[0-9a-f]+\t+\/.*app\.ts:\d+\n)+\n?$/,
    );
  expect(groups[0]).toMatch(/^3 @ .*\n#\t0x[0-9a-f]+\tQueue\.recv\+0x[0-9a-f]+\t+\/.*app\.ts:2\n#\t/);
  expect(text).toMatch(/\n# labels: \{"req":"42", "user":"bob"\}\n/);
  expect(text).toMatch(/\n# labels: \{"name":"sleeper"\}\n/);
  // The address behind the @ is the return address of the frame's line.
  const [, at = "", line = ""] = /^1 @ 0x[0-9a-f]+ 0x([0-9a-f]+)\n#\t0x([0-9a-f]+)/m.exec(text) ?? [];
  expect(parseInt(at, 16)).toBe(parseInt(line, 16) + 1);
});

test("goroutine?debug=2 has every goroutine with its state, in the order of creation", async () => {
  const { text } = await program.get("goroutine?debug=2");
  const parts = text.trimEnd().split("\n\n");
  expect(parts.map((p) => /^goroutine (\d+) \[/.exec(p)?.[1])).toEqual(parts.map((_, i) => String(i + 1)));
  expect(parts[1]).toMatch(/^goroutine 2 \[chan receive\]:\nQueue\.recv\(\.\.\.\)\n\t\/.*app\.ts:2:\d+\n/);
  expect(parts[1]).toMatch(/\ncreated by main in goroutine 1\n\t\/.*app\.ts:\d+:\d+$/);
  expect(parts[4]).toMatch(/^goroutine 5 \[chan send\]:/);
  expect(parts[6]).toMatch(/^goroutine 7 \[sleep\] \{"name":"sleeper"\}:/);
  expect(parts[7]).toMatch(/^goroutine 8 \[sync\.Cond\.Wait\]:/);
});

test("debug=0 is a download, as Go sends it", async () => {
  const { headers, body } = await program.get("goroutine");
  expect(headers["content-type"]).toBe("application/octet-stream");
  expect(headers["content-disposition"]).toBe(`attachment; filename="goroutine"`);
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(gunzipSync(body).length).toBeGreaterThan(100);
});

describe.skipIf(!hasGo)("go tool pprof", () => {
  test("goroutine: counts by what they wait for and by the user's functions", async () => {
    const top = topOf(await save("goroutine"));
    expect(top.get("Queue.recv")?.cum).toBe("3");
    expect(top.get("gort.chan receive")?.flat).toBe("4");
    expect(top.get("gort.chan send")?.flat).toBe("1");
    expect(top.get("gort.sync.Cond.Wait")?.flat).toBe("1");
  });

  test("profile: what computes, its callers across parks, the share of each label", async () => {
    const file = await save("profile?seconds=2");
    const top = topOf(file);
    const total = ms(top.get("hog")?.cum);
    expect(ms(top.get("burn")?.cum)).toBeGreaterThan(200);
    // All of it is under hog, although `sleep` emptied the native stack between.
    expect(total).toBeGreaterThan(ms(top.get("burn")?.cum) * 0.9);
    const [a, b] = ["A", "B"].map((label) => ms(topOf(file, `-tagfocus=hog=^${label}$`).get("burn")?.cum));
    // 6 ms against 2 ms.
    expect(a! / b!).toBeGreaterThan(1.5);
    expect(a! / b!).toBeLessThan(6);
    expect(a! + b!).toBeGreaterThan(ms(top.get("burn")?.cum) * 0.8);
  });

  test("block: who waited for the lock; mutex: who held it", async () => {
    const block = topOf(await save("block?seconds=1"));
    expect(ms(block.get("held")?.cum)).toBeGreaterThan(400);
    expect(block.get("gort.sync.Mutex.Lock")?.flat).toBe(block.get("held")?.cum);
    const mutex = topOf(await save("mutex?seconds=1"));
    expect(ms(mutex.get("held")?.cum)).toBeGreaterThan(400);
  });

  test("heap is what is alive, allocs what was allocated meanwhile, by the user's functions", async () => {
    const file = await save("heap?gc=1");
    const heap = topOf(file, "-unit=B");
    expect(parseFloat(heap.get("retain")?.cum ?? "0")).toBeGreaterThan(5e6);
    expect(parseFloat(heap.get("retain")?.cum ?? "0")).toBeLessThan(40e6);
    const objects = parseFloat(topOf(file, "-sample_index=inuse_objects").get("pairs")?.flat ?? "0");
    // 200,000, some 20 samples of them.
    expect(objects).toBeGreaterThan(80_000);
    expect(objects).toBeLessThan(400_000);
    // Go's text says how it was sampled, and Go's tool comes to the same.
    writeFileSync(project.path("heap.txt"), (await program.get("heap?debug=1&gc=1")).text);
    const total = (of: string): number =>
      parseFloat(
        /^Showing nodes .* of (\S+)B total$/m.exec(goTool("pprof", "-top", "-unit=B", of).toString())?.[1] ?? "",
      );
    expect(total(project.path("heap.txt")) / total(file)).toBeGreaterThan(0.8);
    expect(total(project.path("heap.txt")) / total(file)).toBeLessThan(1.25);
    const allocs = await save("allocs?seconds=1");
    expect(parseFloat(topOf(allocs, "-unit=B").get("burn")?.cum ?? "0")).toBeGreaterThan(1e5);
    expect(parseFloat(topOf(allocs, "-sample_index=alloc_objects").get("burn")?.cum ?? "0")).toBeGreaterThan(1000);
    expect(topOf(allocs).get("retain")).toBeUndefined();
  });

  test("threadcreate", async () => {
    expect(topOf(await save("threadcreate")).get("main")?.flat).toBe("1");
  });
});

test("the other texts have Go's heads", async () => {
  expect((await program.get("block?debug=1")).text).toBe("--- contention:\ncycles/second=1000000000\n");
  expect((await program.get("mutex?debug=1")).text).toMatch(
    /^--- mutex:\ncycles\/second=1000000000\nsampling period=\d+\n/,
  );
  expect((await program.get("heap?debug=1")).text).toMatch(/^heap profile: \d+: \d+ \[\d+: \d+\] @ heap\/887040\n/);
  expect((await program.get("threadcreate?debug=1")).text).toMatch(/^threadcreate profile: total \d+\n1 @ 0x/);
  expect((await program.get("cmdline")).text).toContain("\0");
});

test("what is wrong with a request is said", async () => {
  expect(await program.get("nothing")).toMatchObject({ status: 404, text: "Unknown profile\n" });
  expect(await program.get("constructor")).toMatchObject({ status: 404 });
  expect(await program.get("profile?seconds=x")).toMatchObject({ status: 400 });
  expect(await program.get("goroutine", {}, "POST")).toMatchObject({ status: 405 });
  expect(await program.get("/debug/pprof")).toMatchObject({ status: 301, headers: { location: "/debug/pprof/" } });
  expect(await program.get("/elsewhere")).toMatchObject({ status: 404 });
});

test("only programs of this machine may look", async () => {
  const { port } = new URL(program.url);
  const refused = { status: 403 };
  expect(await program.get("", { origin: "http://evil.example" })).toMatchObject(refused);
  expect(await program.get("", { origin: "null" })).toMatchObject(refused);
  expect(await program.get("", { host: "evil.example" })).toMatchObject(refused);
  expect(await program.get("", { "sec-fetch-site": "cross-site" })).toMatchObject(refused);
  expect(await program.get("", { "x-forwarded-for": "192.0.2.1" })).toMatchObject(refused);
  expect(await program.get("", { host: `localhost:${port}`, origin: `http://localhost:${port}` })).toMatchObject({
    status: 200,
  });
});

test("a token is asked for", async () => {
  using guarded = await Running.start(project, "app.ts", "ready", { GORT_PPROF_TOKEN: "s3cret" });
  expect(await guarded.get("")).toMatchObject({ status: 403 });
  expect(await guarded.get("", { authorization: "Bearer wrong" })).toMatchObject({ status: 403 });
  expect(await guarded.get("", { authorization: "Bearer s3cret" })).toMatchObject({ status: 200 });
  expect((await guarded.get("?token=s3cret")).text).toContain("goroutine?debug=1&amp;token=s3cret");
});

test("pprofHandler in the program's own servers: node:http and gort/http", async () => {
  const own = `import { createServer } from "node:http";
    import { sleep, wait } from "gort";
    import { serve } from "gort/http";
    import { pprofHandler, setBlockProfileRate, setMutexProfileFraction } from "@gort/devtools";
    export function main(): void {
      const handler = pprofHandler();
      const node = createServer((req, res) => handler(req, res, () => res.end("mine")));
      node.listen(0, "127.0.0.1", () => {
        const at = (node.address() as { port: number }).port;
        console.log("node", at);
      });
      const server = serve({ port: 0, host: "127.0.0.1" }, (req, res) => { handler(req, res); });
      setBlockProfileRate(1);
      console.log("fraction", setMutexProfileFraction(5), setMutexProfileFraction(-1));
      sleep(50);
      console.log("gort", server.port);
      console.log("ready");
      server.wait();
    }`;
  using other = new UserProject({ "app.ts": own });
  using running = await Running.start(other, "app.ts");
  expect(running.stdout).toContain("fraction 0 5\n");
  for (const name of ["node", "gort"]) {
    const port = new RegExp(`^${name} (\\d+)$`, "m").exec(running.stdout)?.[1];
    const url = new URL(`http://127.0.0.1:${port}/debug/pprof/goroutine?debug=2`);
    expect((await fetchFrom(url)).text).toMatch(/^goroutine \d+ \[/);
    const profile = await fetchFrom(new URL("profile?seconds=0.2", url));
    expect(profile.status).toBe(200);
    expect(gunzipSync(profile.body).length).toBeGreaterThan(100);
  }
  const port = /^node (\d+)$/m.exec(running.stdout)?.[1];
  expect((await fetchFrom(new URL(`http://127.0.0.1:${port}/else`))).text).toBe("mine");
});

test("pprofHandler in Express and Fastify, beside the program's own routes", async () => {
  const own = `import express from "express";
    import Fastify from "fastify";
    import { chan, go, run } from "gort";
    import { pprofHandler } from "@gort/devtools";
    run(() => { go(() => { chan<number>().recv(); }); });
    const app = express();
    app.use(pprofHandler());
    app.get("/x", (_, res) => { res.send("mine"); });
    const server = app.listen(0, "127.0.0.1", async () => {
      const fastify = Fastify();
      fastify.all("/debug/*", pprofHandler() as never);
      fastify.get("/x", () => "mine");
      console.log("Express", \`http://127.0.0.1:\${(server.address() as { port: number }).port}\`);
      console.log("Fastify", await fastify.listen({ port: 0, host: "127.0.0.1" }));
      console.log("ready");
    });`;
  using other = new UserProject({ "app.ts": own });
  other.install("express");
  other.install("fastify");
  using running = await Running.start(other, "app.ts");
  for (const name of ["Express", "Fastify"]) {
    const at = new RegExp(`^${name} (\\S+)$`, "m").exec(running.stdout)?.[1];
    expect((await fetchFrom(new URL("/x", at))).text).toBe("mine");
    expect((await fetchFrom(new URL("/debug/pprof/goroutine?debug=1", at))).text).toMatch(
      /^goroutine profile: total 1\n/,
    );
    const profile = await fetchFrom(new URL("/debug/pprof/profile?seconds=0.2", at));
    expect(gunzipSync(profile.body).length).toBeGreaterThan(100);
    expect((await fetchFrom(new URL("/debug/gort/", at))).text).toContain("<h1>gort</h1>");
  }
  // At last: it may take the goroutine.
  for (const name of ["Express", "Fastify"]) {
    const at = new RegExp(`^${name} (\\S+)$`, "m").exec(running.stdout)?.[1];
    const looked = await fetchFrom(new URL("/debug/gort/leaks", at), {}, "POST");
    expect(looked.text).toMatch(/^\{"found":\d+\}$/);
  }
});

test("parseAddress, --pprof with and without a value", () => {
  expect(parseAddress("6060")).toEqual({ host: "localhost", port: 6060 });
  expect(parseAddress(":6060")).toEqual({ host: "localhost", port: 6060 });
  expect(parseAddress("0.0.0.0:1")).toEqual({ host: "0.0.0.0", port: 1 });
  expect(parseAddress("[::1]:80")).toEqual({ host: "::1", port: 80 });
  for (const bad of ["", "x", "app.ts", "1:2:3", "70000", "localhost:"]) expect(parseAddress(bad)).toBeNull();
  expect(splitArguments(["--pprof", "app.ts", "a"])).toEqual({
    own: ["--pprof=localhost:6060", "app.ts"],
    program: ["a"],
  });
  expect(splitArguments(["--pprof", ":8080", "app.ts"])).toEqual({ own: ["--pprof=:8080", "app.ts"], program: [] });
  expect(splitArguments(["app.ts", "--pprof"])).toEqual({ own: ["app.ts", "--pprof=localhost:6060"], program: [] });
});

test("columns are aligned as Go's tabwriter does", () => {
  // Rows of a goroutine profile of Go's own.
  const rows = [
    ["#", "0x4672c4", "sync.runtime_Semacquire+0x24", "/goroot/src/runtime/sema.go:62"],
    ["#", "0x472f91", "sync.(*WaitGroup).Wait+0x51", "/goroot/src/sync/waitgroup.go:139"],
    ["#", "0x6a3e5c", "main.main.func8+0x1c", "/src/main.go:46"],
  ];
  expect(alignTabs(rows)).toEqual([
    "#\t0x4672c4\tsync.runtime_Semacquire+0x24\t/goroot/src/runtime/sema.go:62",
    "#\t0x472f91\tsync.(*WaitGroup).Wait+0x51\t/goroot/src/sync/waitgroup.go:139",
    "#\t0x6a3e5c\tmain.main.func8+0x1c\t\t/src/main.go:46",
  ]);
});
