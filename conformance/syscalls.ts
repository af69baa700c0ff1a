/** Node's synchronous functions in compiled code, with parallel goroutines beside them: the same results, `this`, exceptions. */
import { AtomicInt, go, gomaxprocs, parallel, wait } from "gort";
import cp, { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const step = parallel((hits: AtomicInt, all: number, told: string): void => {
  if (hits.add(1) === all) fs.writeFileSync(told, "");
});

const next = parallel((n: number): number => n + 1);

/** In an event, while main is idle. */
function inEvent(done: (n: Promise<number>) => void): void {
  setTimeout(() => {
    fs.readFileSync(import.meta.filename);
    done(go(next, 6).asPromise());
  }, 1);
}

function program(text: string): string {
  return execFileSync(process.execPath, ["-e", text], { encoding: "utf8", env: {} });
}

export function main(): void {
  const file = join(tmpdir(), `gort-${process.pid}.txt`);
  fs.writeFileSync(file, "one\n");
  fs.appendFileSync(file, "two\n");
  console.log(JSON.stringify(fs.readFileSync(file, "utf8")));
  fs.rmSync(file);
  try {
    fs.readFileSync(file);
  } catch (e) {
    console.log((e as { code: string }).code);
  }
  gomaxprocs(1);
  const hits = new AtomicInt();
  for (let i = 0; i < 20; i++) go(step, hits, 20, file);
  // Main is in the call until they have run.
  const waits = `
    const { existsSync } = require("node:fs");
    let polls = 0;
    const look = () => existsSync(${JSON.stringify(file)}) || ++polls > 2000 ? console.log(7 * 6) : setTimeout(look, 10);
    look();`;
  console.log(program(waits).trim(), "meanwhile", hits.load());
  fs.rmSync(file);
  console.log(cp.spawnSync(process.execPath, ["-e", "process.exit(3)"]).status);
  // Main has gone back to where it can be woken: its own goroutine, and the only P.
  console.log(wait(new Promise(inEvent)));
}
