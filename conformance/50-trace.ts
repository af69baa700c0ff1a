/**
 * What Go holds of execution traces: each blocking call is an event of its kind, with the stack of who called it. Written as JSON here; the
 * binary form has the same events (packages/devtools/test/trace.test.ts opens it with Go's own tool).
 */
import {
  background,
  chan,
  Cond,
  go,
  gomaxprocs,
  gosched,
  Mutex,
  nilChan,
  select,
  sending,
  sleep,
  stats,
  WaitGroup,
} from "gort";
import { exec } from "gort/exec";
import { readFile } from "gort/fs";
import { dial, listen } from "gort/net";
import { log, newTask, withRegion } from "gort/trace";
import { startTrace } from "@gort/devtools";

interface Entry {
  ph: string;
  name: string;
  cat?: string;
  dur?: number;
  args?: { stack?: string; name?: string };
}

function work(): void {
  const kept: unknown[] = [];
  go(function func1() {
    select();
  });
  go(function func2() {
    const c = nilChan<number>();
    kept.push(c);
    c.send(0);
  });
  go(function func3() {
    nilChan<number>().recv();
  });
  const done1 = chan<boolean>();
  go(function func4() {
    done1.recv();
  });
  const done2 = chan<boolean>();
  go(function func5() {
    done2.send(true);
  });
  const [c1, c2] = [chan<number>(), chan<number>()];
  go(function func6() {
    select({ a: c1, b: c2 });
  });
  const mu = new Mutex();
  mu.lock();
  go(function func7() {
    mu.lock();
    mu.unlock();
  });
  const wg = new WaitGroup();
  wg.add(1);
  go(function func8() {
    wg.wait();
  });
  const cv = new Cond(new Mutex());
  go(function func9() {
    cv.mu.lock();
    cv.wait();
    cv.mu.unlock();
  });
  const ln = listen({ host: "127.0.0.1", port: 0 });
  go(function func10() {
    ln.accept().close();
  });
  const read = chan<boolean>(2);
  go(function func11() {
    readFile(process.argv[1]!);
    read.send(true);
  });
  go(function func12() {
    exec("true");
    read.send(true);
  });

  sleep(50);
  do gosched();
  while (stats().states["runnable"] !== undefined); // until all of them wait
  done1.send(true);
  done2.recv();
  select({ a: sending(c1, 0), b: sending(c2, 0) });
  mu.unlock();
  wg.done();
  cv.signal();
  dial({ host: "127.0.0.1", port: ln.port }).close();
  while (read.len < 2) sleep(5);
  ln.close();
  const [ctx, task] = newTask(background(), "task");
  withRegion(ctx, "region", () => log(ctx, "category", "message"));
  task.end();
  gomaxprocs(gomaxprocs() + 1);
  // A goroutine that runs to its end, and one that yields.
  const last = new WaitGroup();
  last.go(function func13() {});
  last.go(function func14() {
    gosched();
  });
  last.wait();
}

/** The functions of a stack, the innermost first, as far as they are this file's or say what was waited for. */
function functions(stack: string): string {
  return stack
    .split("\n")
    .map((line) => line.replace(/ \/.*$/, ""))
    .join(" < ");
}

export function main(): void {
  const parts: Uint8Array[] = [];
  const trace = startTrace((bytes) => void parts.push(bytes), { format: "chrome" });
  work();
  trace.stop();
  const { traceEvents } = JSON.parse(Buffer.concat(parts).toString()) as { traceEvents: Entry[] };
  const states = new Set<string>();
  const marks = new Set<string>();
  for (const { ph, name, cat, args } of traceEvents) {
    if (ph === "X" && cat === "goroutine" && name !== "running" && !(name === "runnable" && args === undefined)) {
      states.add(`${name.padEnd(16)} ${functions(args?.stack ?? "")}`);
    } else if (cat === "task" || cat === "region" || cat === "log") marks.add(`${ph} ${cat} ${name}`);
  }
  // Whether a slice ends in a loop is chance.
  const named = [...states].filter((line) => /\bfunc\d|\bwork\b/.test(line) && !line.includes("(preempted)"));
  console.log(named.sort().join("\n"));
  console.log([...marks].join("\n"));
  console.log("dropped", trace.dropped);
}
