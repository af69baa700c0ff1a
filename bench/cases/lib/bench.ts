/** What every case shares: choosing one by name, timing it, and the line a sample prints. */
import { go, gomaxprocs, parallel, sleep } from "gort";

/** Nanoseconds since some moment. */
export function now(): number {
  return performance.now() * 1e6;
}

let current = "";
let suffix = "";

/** Prints one sample the way the Go twins do: name, GOMAXPROCS, metric, value, unit, tab-separated. */
export function sample(metric: string, value: number, unit: string): void {
  process.stdout.write(`${current}\t1\t${metric}${suffix}\t${Number(value.toPrecision(4))}\t${unit}\n`);
}

/** Prints the time since `start` (of {@link now}) for each of `n` operations. */
export function per(metric: string, start: number, n: number, unit: string): void {
  sample(metric, (now() - start) / n, unit);
}

/** Prints the time since `start` in milliseconds. */
export function millis(metric: string, start: number): void {
  sample(metric, (now() - start) / 1e6, "ms");
}

const nothing = parallel((): void => {});

/** Has another thread, which then sleeps. */
function startThread(): void {
  const procs = gomaxprocs(2);
  go(nothing).join();
  sleep(200);
  gomaxprocs(procs);
}

/**
 * Runs the case that the command line names; once more where it says "steady", when the engine has optimised it; with "beside", where
 * another thread has been started before.
 */
export function choose(cases: Record<string, () => void>): void {
  current = process.argv[2] ?? "";
  const how = process.argv.slice(3);
  const f = cases[current];
  if (f === undefined) {
    console.error(`unknown case "${current}"; there are: ${Object.keys(cases).join(" ")}`);
    process.exitCode = 2;
    return;
  }
  if (how.includes("beside")) startThread();
  f();
  if (!how.includes("steady")) return;
  suffix = ", steady";
  f();
}

/** The value below which the share `p` of the sorted values lies. */
export function percentile(sorted: ArrayLike<number>, p: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]!;
}
