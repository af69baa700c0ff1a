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
    "vitest.config.mjs": `import gort from "@gort/compiler/vite";
      export default { plugins: [gort()], resolve: { preserveSymlinks: true }, test: { include: ["*.test.ts"], testTimeout: 15_000 } };`,
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
  expect(done.stdout).toMatch(/Tests\s+1 failed \| 2 passed/);
  expect(done.stdout + done.stderr).toMatch(/a\.test\.ts:31:13/);
});
