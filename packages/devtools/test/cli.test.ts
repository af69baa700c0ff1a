/** The `gort` command, driven as a user drives it: in a project of its own, from the outside. */
import { chmodSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";
import { splitArguments } from "../src/arguments.ts";

const hello = `import { chan, go, type Chan } from "gort";

function worker(jobs: Chan<number>, results: Chan<string>): void {
  for (const n of jobs) results.send(\`\${n} squared is \${n * n}\`);
}

export function main(): void {
  const [jobs, results] = [chan<number>(), chan<string>()];
  go(worker, jobs, results);
  go(() => {
    for (let n = 1; n <= 3; n++) jobs.send(n);
    jobs.close();
  });
  for (let i = 0; i < 3; i++) console.log(results.recv());
}
`;

test("npx gort run: main is the main goroutine", async () => {
  using project = new UserProject({ "app.ts": hello });
  const done = await project.npxGort("run", "app.ts");
  expect(done).toMatchObject({ stdout: "1 squared is 1\n2 squared is 4\n3 squared is 9\n", stderr: "", status: 0 });
});

test("a package.json as npm init writes it (type commonjs) makes no difference", async () => {
  using project = new UserProject({ "package.json": '{ "name": "x", "type": "commonjs" }', "app.ts": hello });
  expect(await project.gort("run", "app.ts")).toMatchObject({ stderr: "", status: 0 });
});

test("the program is the main module, in ECMAScript modules and CommonJS; what it imports is not", async () => {
  using project = new UserProject({
    "app.ts": `import { run, sleep } from "gort"; import "./other.ts";
      if (import.meta.main) await run(() => { sleep(1); console.log("main", "import.meta.main"); });`,
    "other.ts": `console.log(import.meta.main);`,
    "app.cjs": `const { run, sleep } = require("gort"); require("./other.cjs");
      if (require.main === module) run(() => { sleep(1); console.log("main"); });`,
    "other.cjs": "console.log(require.main === module);",
    "exports.cjs": `exports.main = () => console.log(require.main === module);`,
    "throws.cjs": `if (require.main === module) throw new Error("as it loads");`,
  });
  const esm = { stdout: "false\nmain import.meta.main\n", stderr: "", status: 0 };
  for (let times = 0; times < 2; times++) expect(await project.gort("run", "app.ts")).toMatchObject(esm);
  expect(await project.gort("run", "app.cjs")).toMatchObject({ stdout: "false\nmain\n", stderr: "", status: 0 });
  expect(await project.gort("run", "exports.cjs")).toMatchObject({ stdout: "true\n", stderr: "", status: 0 });
  const thrown = await project.gort("run", "throws.cjs");
  expect(thrown).toMatchObject({ stdout: "", status: 1 });
  expect(thrown.stderr).toMatch(/throws\.cjs:1[^]*Error: as it loads\n\s+at .*throws\.cjs:1:36/);
});

test("arguments go to the program, gort's own options do not, also after the file", async () => {
  const app = `import { gomaxprocs } from "gort";
    export function main(): void { console.log(process.argv.slice(2).join(" "), gomaxprocs(), process.argv[1]); }`;
  using project = new UserProject({ "app.ts": app });
  for (const args of [
    ["run", "--procs", "3", "app.ts", "one", "-x", "two"],
    ["run", "app.ts", "one", "-x", "--procs=3", "two"],
  ]) {
    const done = await project.gort(...args);
    expect(done).toMatchObject({ stderr: "", status: 0 });
    expect(done.stdout).toMatch(/^one -x two 3 \/.*app\.ts\n$/);
  }
  const rest = await project.gort("run", "--procs", "3", "app.ts", "--", "--procs", "7");
  expect(rest.stdout).toMatch(/^--procs 7 3 /);
});

test("splitArguments", () => {
  expect(splitArguments(["app.ts", "a", "--seed", "1", "b"])).toEqual({
    own: ["app.ts", "--seed", "1"],
    program: ["a", "b"],
  });
  expect(splitArguments(["--seed=1", "app.ts", "--help"])).toEqual({
    own: ["--seed=1", "app.ts"],
    program: ["--help"],
  });
  expect(splitArguments(["--", "app.ts", "--", "x"])).toEqual({ own: ["app.ts"], program: ["--", "x"] });
  expect(splitArguments(["--help"])).toEqual({ own: ["--help"], program: [] });
  expect(splitArguments(["app.ts", "--procs"])).toEqual({ own: ["app.ts", "--procs"], program: [] });
});

test("the process ends when main returns, with timers and goroutines pending", async () => {
  const app = `import { go, sleep } from "gort";
    export function main(): void {
      setTimeout(() => console.log("never"), 15_000);
      go(() => { sleep(15_000); console.log("never"); });
      process.on("exit", (code) => console.log("exit", code));
      process.exitCode = 7;
      console.log("done");
    }`;
  using project = new UserProject({ "app.ts": app });
  const done = await project.gort("run", "app.ts");
  expect(done).toMatchObject({ stdout: "done\nexit 7\n", stderr: "", status: 7 });
  expect(done.took).toBeLessThan(10_000);
});

test("what main has printed arrives whole, however much it is", async () => {
  const app = `export function main(): void { for (let i = 0; i < 20_000; i++) console.log("line " + i + " " + "x".repeat(50)); }`;
  using project = new UserProject({ "app.ts": app });
  const done = await project.gort("run", "app.ts");
  expect(done.stdout.split("\n")).toHaveLength(20_001);
});

test("a program that calls run itself while loading has chosen its main", async () => {
  const app = `import { run, sleep } from "gort";
    export function main(): void { console.log("not this one"); }
    await run(() => { sleep(5); console.log("this one"); });
    console.log("after");`;
  using project = new UserProject({ "app.ts": app });
  expect(await project.gort("run", "app.ts")).toMatchObject({ stdout: "this one\nafter\n", stderr: "", status: 0 });
});

test("goroutines block while the event loop goes on", async () => {
  const app = `import { sleep } from "gort";
    export function main(): void {
      let turns = 0;
      setInterval(() => turns++, 5);
      const end = performance.now() + 100;
      while (performance.now() < end);
      sleep(20);
      console.log(turns > 0 ? "turned" : "starved");
    }`;
  using project = new UserProject({ "app.ts": app });
  expect(await project.gort("run", "app.ts")).toMatchObject({ stdout: "turned\n", status: 0 });
});

test("an uncaught exception: Go's report in the user's lines, exit status 2", async () => {
  const app = `import { gosched } from "gort";
interface Job { id: number }

function fail(job: Job): void {
  gosched();
  throw new Error("job " + job.id);
}

export function main(): void {
  const job: Job = { id: 5 };
  fail(job);
  console.log("never");
}
`;
  using project = new UserProject({ "app.ts": app });
  const done = await project.gort("run", "app.ts");
  expect(done).toMatchObject({ stdout: "", status: 2 });
  expect(done.stderr).toContain("job 5");
  expect(done.stderr).toContain("goroutine 1");
  expect(done.stderr).toMatch(/app\.ts:6\b/);
  expect(done.stderr).toMatch(/app\.ts:11\b/);
});

test("functions without a name are called in stacks as Go calls them, whether they have parked or not", async () => {
  const app = `import { chan, go, gosched } from "gort";
export function main(): void {
  go(() => { chan<number>().recv(); });
  gosched();
  go(() => console.log("never"));
  [1].forEach(() => { throw new Error("here"); });
}
`;
  using project = new UserProject({ "app.ts": app });
  const done = await project.type("npx", ["--no-install", "gort", "run", "app.ts"], { GOTRACEBACK: "all" });
  const shown = done.stderr.replace(/\t.*\//g, "\t").replace(/:\d+$/gm, "");
  expect(shown).toBe(`panic: Error: here

goroutine 1 [running]:
main.func3(...)
\tapp.ts:6
Array.forEach(...)
\t<anonymous>
main(...)
\tapp.ts:6

goroutine 2 [chan receive]:
main.func1(...)
\tapp.ts:3
created by main in goroutine 1
\tapp.ts:3

goroutine 3 [runnable]:
main.func2(...)
created by main in goroutine 1
\tapp.ts:5
`);
});

test("a name that a module does not export: the line of the import", async () => {
  using project = new UserProject({
    "app.ts": `// A comment.\nimport { go } from "gort";\nimport {\n  Channel,\n} from "gort";\nexport function main(): void { go(() => new Channel()); }\n`,
    "default.ts": `import Channel from "gort";\nexport function main(): void { new Channel(); }\n`,
  });
  const done = await project.gort("run", "app.ts");
  expect(done.status).toBe(1);
  expect(done.stderr).toMatch(/^\S*\/app\.ts:3\nimport \{/);
  expect(done.stderr).toContain("does not provide an export named 'Channel'");
  // Nobody can tell whether it is a type.
  expect(done.stderr).toMatch(/\ngort: if Channel is a type, write `import \{ type Channel \}`.*isolatedModules/);
  expect((await project.gort("run", "default.ts")).stderr).toContain(
    "gort: if default is a type, write `import type X from …`, and `export { type default as X }` where",
  );
  // So of what is passed on: first of all, behind others, and behind a function.
  for (const before of [
    "",
    `// A comment.\nimport { go } from "gort";\n`,
    "export function f(): void {\n  f();\n}\n// A comment.\n\n",
  ]) {
    using passing = new UserProject({ "app.ts": `${before}export { Channel } from "gort";\n` });
    const { stderr } = await passing.gort("run", "app.ts");
    expect(stderr.split("\n")[0]).toMatch(new RegExp(`/app\\.ts:${before.split("\n").length}$`));
  }
});

test("a throw in a handler: 500, and Go's words on standard error, once", async () => {
  const app = `import { wait } from "gort";
import { serve } from "gort/http";
export function main(): void {
  using server = serve({ port: 0, host: "127.0.0.1" }, () => { throw new Error("boom"); });
  const { status } = wait(fetch("http://" + server.addr));
  console.log(status);
}
`;
  using project = new UserProject({ "app.ts": app });
  const done = await project.gort("run", "app.ts");
  expect(done).toMatchObject({ stdout: "500\n", status: 0 });
  expect(done.stderr).toMatch(
    /^http: panic serving 127\.0\.0\.1:\d+: Error: boom\n\ngoroutine \d+ \[running\]:\nmain\.func1\(\.\.\.\)\n\t\/.*app\.ts:4:\d+\n$/,
  );
});

test("a parallel function that recurses by its own name is preempted, and goes as deep as any", async () => {
  const app = `import { background, go, parallel, withTimeout } from "gort";
const fib = parallel((n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2)));
const down = parallel((n: number): number => (n === 0 ? 0 : 1 + down(n - 1)));
export function main(): void {
  console.log(down(200_000));
  const [ctx, cancel] = withTimeout(background(), 50);
  try { console.log(go(fib, 60).join(ctx)); } catch (e) { console.log(String(e)); } finally { cancel(); }
}
`;
  using project = new UserProject({ "app.ts": app });
  expect(await project.gort("run", "--procs", "1", "app.ts")).toMatchObject({
    stdout: "200000\nTimeoutError: context deadline exceeded\n",
    stderr: "",
    status: 0,
  });
});

test("a deadlock: Go's words, the goroutine's reason and line, exit status 2", async () => {
  const app = `import { chan } from "gort";

export function main(): void {
  const never = chan<number>();
  console.log(never.recv());
}
`;
  using project = new UserProject({ "app.ts": app });
  const done = await project.gort("run", "app.ts");
  expect(done).toMatchObject({ stdout: "", status: 2 });
  expect(done.stderr).toContain("fatal error: all goroutines are asleep - deadlock!");
  expect(done.stderr).toContain("goroutine 1 [chan receive]:");
  expect(done.stderr).toMatch(/app\.ts:5\b/);
});

test("a deadlock of async functions: each is the last frame of what it waits for", async () => {
  using project = new UserProject({
    "app.ts": `import { chan } from "gort";
const never = chan<number>();
function receive(): void {
  never.recv();
}
async function below(): Promise<void> {
  receive();
}
async function loops(): Promise<void> {
  for (const v of never) console.log(v);
}
export async function main(): Promise<void> {
  void below();
  void loops();
  await 0;
  console.log(never.recv());
}
`,
  });
  const { stderr, status } = await project.gort("run", "app.ts");
  expect(status).toBe(2);
  const shown = stderr.replaceAll(/\t.*app\.ts:/g, "at ");
  expect(shown).toContain("[chan receive]:\nreceive(...)\nat 4:9\nbelow(...)\nat 7:3\n\n");
  expect(shown).toMatch(/\[chan receive\]:\nloops\(\.\.\.\)\nat 10:\d+\n\n/);
  expect(shown).toContain("[chan receive]:\nmain(...)\nat 16:21\n");
});

test("an error that async functions pass shows them, and who awaits them", async () => {
  using project = new UserProject({
    "app.ts": `import { sleep, wait } from "gort";
function fail(): never {
  sleep(1);
  throw new Error("boom");
}
class Service {
  async find(): Promise<void> {
    fail();
  }
  load(): void {
    wait(this.find());
  }
  async handle(): Promise<void> {
    this.load();
  }
}
const made = (): void => {
  const e = new Error("made before");
  sleep(1);
  throw e;
};
async function early(): Promise<void> {
  made();
}
const one = new Error("one");
function again(): void {
  sleep(1);
  throw one;
}
export async function main(): Promise<void> {
  const service = new Service();
  for (const f of [() => service.find(), () => service.handle(), early])
    try {
      await f();
    } catch (e) {
      console.log((e as Error).stack);
    }
  for (let i = 0; i < 100; i++) await (async () => again())().catch(() => {});
  console.log(one.stack!.split("\\n").length < 100);
}
`,
  });
  const { stdout } = await project.gort("run", "app.ts");
  const shown = stdout.replaceAll(/\(.*app\.ts:(\d+):\d+\)/g, "$1");
  expect(shown.split(/^(?=Error)/m).map((stack) => stack.trimEnd().split(/\n\s+at /))).toEqual([
    ["Error: boom", "fail 4", "Service.find 8", "async main 34"],
    ["Error: boom", "fail 4", "Service.find 8", "Service.load 11", "Service.handle 14", "async main 34"],
    ["Error: made before", "made 18", "early 23", "main 34\ntrue"],
  ]);
});

test("a stack that grows without end: Go's words, both ends of the stack, exit status 2", async () => {
  using project = new UserProject({
    "app.ts": `import { setMaxStack } from "gort";
function down(n: number): number { return 1 + down(n + 1); }
export function main(): void {
  setMaxStack(2_000_000);
  try { down(0); } catch { console.log("caught"); }
}
`,
  });
  const { stdout, stderr, status } = await project.gort("run", "app.ts");
  expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
  const lines = stderr.split("\n").filter((line) => !line.startsWith("\t"));
  expect(lines.slice(0, 4)).toEqual([
    "runtime: goroutine stack exceeds 2000000-byte limit",
    "fatal error: stack overflow",
    "",
    "goroutine 1 [running]:",
  ]);
  expect(lines.slice(4, 54)).toEqual(Array.from({ length: 50 }, () => "down(...)"));
  expect(lines[54]).toMatch(/^\.\.\.\d+ frames elided\.\.\.$/);
  expect(lines.slice(55, 104)).toEqual(Array.from({ length: 49 }, () => "down(...)"));
  expect(lines.slice(104).join(" ")).toMatch(/^(?:main\(\.\.\.\) )? code GORT_STACK_OVERFLOW: .* $/);
  expect(stderr).toContain("\tapp.ts:2:47\n".replace("app.ts", `${project.path("app.ts")}`));
});

test("an exception while loading is Node's to show, in the user's line, exit status 1", async () => {
  const app = `interface A { x: number }

function f(a: A): void { throw new Error("boom " + a.x); }
f({ x: 1 });
export function main(): void {}
`;
  using project = new UserProject({ "app.ts": app });
  const done = await project.gort("run", "app.ts");
  expect(done).toMatchObject({ stdout: "", status: 1 });
  expect(done.stderr).toContain("boom 1");
  // The first thing shown is the user's line, not one of ours.
  expect(done.stderr).toMatch(/^\S*app\.ts:3\nfunction f\(a: A\)/);
  expect(done.stderr).toMatch(/at f \(.*app\.ts:3:32\)/);
});

test("a blocking call while loading: what it means and the user's frames, none of ours or of Node's loader; listeners hear of it", async () => {
  const app = `import { sleep } from "gort";\nfunction f(): void { sleep(1); }\nf();\n`;
  const heard = `process.on("uncaughtException", (e) => console.log(e.code));\n`;
  using project = new UserProject({
    "app.ts": app,
    "place.ts": `import { parallel } from "gort";\nexport default parallel((n: number) => n);\n`,
    "heard.ts": `import "./listener.ts";\n${app}`,
    "listener.ts": heard,
  });
  const done = await project.gort("run", "app.ts");
  expect(done).toMatchObject({ stdout: "", status: 1 });
  expect(done.stderr).toMatch(
    /^GortError: gort: a blocking .*\n {4}at f \(.*app\.ts:2:22\)\n {4}at <anonymous> \(.*app\.ts:3:1\)\n\ncode GORT_NO_GOROUTINE: npx gort explain GORT_NO_GOROUTINE\n$/,
  );
  expect((await project.gort("run", "place.ts")).stderr).toMatch(
    /^GortError: gort: parallel was .*\n {4}at <anonymous> \(.*place\.ts:2:16\)\n\ncode GORT_PARALLEL_PLACE: /,
  );
  expect((await project.gort("run", "heard.ts")).stdout).toBe("GORT_NO_GOROUTINE\n");
});

test("a file that does not parse: place, frame, exit status 1, and nothing has run", async () => {
  using project = new UserProject({
    "app.ts": `import "./first.ts";\nimport "./broken.ts";\nexport function main(): void {}\n`,
    "first.ts": `console.log("ran");`,
    "broken.ts": `const a = 1;\nconst x = ;\n`,
  });
  const done = await project.gort("run", "app.ts");
  expect(done).toMatchObject({ stdout: "", status: 1 });
  // That, and nothing of the engine's.
  expect(done.stderr).toMatch(/^GORT_PARSE .*\n {2}\S*broken\.ts:2:11\n/);
  expect(done.stderr).toContain("> 2 | const x = ;\n    |           ^\n");
});

test("a construct that is not supported: what to write instead", async () => {
  using project = new UserProject({
    "app.ts": "enum Color { Red }\nconst x = $R + Color.Red;\nexport function main(): void { console.log(x); }\n",
  });
  const done = await project.gort("run", "app.ts");
  expect(done).toMatchObject({ stdout: "", status: 1 });
  expect(done.stderr).toContain("GORT_UNSUPPORTED");
  expect(done.stderr).toMatch(/app\.ts:2:11/);
  expect(done.stderr).toContain("Instead: Rename it.");
});

const mistakes: [name: string, args: string[], says: RegExp][] = [
  ["a missing file", ["run", "missing.ts"], /^gort: There is no file missing\.ts in .*\.\n$/],
  ["a file without its extension", ["run", "app"], /^gort: There is no file app in .*\. Did you mean app\.ts\?\n$/],
  ["a folder", ["run", "folder"], /^gort: folder is a folder\. Did you mean folder[\\/]main\.ts\?\n$/],
  ["a file of another kind", ["run", "package.json"], /^gort: package\.json is not a TypeScript or JavaScript file/],
  ["no file", ["run"], /^gort: Missing required args/],
  [
    "an option of Node's",
    ["run", "--inspect-brk", "app.ts"],
    /It is Node's, .*: node --inspect-brk .*gort\.js run app\.ts$/m,
  ],
  ["another one", ["run", "--watch", "app.ts"], /^gort: Unknown option `--watch`\. It is Node's/],
  ["a wrong option", ["run", "--frob", "app.ts"], /^gort: Unknown option `--frob`/],
  [
    "--procs without a number",
    ["run", "--procs", "many", "app.ts"],
    /^gort: --procs takes a whole number from 1 on; it was given "many"\.\n$/,
  ],
  ["--procs 0", ["run", "app.ts", "--procs=0"], /^gort: --procs takes a whole number from 1 on/],
  [
    "--trace",
    ["run", "--trace", "no/such/folder/out.trace", "app.ts"],
    /^gort: --trace cannot write no\/such\/folder\/out.trace: ENOENT/,
  ],
  ["--pprof", ["run", "--pprof=x:y", "app.ts"], /^gort: --pprof takes \[HOST:\]PORT; it was given "x:y"/],
  ["a wrong command", ["walk", "app.ts"], /^gort: There is no command walk\./],
  [
    "a file where the command goes",
    ["app.ts"],
    /^gort: There is no command app\.ts\. To run a file: gort run app\.ts\n$/,
  ],
  [
    "main that is no function",
    ["run", "number.ts"],
    /^gort: number\.ts exports main, but it is 3, not a function\.\n$/,
  ],
  [
    "neither main nor run",
    ["run", "nothing.ts"],
    /^gort: nothing\.ts has been loaded, but it exports no main and never called run\(\)/,
  ],
  [
    "main exported by default",
    ["run", "default.ts"],
    /^gort: default\.ts has been loaded, but it exports no main .*What it exports by default is not started\. Write/,
  ],
  ["check of a missing file", ["check", "missing.ts"], /^gort: There is no file missing\.ts/],
  ["check of a missing file among others", ["check", "app.ts", "missing.ts"], /^gort: There is no file missing\.ts/],
  [
    "check of an empty folder",
    ["check", "app.ts", "empty"],
    /^gort: There is no TypeScript or JavaScript file in the folder \/.*\/empty\.\n$/,
  ],
];

test.each(mistakes)("%s: one paragraph, exit status 1", async (_, args, says) => {
  using project = new UserProject({
    "app.ts": hello,
    "folder/main.ts": hello,
    "number.ts": "export const main = 3;",
    "nothing.ts": "export const x: number = 1;",
    "default.ts": "export default function main(): void {}",
    "empty/read.me": "",
  });
  const done = await project.gort(...args);
  expect(done).toMatchObject({ stdout: "", status: 1 });
  expect(done.stderr).toMatch(says);
});

test("a program without main that has started goroutines ends as it is, a server with `handler` too", async () => {
  using project = new UserProject({
    "app.ts": `import { createServer } from "node:http"; import { sleep } from "gort"; import { handler } from "gort/http";
const server = createServer(handler((req, res) => { sleep(1); res.end(req.url); }));
server.listen(0, "127.0.0.1", async () => {
  const { port } = server.address() as { port: number };
  console.log(await (await fetch(\`http://127.0.0.1:\${port}/served\`)).text());
  server.closeAllConnections(); server.close();
});`,
  });
  expect(await project.gort("run", "app.ts")).toMatchObject({ stdout: "/served\n", stderr: "", status: 0 });
});

test("what run and blocking start is known by where they stand", async () => {
  using project = new UserProject({
    "app.ts": `import { blocking, parallel, run, sleep, wait } from "gort";
const broken = parallel((n: number) => { throw new Error("broken " + n); });
function tell(e: unknown): void { console.log((e as Error).stack!.replaceAll(/\\(\\/.*\\/app/g, "(app")); }
export function main(): void {
  try { blocking(broken, 1); } catch (e) { tell(e); }
  try { wait(run(() => { sleep(1); throw new Error("in run"); })); } catch (e) { tell(e); }
}`,
  });
  const { stdout } = await project.gort("run", "app.ts");
  expect(stdout.match(/created by .*/g)).toEqual([
    "created by main in goroutine 1 (app.ts:5:9)",
    "created by main in goroutine 1 (app.ts:6:14)",
  ]);
});

test("the stack of an error that a waiting `finally` has let pass names each caller once", async () => {
  using project = new UserProject({
    "app.ts": `import { sleep, wait } from "gort";
function leaf() { try { throw new Error("boom"); } finally { sleep(1); } }
function up() { sleep(1); leaf(); }
function again(n: number): void { sleep(1); if (n > 0) again(n - 1); else throw new Error("again"); }
function tell(f: () => void): void {
  try { f(); } catch (e) { console.log((e as Error).stack!.match(/(?<=at )(?:async )?[\\w.]+(?= .*app\\.ts)/g)!.join(" ")); }
}
async function body() { tell(leaf); await null; tell(leaf); }
export function main() { tell(up); tell(leaf); tell(() => again(2)); wait(body()); }
`,
  });
  const { stdout } = await project.gort("run", "app.ts");
  expect(stdout.split("\n")).toEqual([
    "leaf up tell main",
    "leaf tell main",
    "again again again main.func1 tell main",
    "leaf tell body main",
    "leaf tell body",
    "",
  ]);
});

test("methods at computed keys are called by their keys, in panics and by gort check", async () => {
  using project = new UserProject({
    "app.ts": `import { sleep } from "gort";
const key = "dyn";
class A { [Symbol.dispose]() { sleep(1); throw new Error("boom"); } ["a b"]() { this[Symbol.dispose](); } [key + "x"]() { this["a b"](); } }
const o = { [Symbol.for("s")]: 1, [Symbol.dispose]() { (new A() as any).dynx(); }, [key]() { this[Symbol.dispose](); } };
export function main() { (o as any)[key](); }
`,
  });
  const { stderr } = await project.gort("run", "app.ts");
  expect(stderr.match(/^.*(?=\(\.\.\.\)$)/gm)).toEqual([
    "A._Symbol.dispose_",
    "A.a b",
    "A.[…]",
    "[Symbol.dispose]",
    "[key]",
    "main",
  ]);
  expect((await project.gort("check", "app.ts")).stdout).toContain(
    "A.[Symbol.dispose]: a method the engine calls cannot be suspended",
  );
});

test.skipIf(process.getuid?.() === 0)("a file that may not be read", async () => {
  using project = new UserProject({ "app.ts": hello });
  chmodSync(project.path("app.ts"), 0);
  const done = await project.gort("run", "app.ts");
  expect(done).toMatchObject({ stdout: "", stderr: "gort: app.ts cannot be read: permission denied.\n", status: 1 });
});

test("go from code that was not compiled is told so", async () => {
  using project = new UserProject({
    "app.mjs": `"use no gort";\nimport { go } from "gort";\ngo(() => console.log("never"));\n`,
  });
  const done = await project.type("node", ["app.mjs"]);
  expect(done).toMatchObject({ stdout: "", status: 1 });
  expect(done.stderr).toContain("GORT_NOT_COMPILED");
  expect(done.stderr).toContain("npx gort run");
  expect(done.stderr).toContain("@gort/compiler/register");
});

test("parallel in code that was not compiled is told so, and in a package what compiles it", async () => {
  const lib = `import { parallel } from "gort";\nexport const twice = parallel((n) => 2 * n);\n`;
  using project = new UserProject({
    "app.ts": `import { twice } from "lib";\nexport const main = () => console.log(twice(2));\n`,
    "bare.mjs": lib,
    "node_modules/lib/package.json": '{ "name": "lib", "type": "module", "exports": "./index.js" }',
    "node_modules/lib/index.js": lib,
  });
  expect((await project.type("node", ["bare.mjs"])).stderr).toContain("GORT_NOT_COMPILED");
  const { stderr } = await project.gort("run", "app.ts");
  expect(stderr).toContain("GORT_PARALLEL_PLACE");
  expect(stderr).toContain("`gort run --include lib`");
  expect(await project.gort("run", "--include", "lib", "app.ts")).toMatchObject({
    stdout: "4\n",
    stderr: "",
    status: 0,
  });
});

test("without gort installed in the project, the one beside the command is used", async () => {
  using project = new UserProject({});
  using other = new UserProject({ "app.ts": hello });
  const bare = join(tmpdir(), `gort-bare-${process.pid}.ts`);
  const common = bare.replace(/ts$/, "cjs");
  const { copyFileSync, rmSync, writeFileSync } = await import("node:fs");
  copyFileSync(other.path("app.ts"), bare);
  // Compiled, it requires the runtime: `require` looks from where the file is.
  writeFileSync(common, `const f = (g) => g() + 1;\nexports.main = () => console.log(f(() => 1));\n`);
  try {
    expect(await project.gort("run", bare)).toMatchObject({ stderr: "", status: 0 });
    expect(await project.gort("run", common)).toMatchObject({ stderr: "", stdout: "2\n", status: 0 });
  } finally {
    rmSync(bare, { force: true });
    rmSync(common, { force: true });
  }
});

const checked = {
  "app.ts": `import { chan, go } from "gort";
import { each } from "lib";
import { helper } from "./helper.ts";
console.log("ran");
const ch = chan<number>();
export function main(): void {
  helper();
  each([1], () => ch.send(1));
  JSON.parse("[]", (k) => ch.recv());
  new Promise(() => ch.recv());
  [1].forEach(() => ch.recv());
  go(() => each([2], (x) => x));
}
`,
  "helper.ts": `import { gosched, sleep } from "gort";
export function helper(): number { sleep(1); return 1; }

export class Box {
  get value(): number { return helper(); }
  get plain(): number { return 1; }
  set value(n: number) { while (n > 0) n -= helper(); }
  field = helper();
  static { helper(); }
  toString(): string { return String(helper()); }
  async later(): Promise<void> { helper(); await null; }
  *all(): Iterable<number> { yield helper(); }
  async *slowly(): AsyncIterable<number> { yield helper(); }
}
export class Sub extends Box {
  constructor() { super(); helper(); }
}
export class Early extends Sub {
  constructor() { const n = helper(); super(); this.field = n; }
}
export function evaluates(text: string): void { eval(text); gosched(); }
function optedOut(): void { "use no gort"; gosched(); }
helper();
`,
  "node_modules/lib/package.json": '{ "name": "lib", "type": "module", "exports": "./index.js" }',
  "node_modules/lib/index.js": "export function each(list, f) { for (const x of list) f(x); }",
};

test("gort check names every barrier with its place and reason, and runs nothing", async () => {
  using project = new UserProject(checked);
  const done = await project.gort("check", "app.ts");
  expect(done).toMatchObject({ stderr: "", status: 0 });
  expect(done.stdout).toMatchInlineSnapshot(`
    "app.ts:8:13: a callback of \`each\` cannot be suspended: lib is not compiled: make it \`async\` where a promise is welcome, wrap a (req, res) handler in \`handler(f)\` of gort/http, start a goroutine in it, or compile the package too (\`--include\`)
    app.ts:9:20: a callback of \`JSON.parse\` cannot be suspended: its caller cannot be suspended; use a loop, or start a goroutine in it
    app.ts:10:15: a callback of \`Promise\` cannot be suspended: its caller cannot be suspended; use a loop, or start a goroutine in it
    helper.ts:5:12: Box.value: a getter cannot be suspended: whoever reads the property goes on at once; make it a method
    helper.ts:7:12: Box.value: a setter cannot be suspended: whoever writes the property goes on at once; make it a method
    helper.ts:8:3: a class field or static block cannot be suspended: it runs inside \`new\`; assign the field in the constructor
    helper.ts:9:3: a class field or static block cannot be suspended: it runs inside \`new\`; assign the field in the constructor
    helper.ts:10:11: Box.toString: a method the engine calls cannot be suspended: the engine calls it in the middle of an operation; compiled code may call it and block, the engine may not
    helper.ts:12:7: Box.all: a generator cannot be suspended: the engine's \`next\` calls it; send the values over a channel from a goroutine
    helper.ts:13:16: Box.slowly: an async generator cannot be suspended: it hands out values in between; send them over a channel from a goroutine
    helper.ts:19:29: new Early: a call before \`super()\` has returned cannot be suspended: there is no \`this\` to save before \`super()\` has returned; call what blocks behind it
    helper.ts:21:8: evaluates: a function with direct \`eval\` cannot be suspended: \`eval\` looks its variables up by name; use \`new Function\` or none
    helper.ts:22:1: optedOut: a function that says "use no gort" cannot be suspended: it asks to be left as it is; take the directive out
    helper.ts:23:1: the top level of a module cannot be suspended: nothing below it can be resumed; export \`main\`, or \`await run(main)\`
    2 files: 9 functions can be suspended, 14 cannot
    "
  `);
});

test("gort check names functions that become properties the engine calls, and calls at the top, not within functions", async () => {
  using project = new UserProject({
    "app.ts": `import { chan } from "gort";
const ch = chan<number>();
export const it = { next: () => ({ done: true, value: ch.recv() }), other: () => ch.recv() };
export const p = new Proxy({}, { get: () => ch.recv(), has() { return ch.recv() === 1; } });
export function f(): void { work(3); }
function work(n: number): void { while (n > 0) n--; }
work(5);
`,
  });
  const { stdout } = await project.gort("check", "app.ts");
  expect(stdout.match(/^app\.ts:[^(\n]*?(?= cannot)/gm)).toEqual([
    "app.ts:3:27: next: a function the engine calls",
    "app.ts:4:39: get: a function the engine calls",
    "app.ts:4:59: has: a method the engine calls",
    "app.ts:7:1: the top level of a module",
  ]);
});

test("gort check follows what comes out of a package: objects it made, and chains of calls", async () => {
  const text = `import lib, { text } from "lib"; import { later } from "./own.ts"; import { EventEmitter } from "events";
import { sleep } from "gort";
const app = lib();
const own = later();
app.get("/", () => sleep(1));
text().min(1).refine(() => sleep(1));
new lib.Queue({}).each(() => sleep(1));
app.get("/", async () => sleep(1));
app.on("event", () => sleep(1));
app.load().then(() => sleep(1));
own.get("/", () => sleep(1));
new EventEmitter().each(() => sleep(1));
`;
  using project = new UserProject({ "app.ts": text, "own.ts": "export const later: any = () => 0;\n" });
  const { stdout } = await project.gort("check", "app.ts");
  expect(stdout.match(/^app\.ts:[^(\n]*?(?= cannot)/gm)).toEqual([
    "app.ts:5:14: a callback of `app.get`",
    "app.ts:6:22: a callback of `refine`",
    "app.ts:7:24: a callback of `each`",
  ]);
  expect(stdout).toContain("lib is not compiled: make it `async`");
});

test("gort check --include takes a package for compiled", async () => {
  using project = new UserProject(checked);
  const { stdout } = await project.gort("check", "--include", "lib", "app.ts");
  expect(stdout).not.toContain("lib is not compiled");
  expect(stdout).toMatch(/^3 files: /m);
});

test("gort check names the functions that could be parallel", async () => {
  using project = new UserProject({
    "app.ts": `import { readFileSync } from "node:fs";
import { clean, dirty } from "./other.ts";
let counter = 0;
const limit = 10;
const table = [1, 2, 3];
const cache: number[] = [];
const shared = { n: 1 };
class Acc { sum = 0; add(n: number): void { this.sum += n; } }
class Tally { static all = 0; }
export function main(): void { for (let i = 0; i < 9; i++) sums(i); }
export function counts(): void { for (;;) counter++; }
export function sums(n: number): number { let s = 0; for (let i = 0; i < Math.min(n, limit); i++) s += table[i]!; return s; }
export const withClass = (n: number): number => { const a = new Acc(); for (let i = 0; i < n; i++) a.add(i); return a.sum; };
export function reads(path: string): string { for (;;) { const text = readFileSync(path, "utf8"); if (text !== "") return text; } }
export function calls(n: number, f: (n: number) => void): void { for (let i = 0; i < n; i++) f(i); }
export function callsWithin(list: number[], f: (n: number) => void): void { for (;;) list.push(...list.map((n) => { f(n); return n; })); }
export function callsAll(list: number[], f: (n: number) => void): void { for (;;) list.forEach(f); }
export function usesCalls(n: number): number { let s = 0; calls(n, (i) => { s += i; }); for (let i = 0; i < n; i++) s++; return s; }
export function usesClean(n: number): number { let s = 0; for (let i = 0; i < n; i++) s += clean(i); return s; }
export function usesDirty(n: number): number { let s = 0; for (let i = 0; i < n; i++) s += dirty(i); return s; }
export function caches(n: number): void { for (let i = 0; i < n; i++) cache.push(i); }
export function writes(n: number): void { for (let i = 0; i < n; i++) shared.n = i; }
export function tallies(n: number): void { for (let i = 0; i < n; i++) Tally.all++; }
export function through(n: number): void { caches(n); }
export function closes(n: number): () => void { const inner = (): void => { while (n > 0) n--; }; return inner; }
export const tiny = (n: number): number => n * 2;
export async function waits(f: () => void): Promise<void> { f(); }
`,
    "other.ts": `let state = 0;
export function clean(n: number): number { while (n > 9) n /= 2; return n; }
export function dirty(n: number): number { while (n > 9) n /= 2; return n + state++; }
`,
  });
  const { stdout } = await project.gort("check", "app.ts");
  expect([...stdout.matchAll(/^(\S+): (\w+) could be parallel$/gm)].map((m) => `${m[1]} ${m[2]}`)).toEqual([
    "app.ts:12:8 sums",
    "app.ts:13:26 withClass",
    "app.ts:14:8 reads",
    "app.ts:18:8 usesCalls",
    "app.ts:19:8 usesClean",
    "other.ts:2:8 clean",
  ]);
  expect(stdout).toContain("6 could be parallel");
});

test("gort check refuses what threads will be refused: state of a module that a parallel function imports from, once", async () => {
  using project = new UserProject({
    "app.ts": `import { parallel } from "gort";
import { bump, size, read } from "./middle.ts";
export const f = parallel((n: number) => { bump(n); return size(); });
export const g = parallel((n: number) => { bump(n); return read(n); });
`,
    "middle.ts": `import { config, counted } from "./state.ts";
export function bump(n: number): void { counted(n); }
export function size(): number { return config.length; }
export const read = (n: number): number => n + config.length;
`,
    "state.ts": `export const config = [1, 2];
const seen = new Map<number, number>();
export function counted(n: number): void { seen.set(n, 1); }
`,
  });
  const done = await project.gort("check", "app.ts");
  expect(done.status).toBe(1);
  expect(done.stderr.match(/^GORT_\w+/gm)).toEqual(["GORT_PARALLEL_STATE"]);
  expect(done.stderr).toMatch(/uses `seen`, which is changed in line 3: .*\n {2}\S*state\.ts:3:44\n/);
  expect(done.stdout).toContain("1 file refused");
});

test("gort check --json", async () => {
  using project = new UserProject({
    "app.ts": `import "./broken.ts";\nexport class A { get x(): number { return f(); } }\nfunction f(): number { for (;;); }\n`,
    "broken.ts": "const a = ;",
  });
  const done = await project.gort("check", "app.ts", "--json");
  expect(done).toMatchObject({ stderr: "", status: 1 });
  expect(JSON.parse(done.stdout)).toEqual({
    files: ["app.ts", "broken.ts"],
    suspendable: 1,
    barriers: [
      {
        file: "app.ts",
        line: 2,
        column: 23,
        what: "a getter",
        name: "A.x",
        reason: "whoever reads the property goes on at once; make it a method",
      },
    ],
    parallel: [{ file: "app.ts", line: 3, column: 1, name: "f" }],
    errors: [
      {
        code: "GORT_PARSE",
        file: "broken.ts",
        line: 1,
        column: 11,
        message: expect.stringContaining("broken.ts:1:11") as string,
        hint: expect.any(String) as string,
      },
    ],
  });
});

test("gort check takes several files and folders: what they share counts once, packages and hidden folders do not", async () => {
  const getter = "export class A { get x(): number { return f(); } }\nfunction f(): number { for (;;); }\n";
  using project = new UserProject({
    "one.ts": 'import "./src/shared.ts";\n',
    "src/shared.ts": getter,
    "src/deep/two.mts": 'import "../shared.ts";\nexport function g(h: () => void): void { h(); }\n',
    "src/types.d.ts": "declare const x: number;\n",
    "src/notes.md": "no",
    "src/node_modules/lib/index.js": "export const a = ;",
    "src/.cache/old.ts": "export const a = ;",
  });
  const done = await project.gort("check", "one.ts", "src", "--json", "src/shared.ts");
  expect(done).toMatchObject({ stderr: "", status: 0 });
  const said = JSON.parse(done.stdout) as { files: string[]; suspendable: number; barriers: { file: string }[] };
  expect(said.files.toSorted()).toEqual(["one.ts", "src/deep/two.mts", "src/shared.ts"]);
  expect(said.suspendable).toBe(2);
  expect(said.barriers.map((b) => b.file)).toEqual(["src/shared.ts"]);
  const shown = await project.gort("check", "one.ts", "src");
  expect(shown.stdout).toMatch(/^3 files: 2 functions can be suspended, 1 cannot/m);
});

test("gort check shows what is refused and goes on: exit status 1", async () => {
  using project = new UserProject({
    "app.ts": `import "./a.ts";\nimport "./b.ts";\n`,
    "a.ts": "const x = ;",
    "b.ts": "export const f = $R",
  });
  const done = await project.gort("check", "app.ts");
  expect(done.status).toBe(1);
  expect(done.stderr).toMatch(/a\.ts:1:11/);
  expect(done.stderr).toMatch(/b\.ts:1:18/);
  expect(done.stdout).toContain("2 files refused");
});

test("--version and --help", async () => {
  using project = new UserProject({});
  expect((await project.gort("--version")).stdout).toMatch(/^gort\/\d+\.\d+\.\d+/);
  const help = await project.gort("--help");
  expect(help).toMatchObject({ status: 0, stderr: "" });
  expect(help.stdout).toContain("run <file>");
  expect(readdirSync(project.folder)).not.toContain(".cache");
});

test("a panic with a context's error says where it was thrown, also where the context had ended before", async () => {
  using project = new UserProject({
    "app.ts": `import { background, chan, go, sleep, withCancel, type Context } from "gort";
      function receive(ctx: Context): void {
        chan<number>().recv(ctx);
      }
      export function main(): void {
        const [ctx, cancel] = withCancel(background());
        cancel();
        if (process.argv[2] === "parked") sleep(1);
        if (process.argv[2] !== "go") receive(ctx);
        go(receive, ctx);
        sleep(1000);
      }`,
  });
  for (const how of ["", "parked", "go"]) {
    const { status, stderr } = await project.gort("run", "app.ts", how);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^panic: AbortError: context canceled\n\ngoroutine \d+ \[running\]:\nreceive\(\.\.\.\)\n\t\/.*app\.ts:3:\d+\n(?:main\(\.\.\.\)\n\t\/.*app\.ts:9:\d+\n|created by main in goroutine 1\n\t\/.*app\.ts:10:\d+\n)\ncode GORT_CANCELED: npx gort explain GORT_CANCELED\n$/,
    );
  }
});

test("what a handler of gort/http throws is on standard error, in the user's lines, and ends nothing; nor does what onError throws", async () => {
  using project = new UserProject({
    "app.ts": `import { sleep, wait } from "gort";
      import { serve } from "gort/http";
      import type { IncomingMessage, ServerResponse } from "node:http";
      function answer(req: IncomingMessage, res: ServerResponse): void {
        sleep(1);
        if (req.url === "/fails") throw new Error("in the handler");
        res.end("fine");
      }
      function get(at: string, path: string): number {
        const r = wait(fetch("http://" + at + path));
        wait(r.text());
        return r.status;
      }
      export function main(): void {
        for (const onError of [undefined, () => { throw new Error("at once"); }, () => { sleep(5); throw new Error("later"); }]) {
          const server = serve({ host: "127.0.0.1", ...(onError === undefined ? {} : { onError }) }, answer);
          console.log(get(server.addr, "/fails"), get(server.addr, "/"));
          sleep(20);
          server.close();
        }
      }`,
  });
  const { status, stdout, stderr } = await project.gort("run", "app.ts");
  expect({ status, stdout }).toEqual({ status: 0, stdout: "500 200\n500 200\n500 200\n" });
  expect(stderr).toMatch(
    /^http: panic serving 127\.0\.0\.1:\d+: Error: in the handler\n\ngoroutine \d+ \[running\]:\nanswer\(\.\.\.\)\n\t\/.*app\.ts:6:\d+\n/,
  );
  expect(stderr).toMatch(/^http: panic in onError: Error: at once\n\ngoroutine [^]*\n\t\/.*app\.ts:15:\d+\n/m);
  expect(stderr).toMatch(/^http: panic in onError: Error: later\n\ngoroutine [^]*\n\t\/.*app\.ts:15:\d+\n/m);
  expect(stderr.match(/^http: panic/gm)).toHaveLength(3);
});

test("what a program forks is run as it is: compiled, its main started", { timeout: 60_000 }, async () => {
  using project = new UserProject({
    "app.ts": `import cluster from "node:cluster";
import { fork } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { sleep, wait } from "gort";
export function main(): void {
  sleep(1);
  if (cluster.isWorker) {
    process.send!("worker");
    return;
  }
  const worker = cluster.fork();
  console.log(wait(once(worker, "message"))[0], wait(once(worker, "exit"))[0]);
  const child = fork(new URL("child.ts", import.meta.url), ["x"]);
  console.log(wait(once(child, "message"))[0], wait(once(child, "exit"))[0]);
  const thread = new Worker(new URL("thread.ts", import.meta.url), { execArgv: process.execArgv });
  // The two may come in one turn, and then no reaction runs between them.
  const exit = once(thread, "exit");
  console.log(wait(once(thread, "message"))[0], wait(exit)[0]);
}
`,
    "child.ts": `import { chan, go, run, sleep } from "gort";
const ch = chan<string>();
await run(() => {
  go(() => { sleep(1); ch.send("child " + process.argv[2]); });
  process.send!(ch.recv());
  process.disconnect();
});
export function main(): void { console.log("it has chosen its own main"); }
`,
    "thread.ts": `import { run, sleep } from "gort";
import { parentPort } from "node:worker_threads";
await run(() => { sleep(1); parentPort!.postMessage("thread"); });
export function main(): void { console.log("not on a thread"); }
`,
  });
  expect(await project.type("npx", ["gort", "run", "app.ts"])).toMatchObject({
    stdout: "worker 0\nchild x 0\nthread 0\n",
    stderr: "",
    status: 0,
  });
});
