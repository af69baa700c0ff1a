/** The exit status and the environment are the process's, whatever thread a goroutine runs on. */
import { go, parallel, WaitGroup } from "gort";
import { isMainThread } from "node:worker_threads";

/** Computes long enough for other threads to start; says that it ran on one. */
const checks = parallel((n: number): boolean => {
  let x = 0;
  for (let i = 0; i < 1e7; i++) x += i % n;
  if (isMainThread || x < 0) return false;
  process.exitCode = 3;
  process.env["SET_THERE"] = "yes";
  return true;
});

const reads = parallel((n: number): string => {
  let x = 0;
  for (let i = 0; i < 1e6; i++) x += i % n;
  return x < 0 ? "" : String(process.env["SET_HERE"]);
});

export function main(): void {
  if (process.argv[2] === "wait") {
    // Nobody asks main before it ends.
    const wg = new WaitGroup();
    for (let n = 1; n <= 40; n++) wg.go(checks, n);
    wg.wait();
    return;
  }
  const ran = Array.from({ length: 40 }, (_, n) => go(checks, n + 1)).map((g) => g.join());
  console.log(ran.includes(true), process.exitCode, process.env["SET_THERE"]);
  process.env["SET_HERE"] = "later";
  const read = Array.from({ length: 20 }, (_, n) => go(reads, n + 1)).map((g) => g.join());
  console.log(new Set(read));
}
