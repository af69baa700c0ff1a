/** Threads that end, and processes that die with goroutines on several threads: what others see of it, and what is printed. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "threads");
const gort = join(import.meta.dirname, "../packages/devtools/bin/gort.js");

interface Outcome {
  status: number | string | null;
  stdout: string;
  stderr: string;
}

function run(
  args: readonly string[],
  env: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    // Not forced, also where all else is: who waits until another thread takes a goroutine would take it itself, at the first suspension.
    const forced = { GORT_FORCE: "" };
    const own = { ...process.env, ...forced, NODE_OPTIONS: flags.join(" "), GOTRACEBACK: "all", ...env };
    const [name, ...rest] = args;
    const child = spawn(process.execPath, [gort, "run", join(folder, `${name}.ts`), ...rest], {
      env: own,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (s: string) => (stdout += s));
    child.stderr.setEncoding("utf8").on("data", (s: string) => (stderr += s));
    child.on("error", reject);
    child.on("close", (status, by) => {
      // Numbers of threads and goroutines, and which machine and folder it is, are not what is said.
      const masked = stderr
        .replaceAll(`${folder}/`, "")
        .replaceAll(/(?<=thread )M\d+/g, "M")
        .replaceAll(/(?<=^goroutine )\d+/gm, "N")
        .replaceAll(/(?<=:\d+):\d+$/gm, "");
      resolve({ status: status ?? by, stdout, stderr: masked });
    });
  });
}

const lost = (name: string): RegExp =>
  new RegExp(
    `^goroutine N \\[lost\\]:\\n${name}\\(\\.\\.\\.\\)\\ncreated by main\\S* in goroutine 1\\n\\tends\\.ts:\\d+$`,
    "m",
  );

test.concurrent("process.exit on a thread: its goroutines fail at their joiners, others go on, locks are free", async () => {
  const { status, stdout, stderr } = await run(["ends"]);
  expect(stdout)
    .toBe(`GortError GORT_THREAD_ENDED: gort: the thread that ran this goroutine has ended: M, process.exit(3) was called on it
true
GortError GORT_THREAD_ENDED: gort: the thread that ran this goroutine has ended: M, process.exit(0) was called on it
mutex and semaphore are free again
received 7
wait GORT_THREAD_ENDED
stream 1 GortError GORT_THREAD_ENDED: gort: the thread that ran this goroutine has ended: M, process.exit(3) was called on it
168 1
`);
  expect(
    stderr.match(
      /^gort: thread M has ended: process\.exit\([03]\) was called on it; \d+ goroutines? (?:is|are) lost$/gm,
    ),
  ).toHaveLength(4);
  for (const name of ["exits", "holds"]) expect(stderr).toMatch(lost(name));
  expect(status).toBe(0);
}, 60_000);

test.concurrent("what fails on a thread outside of goroutines is for main's listeners, and the thread goes on", async () => {
  const { status, stdout, stderr } = await run(["heard", "listen"]);
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: `uncaughtException: TypeError: in a timer
unhandledRejection: RangeError: rejected
still here
exit with 2
`,
    stderr: expect.stringMatching(/^panic: Error: nobody asks\n/),
  });
}, 60_000);

test.concurrent.each([
  ["timer", 2, /^panic: TypeError: in a timer\n[^]*\nthread M \[running\]\n$/],
  ["opaque", 2, /^panic: an object\n[^]*\nthread M \[running\]\n$/],
  ["rejection", 1, /RangeError: rejected\n/],
])(
  "without a listener the process ends: %s",
  async (how, code, text) => {
    const { status, stdout, stderr } = await run(["heard", how]);
    expect([status, stdout]).toEqual([code, `exit with ${code}\n`]);
    expect(stderr).toMatch(text);
  },
  60_000,
);

test.concurrent.each(["2", "4"])(
  "what was on the way when a thread ended is lost to nobody, gomaxprocs %s",
  async (procs) => {
    const { status, stdout, stderr } = await run(["lost", procs]);
    expect({ stdout, died: status === 0 ? "" : stderr }).toEqual({
      stdout: `outcome: GORT_THREAD_ENDED
values, in their order: [ 1, 2 ]
taken from the inbox and not heard: 7
the next waiter: signalled
a group with goroutines there: GORT_THREAD_ENDED
a group with goroutines there: GORT_THREAD_ENDED
a context from there: AbortError: context canceled GORT_THREAD_ENDED undefined
of a locked thread: undefined AbortError: context canceled
shared memory: 7
nobody has received it, send: port closed, file EBADF
nobody has received it, select: port closed, file EBADF
queued on a P that is no more: 190
`,
      died: "",
    });
  },
  60_000,
);

test.concurrent("out of memory, ended from outside", async () => {
  const done = await run(["memory"], {}, ["--max-old-space-size=100"]);
  const text = "gort: the thread that ran this goroutine has ended: M";
  expect(done.stdout).toBe(`${text}, it is out of memory\n${text}, it was terminated\n${text}, it was terminated\n`);
  expect(done.status).toBe(0);
}, 60_000);

test.concurrent("threads ended at random: all work is done in the end", async () => {
  const seed = String(Date.now() % 1_000_000);
  const done = await run(["killed", seed]);
  expect({ seed, stdout: done.stdout, status: done.status }).toEqual({ seed, stdout: "done\n", status: 0 });
}, 60_000);

test.concurrent("a deadlock shows the goroutines of all threads", async () => {
  const done = await run(["dies", "deadlock"]);
  expect(done.stderr).toMatch(
    /^fatal error: all goroutines are asleep - deadlock!\n\ngoroutine N \[chan receive\]:\nmain\(\.\.\.\)\n[^]*\n\ngoroutine N \[chan receive\]:\nwaits\(\.\.\.\)/,
  );
  expect(done.status).toBe(2);
});

test.concurrent("a fatal error, too, also of one that computes", async () => {
  const done = await run(["dies", "fatal"]);
  expect(done.stderr).toMatch(/^fatal error: go of nil func value\n\ngoroutine N \[running\]:\nmain/);
  expect(done.stderr).toMatch(/\ngoroutine N \[chan receive\]:\nwaits/);
  expect(done.stderr).toMatch(/\ngoroutine N \[runnable\]:\ncomputes\(\.\.\.\)\n\tdies\.ts:12/);
  expect(done.status).toBe(2);
});

test.concurrent("a panic on another thread ends the process once", async () => {
  const done = await run(["dies", "panic"]);
  expect(done.stderr).toMatch(/^panic: Error: boom\n\ngoroutine N \[running\]:\nmain\.func/);
  expect(done.stderr).toMatch(/\n\nthrown by goroutine \d+:\npanics/);
  expect(done.stderr.match(/panic:/g)).toHaveLength(1);
  expect(done.stderr).toMatch(/\ngoroutine N \[chan receive\]:\nwaits/);
  expect(done.status).toBe(2);
});

test.concurrent("what nobody has asked for on another thread is in the report of a deadlock, the first ten", async () => {
  const done = await run(["dies", "unheard"]);
  const failed =
    /goroutine N has failed, and nobody has joined it:\npanic: Error: boom \d+\n\ngoroutine N \[running\]:\nkeeps/g;
  // One that came to main instead fails there, too.
  expect(done.stderr.match(failed)).toHaveLength(10);
  expect(done.stderr).toMatch(/\n\n\.\.\.\d+ more have failed, and nobody has joined them\.\.\.\n\ncode GORT_DEADLOCK/);
  expect(done.status).toBe(2);
});

test.concurrent("what a thread throws is told apart from who joins it", async () => {
  const done = await run(["dies", "joined"], { GOTRACEBACK: "single" });
  expect(done.stderr.replace(/(?<=thrown by goroutine )\d+/, "N")).toBe(`panic: Error: boom

goroutine N [running]:
joins(...)
	dies.ts:23
main(...)
	dies.ts:46

thrown by goroutine N:
panics(...)
	dies.ts:17
created by joins in goroutine 1
	dies.ts:23
`);
  expect(done.status).toBe(2);
});

test.concurrent("process.exitCode and process.env set on a thread are the process's", async () => {
  const joined = await run(["status", "join"], { GOMAXPROCS: "3" });
  expect(joined).toMatchObject({ status: 3, stdout: "true 3 yes\nSet(1) { 'later' }\n" });
  expect((await run(["status", "wait"], { GOMAXPROCS: "3" })).status).toBe(3);
}, 60_000);
