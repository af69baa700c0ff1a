/**
 * Vite's development server, its module replacement, and vitest: they evaluate modules from memory. What they run is preempted, may
 * block in callbacks, and old frames go on in old code. Nothing here waits for a time to pass: a spinner spins until another goroutine
 * has run, so without preemption it says so after a generous limit.
 */
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const spin = `
let ticks = 0;
const limit = 10_000;
/** Its argument, once another goroutine has run. */
function spin(n: number): number {
  const [start, end] = [ticks, performance.now() + limit];
  while (ticks === start) if (performance.now() > end) throw new Error("not preempted");
  return n;
}
function tick(state: { over: boolean }): void {
  for (; !state.over; ticks++) gosched();
}
`;

/** A real install has no links: Vite leaves what is in node_modules to Node. */
const server = `import { createServer as httpServer } from "node:http";
import { createServer, createServerModuleRunner } from "vite";
import gort from "@gort/compiler/vite";
import { writeFileSync } from "node:fs";
const server = await createServer({
  logLevel: "error", configFile: false, plugins: [gort()], resolve: { preserveSymlinks: true }, appType: "custom",
  server: { middlewareMode: true, watch: WATCH, hmr: { server: httpServer() } }, optimizeDeps: { noDiscovery: true },
});
`;

test(
  "the development server: preempted at calls, loops and methods; timers and promises may block",
  { timeout: 60_000 },
  async () => {
    using project = new UserProject({
      "app.ts": `import { chan, go, gosched, run, sleep } from "gort";
${spin}
class Deep {
  #sum = 1;
  run(f: (n: number) => number): number {
    return [1, 2].map((x) => x + f(x)).reduce((a, b) => a + b, this.#sum);
  }
}
export async function main(): Promise<void> {
  await run(() => {
    const state = { over: false };
    go(tick, state);
    console.log(new Deep().run(spin), spin(5) + 1, \`\${spin(6)}\`);
    state.over = true;
  });
  const c = chan<string>();
  await new Promise<void>((done) => setTimeout(() => { console.log("timer", c.recv()); done(); }) && go(() => { sleep(1); c.send("a"); }));
  go(() => { sleep(1); c.send("b"); });
  console.log("promise", await Promise.resolve().then(() => c.recv()));
  go(() => { sleep(1); c.send("c"); });
  console.log("async", c.recv());
}
`,
      "dev.mjs": `${server.replace("WATCH", "null")}
      const { main } = await server.ssrLoadModule("/app.ts");
      await main();
      await server.close();`,
    });
    project.install("vite");
    const done = await project.type("node", ["dev.mjs"]);
    expect(done).toMatchObject({ stderr: "", stdout: "7 6 6\ntimer a\npromise b\nasync c\n", status: 0 });
  },
);

test(
  "a module is replaced while a goroutine is parked in it: its frame goes on in the old code",
  { timeout: 60_000 },
  async () => {
    const worker = (version: number): string => `import { type Chan } from "gort";
export const version = ${version};
export function work(jobs: Chan<string>, say: (s: string) => void): void {
  for (const job of jobs) say(job + " by ${version}" + suffix());
}
const suffix = (): string => "${"!".repeat(version)}";
`;
    using project = new UserProject({
      "worker.ts": worker(1),
      "app.ts": `import { chan, go, gosched, run, type Chan } from "gort";
import * as worker from "./worker.ts";
const lines: string[] = [];
let current = worker;
if (import.meta.hot) import.meta.hot.accept("./worker.ts", (m) => { current = m as typeof worker; });
const all: Chan<string>[] = [];
export const version = (): number => current.version;
export async function start(): Promise<void> {
  await run(() => {
    const jobs = chan<string>();
    all.push(jobs);
    go(() => current.work(jobs, (s) => void lines.push(s)));
    gosched();
  });
}
export async function send(job: string): Promise<string> {
  await run(() => { for (const jobs of all) jobs.send(job); gosched(); });
  return lines.splice(0).sort().join(", ");
}
`,
      "dev.mjs": `${server.replace("WATCH", "{ usePolling: true, interval: 20 }")}
      const runner = createServerModuleRunner(server.environments.ssr, { hmr: { logger: false } });
      const { start, send, version } = await runner.import("/app.ts");
      await start();
      console.log(await send("a"));
      for (const next of [2, 3]) {
        // Until the watcher has seen it.
        for (let tries = 0; version() < next && tries < 100; tries++) {
          writeFileSync("worker.ts", ${JSON.stringify(worker(0))}.replaceAll("0", String(next)).replace('""', JSON.stringify("!".repeat(next))));
          await new Promise((ok) => setTimeout(ok, 100));
        }
        await start();
        console.log(await send("job"));
      }
      process.exit();`,
    });
    project.install("vite");
    const done = await project.type("node", ["dev.mjs"]);
    expect(done).toMatchObject({
      stderr: "",
      stdout: "a by 1!\njob by 1!, job by 2!!\njob by 1!, job by 2!!, job by 3!!!\n",
      status: 0,
    });
  },
);

test(
  "what a browser loads is left to Vite; a library, a module under another query and Svelte's runes are what they are",
  { timeout: 60_000 },
  async () => {
    using project = new UserProject({
      "app.ts": `import { sleep } from "gort";\nexport async function load(): Promise<number> { sleep(1); return 7; }\n`,
      "count.svelte.ts": `export function count() { let n = $state(0); return { get n() { return n; } }; }\n`,
      "dev.mjs": `${server.replace("WATCH", "null")}
      const { client, ssr } = server.environments;
      const compiled = async (environment, url) => (await environment.transformRequest(url)).code.includes("gort/internal");
      for (const url of ["/app.ts", "/app.ts?split", "/app.ts?raw", "/count.svelte.ts"])
        console.log(url, await compiled(ssr, url), await compiled(client, url));
      console.log(await (await server.ssrLoadModule("/app.ts?split")).load());
      await server.close();
      const { output } = (await build({ logLevel: "error", configFile: false, plugins: [gort()], build: { write: false, lib: { entry: "app.ts", formats: ["es"] }, rollupOptions: { external: /^gort/ } } }))[0];
      console.log("library", output[0].code.includes("gort/internal"));
      const solid = { name: "solid", enforce: "pre" };
      await (await createServer({ logLevel: "silent", configFile: false, plugins: [solid, gort(), { name: "solid-svg", enforce: "pre" }] })).close();
      await createServer({ logLevel: "silent", configFile: false, plugins: [gort(), solid] }).catch((e) => console.log(e.message));`.replace(
        "import { createServer, ",
        "import { build, createServer, ",
      ),
    });
    project.install("vite");
    expect(await project.type("node", ["dev.mjs"])).toMatchObject({
      stderr: "",
      stdout:
        "/app.ts true false\n/app.ts?split true false\n/app.ts?raw false false\n/count.svelte.ts false false\n7\nlibrary true\n" +
        'gort: the plugin "solid" must see what you wrote: put `gort()` behind it, `plugins: [theirs(), gort()]`\n',
      status: 0,
    });
  },
);

test("vitest: test bodies are preempted, and may block in goTest and async bodies", { timeout: 60_000 }, async () => {
  using project = new UserProject({
    "a.test.ts": `import { expect, test } from "vitest";
import { chan, go, gosched, sleep } from "gort";
import { goTest } from "gort/testing";
${spin}
test("preempted", goTest(() => {
  const state = { over: false };
  go(tick, state);
  expect([1, 2].map((x) => spin(x) + spin(3))).toEqual([4, 5]);
  state.over = true;
}));
test("blocks", async () => {
  const c = chan<number>();
  go(() => { sleep(1); c.send(4); });
  await null;
  expect(c.recv()).toBe(4);
});
test("fails in its own line", goTest(() => {
  sleep(1);
  expect(1).toBe(2);
}));
`,
    "dom.test.ts": `import { expect, test } from "vitest";
import { sleep } from "gort";
test("blocks", async () => { sleep(1); expect(page).toBe(1); });
`,
    // As jsdom: Vite takes what it runs for a browser's.
    "dom.mjs": `export default { name: "dom", viteEnvironment: "client", setup(global) { global.page = 1; return { teardown() {} }; } };`,
    "vitest.config.mjs": `import gort from "@gort/compiler/vite";
      export default { plugins: [gort()], resolve: { preserveSymlinks: true }, test: { testTimeout: 15_000, projects: [["a", "node"], ["dom", "./dom.mjs"]].map(
        ([name, environment]) => ({ extends: true, test: { name, environment, include: [name + ".test.ts"] } })) } };`,
  });
  project.install("vitest");
  project.install("vite");
  const done = await project.type("node", [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--root",
    ".",
    "--reporter=verbose",
  ]);
  expect(done.stdout).toMatch(/Tests\s+1 failed \| 3 passed/);
  expect(done.stdout + done.stderr).toMatch(/a\.test\.ts:31:13/);
});
