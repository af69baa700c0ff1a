/** What ends the process, and what it prints. Each program runs in a process of its own. */
import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

const url = (path: string): string => pathToFileURL(`${import.meta.dirname}/${path}`).href;

/** Runs a program written with hand-made frames. */
function program(body: string, env: Record<string, string> = {}): Promise<Outcome> {
  const text = `
    import { seq } from "${url("frames.ts")}";
    import { chan, go, goexit, gosched, run, sleep, wait, Mutex, select } from "${url("../src/index.ts")}";
    import { runMain } from "${url("../src/scheduler/main.ts")}";
    ${body}`;
  return new Promise((resolve) => {
    const args = ["--input-type=module", "-e", text];
    execFile(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: "", ...env } }, (e, stdout, stderr) => {
      resolve({ status: e === null ? 0 : Number(e.code), stdout, stderr });
    });
  });
}

test("the end of main is the end of the process, whatever the others do", async () => {
  const r = await program(`process.on("exit", (c) => console.log("exit", c)); process.exitCode = 3;
    runMain(seq(() => void go(seq(() => chan().recv())), () => sleep(1), () => console.log("main")));`);
  expect(r).toEqual({ status: 3, stdout: "main\nexit 3\n", stderr: "" });
});

test("… also those that were about to run", async () => {
  const r = await program(`const never = seq(() => console.log("never"));
    runMain(seq(() => { for (let i = 0; i < 5; i++) go(never); }, () => console.log("main")));`);
  expect(r).toEqual({ status: 0, stdout: "main\n", stderr: "" });
});

test("a rejection that nobody has handled by the end of main is told of", async () => {
  const r = await program(`runMain(() => void Promise.reject(new Error("nobody handles it")));`);
  expect({ ...r, stderr: r.stderr.includes("Error: nobody handles it\n") }).toEqual({
    status: 1,
    stdout: "",
    stderr: true,
  });
  const handled = await program(
    `runMain(() => { const p = Promise.reject(1); Promise.resolve().then(() => p.catch(() => {})); });`,
  );
  expect(handled).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("main's return waits for a thread that is about to say why the process ends, for a second at most", async () => {
  const r = (ending: string): Promise<Outcome> =>
    program(`const { exitProcess } = await import("${url("../src/scheduler/main.ts")}");
      const { S } = await import("${url("../src/scheduler/p.ts")}");
      let looks = 0; S.shared = { hear() {}, ending() { looks++; return ${ending}; } };
      process.on("exit", () => console.log(looks > 2)); exitProcess();`);
  expect(await r("looks > 2 ? 2 : -2")).toEqual({ status: 2, stdout: "true\n", stderr: "" });
  expect(await r("-2")).toEqual({ status: 0, stdout: "true\n", stderr: "" });
  expect(await r("-1")).toEqual({ status: 0, stdout: "false\n", stderr: "" });
});

test("deadlock: every goroutine, its state, its stack; exit status 2", async () => {
  const expected =
    "fatal error: all goroutines are asleep - deadlock!\n\n" +
    "goroutine 1 [chan receive]:\nsteps(...)\n\t/app.ts:1:1\n\n" +
    "goroutine 2 [select (no cases)]:\nsteps(...)\n\t/app.ts:1:1\ncreated by (unknown) in goroutine 1\n\n" +
    "code GORT_DEADLOCK: npx gort explain GORT_DEADLOCK\n";
  const body = `(seq(() => void go(seq(() => select())), () => chan().recv()));`;
  const embedded = await program(`await run${body}`);
  expect(embedded).toEqual({ status: 2, stdout: "", stderr: expected });
  expect(await program(`runMain${body}`)).toEqual({ status: 2, stdout: "", stderr: expected });
});

test("a pending promise or timer is no deadlock", async () => {
  const r = await program(`setTimeout(() => {}, 20);
    await run(() => wait(new Promise((r) => setTimeout(r, 10)))); console.log("done");`);
  expect(r).toEqual({ status: 0, stdout: "done\n", stderr: "" });
});

test("goroutines nobody waits for are no deadlock", async () => {
  const r = await program(`await run(() => void go(seq(() => chan().recv()))); console.log("done");`);
  expect(r).toEqual({ status: 0, stdout: "done\n", stderr: "" });
});

test("goexit on main: the others go on, then it is a deadlock", async () => {
  const r = await program(
    `runMain(seq(() => void go(seq(() => sleep(2), () => console.log("other"))), () => goexit()));`,
  );
  expect(r).toEqual({
    status: 2,
    stdout: "other\n",
    stderr: "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n",
  });
});

test("an uncaught exception is Go's panic", async () => {
  const r = await program(`runMain(seq(() => sleep(1), function failing() { throw new Error("boom"); }));`);
  expect(r.status).toBe(2);
  expect(r.stderr).toMatch(/^panic: Error: boom\n\ngoroutine 1 \[running\]:\n.*failing\(\.\.\.\)\n\t/);
  expect(r.stderr).not.toContain("execute");
});

test("a panic tells causes and the errors inside, each with its place, once; and the code of the first that has one", async () => {
  const r = await program(`runMain(function failing() {
    const inner = new Error("inner", { cause: new TypeError("deep") });
    inner.cause.cause = inner;
    const e = new AggregateError([new Error("a"), inner, "text"], "all failed");
    throw Object.assign(e, { cause: Object.assign(new Error("c"), { code: "ERR_C" }) });
  });`);
  expect(r.status).toBe(2);
  expect(
    r.stderr.replace(/ \(failing \S*:\d+:\d+\)/g, " PLACE").replace(/(?<=running\]:\n)[^]*(?=\ncode)/, "…\n"),
  ).toBe(
    `panic: AggregateError: all failed
\terror: Error: a PLACE
\terror: Error: inner PLACE
\t\tcaused by: TypeError: deep PLACE
\t\t\tcaused by: Error: inner (see above)
\terror: text
\tcaused by: Error: c PLACE

goroutine 1 [running]:
…

code ERR_C
`,
  );
});

test("a message of several lines is shown as it is, and further in where it is a cause", async () => {
  const r = await program(
    `runMain(function failing() { throw new Error("found:\\nf(...)\\n\\tf.ts:1:1", { cause: new Error("in:\\ng(...)\\n\\tg.ts:1:1") }); });`,
  );
  expect(r.stderr).toContain(
    "panic: Error: found:\nf(...)\n\tf.ts:1:1\n\tcaused by: Error: in:\ng(...)\n\t\tg.ts:1:1 (",
  );
});

test("a listener of uncaughtException owns it", async () => {
  const r = await program(`process.on("uncaughtException", (e, origin) => console.log("seen", e.message, origin));
    const { R } = await import("${url("../src/internal/state.ts")}");
    await run(seq(() => R.goAt(null, () => { throw new Error("boom"); }), () => sleep(2), () => console.log("on")));`);
  expect(r).toEqual({ status: 0, stdout: "seen boom uncaughtException\non\n", stderr: "" });
});

test("an exception nobody joined is fatal at the end of the process", async () => {
  const r = await program(
    `globalThis.kept = await run(() => go(() => { throw new Error("lost"); })); await run(() => sleep(5));`,
  );
  expect(r.status).toBe(2);
  expect(r.stderr).toMatch(/^panic: Error: lost\n/);
});

test("GOTRACEBACK", async () => {
  const body = `runMain(seq(() => void go(seq(() => chan().recv())), () => sleep(1), () => { throw new Error("x"); }));`;
  const none = await program(body, { GOTRACEBACK: "none" });
  expect(none.stderr).toBe("panic: Error: x\n");
  const all = await program(body, { GOTRACEBACK: "all" });
  expect(all.stderr).toContain("goroutine 2 [chan receive]:");
});

test("a listener of SIGQUIT owns it", async () => {
  const r = await program(`process.on("SIGQUIT", () => { console.log("mine"); process.exit(0); });
    await run(seq(() => sleep(1), () => process.kill(process.pid, "SIGQUIT"), () => sleep(5000)));`);
  expect(r).toEqual({ status: 0, stdout: "mine\n", stderr: "" });
});
